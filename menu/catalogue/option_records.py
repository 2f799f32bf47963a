"""Options and their groups as plain immutable records."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from menu.dietary.allergens import UNSTATED, WISHES, DietaryInfo, largest
from menu.drawing import effects
from menu.fields import translated


@dataclass(frozen=True)
class MenuOption:
    id: int
    name_en: str
    name_zh_hans: str
    price_delta: Decimal
    is_available: bool
    is_default: bool
    drawing_effect: str = ""
    contents: DietaryInfo = UNSTATED

    name = translated("name")

    @property
    def draws(self) -> str:
        """Its effect on the drawing on the item's page, such as "ice=1" (`menu.drawing.effects`)."""
        return effects.says(self.drawing_effect)


@dataclass(frozen=True)
class MenuGroup:
    id: int
    name_en: str
    name_zh_hans: str
    min_choices: int
    max_choices: int
    options: tuple[MenuOption, ...]
    adds_ingredients: bool = True

    name = translated("name")

    @property
    def is_required(self) -> bool:
        return self.min_choices > 0

    @property
    def is_single(self) -> bool:
        return self.max_choices == 1

    def on_offer(self) -> tuple[MenuOption, ...]:
        return tuple(option for option in self.options if option.is_available)

    def defaults(self) -> tuple[MenuOption, ...]:
        """Return the available options that are chosen by default, at most `max_choices`."""
        return tuple(option for option in self.on_offer() if option.is_default)[: self.max_choices]

    def as_it_comes(self) -> tuple[MenuOption, ...]:
        """Return the options to expect when nobody chooses: the defaults, or any option if too few are set."""
        return self.defaults() if len(self.defaults()) >= self.min_choices else self.options

    @cached_property
    def suited_by_choice(self) -> list[frozenset[str]]:
        """The largest sets of dietary filters that one choice of options satisfies; none if too few are available."""
        by_count: list[list[frozenset[str]]] = [[frozenset(WISHES)], *([] for _ in range(self.min_choices))]
        for option in self.on_offer():
            suited = option.contents.wishes
            for count in range(self.min_choices, 0, -1):
                by_count[count] = largest([*by_count[count], *(suited & fewer for fewer in by_count[count - 1])])
        return by_count[self.min_choices]
