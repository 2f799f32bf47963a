"""The menu as plain immutable records: what pages render, API clients read, and orders are checked against."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from django.utils.safestring import SafeString

from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.dietary.allergens import UNSTATED, WISHES, DietaryInfo, filter_name, largest
from menu.drawing.configurable import draw_served
from menu.drawing.cutaway import Cutaway, draw
from menu.fields import translated


@dataclass(frozen=True)
class SoldItem:
    """The fields of an item that checking and pricing an order need."""

    id: int
    slug: str
    name_en: str
    name_zh_hans: str
    price: Decimal
    is_available: bool  # the manager's switch
    max_per_order: int
    groups: tuple[MenuGroup, ...]
    own_contents: DietaryInfo = field(default=UNSTATED, kw_only=True)  # without any option

    name = translated("name")

    @property
    def can_be_made(self) -> bool:
        """True if the item and enough options of every required group are available. Stock is not considered."""
        return self.is_available and all(len(group.on_offer()) >= group.min_choices for group in self.groups)

    def contents_with(self, options: Iterable[MenuOption]) -> DietaryInfo:
        """Return the item's dietary info with these of its options: the only place where allergens are added up."""
        adding = {option.id for group in self.groups_that_add() for option in group.options}
        return self.own_contents.combine(option.contents for option in options if option.id in adding)

    def groups_that_add(self) -> Iterator[MenuGroup]:
        return (group for group in self.groups if group.adds_ingredients)


@dataclass(frozen=True)
class MenuItem(SoldItem):
    description_en: str
    description_zh_hans: str
    is_counted_out: bool  # its stock count is zero
    is_new: bool
    prep_seconds: int
    tint: str
    cutaway: Cutaway
    picture_hash: str
    picture_width: int = 0  # pixels
    picture_height: int = 0  # pixels
    # For search by people without a Chinese keyboard.
    name_pinyin: str = ""
    description_pinyin: str = ""

    description = translated("description")

    @property
    def drawing(self) -> SafeString:
        return draw(self.cutaway, key=self.slug)

    @property
    def changes_with_choices(self) -> bool:
        return not self.picture_hash and any(option.draws for group in self.groups for option in group.on_offer())

    @property
    def served_drawing(self) -> SafeString:
        """The drawing with every part that options can change, showing the default options."""
        offered = tuple(option.drawing_effect for group in self.groups for option in group.on_offer())
        chosen = tuple(option.drawing_effect for group in self.groups for option in group.defaults())
        return draw_served(self.cutaway, offered=offered, chosen=chosen, key=self.slug)

    def drawing_with(self, options: Iterable[MenuOption], *, key: str) -> SafeString:
        """Return the drawing with the effects of these options; its SVG ids begin with `key`."""
        chosen = tuple(option.drawing_effect for option in options)
        return draw_served(self.cutaway, offered=chosen, chosen=chosen, key=key)

    @property
    def sold_out(self) -> bool:
        return self.is_counted_out or not self.can_be_made

    @cached_property
    def contents(self) -> DietaryInfo:
        """Its dietary info as it comes, with its default options (`MenuGroup.as_it_comes`)."""
        return self.contents_with(option for group in self.groups for option in group.as_it_comes())

    def all_contents(self) -> Iterator[DietaryInfo]:
        """Yield the dietary info of the item and of each of its options that adds ingredients."""
        yield self.own_contents
        yield from (option.contents for group in self.groups_that_add() for option in group.options)

    @property
    def tells_contents(self) -> bool:
        """True if staff have stated any dietary info of the item or of one of its options."""
        return any(contents != UNSTATED for contents in self.all_contents())

    @property
    def depends_on_choice(self) -> bool:
        return any(self.groups_that_add())

    @cached_property
    def suits(self) -> str:
        """The dietary filters that it satisfies with its default options: their keys, separated by blanks."""
        return _words(self.contents.wishes)

    @cached_property
    def can_suit(self) -> str:
        """The filters that only another choice of options satisfies; two of them may need two different choices."""
        by_choice = frozenset[str]().union(*self.suited_by_choice)
        return _words(by_choice.difference(self.suits.split()))

    @cached_property
    def suits_together(self) -> str:
        """The filters that each choice of options satisfies, as "gluten|milk vegan"; "" if one choice satisfies all.

        Filters that all of these choices satisfy are left out.
        """
        choices = self.suited_by_choice
        if len(choices) < 2:
            return ""
        by_any_choice = frozenset.intersection(*choices)
        return "|".join(_words(suited - by_any_choice) for suited in choices)

    @cached_property
    def suited_by_choice(self) -> list[frozenset[str]]:
        """The largest sets of dietary filters that one choice of its options satisfies."""
        suited = [self.own_contents.wishes]
        for group in self.groups_that_add():
            suited = largest(one & other for one in suited for other in group.suited_by_choice)
        return suited

    @property
    def can_suit_names(self) -> list[str]:
        return [filter_name(wish) for wish in self.can_suit.split()]


def _words(wishes: Collection[str]) -> str:
    return " ".join(wish for wish in WISHES if wish in wishes)


@dataclass(frozen=True)
class MenuCategory:
    slug: str
    name_en: str
    name_zh_hans: str
    items: tuple[MenuItem, ...]

    name = translated("name")


@dataclass(frozen=True)
class Menu:
    categories: tuple[MenuCategory, ...]

    def with_counted_out(self, item_ids: Collection[int]) -> "Menu":
        """Return this menu with these items marked as counted out; unchanged records are shared."""
        if not any(item.id in item_ids for item in self.items()):
            return self
        return Menu(
            tuple(
                replace(
                    category,
                    items=tuple(
                        replace(item, is_counted_out=True) if item.id in item_ids else item for item in category.items
                    ),
                )
                for category in self.categories
            )
        )

    def items(self) -> Iterator[MenuItem]:
        return (item for category in self.categories for item in category.items)

    @cached_property
    def _by_id(self) -> dict[int, MenuItem]:
        return {item.id: item for item in self.items()}

    @cached_property
    def _by_slug(self) -> dict[str, MenuItem]:
        return {item.slug: item for item in self.items()}

    def item(self, slug: str) -> MenuItem | None:
        return self._by_slug.get(slug)

    def item_with_id(self, item_id: int) -> MenuItem | None:
        return self._by_id.get(item_id)
