"""The menu as plain immutable records: what pages render, what programs read, what an order is checked against."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.safestring import SafeString

from menu.fields import translated


@dataclass(frozen=True)
class MenuOption:
    id: int
    name_en: str
    name_zh_hans: str
    price_delta: Decimal
    is_available: bool
    is_default: bool

    name = translated("name")


@dataclass(frozen=True)
class MenuGroup:
    id: int
    name_en: str
    name_zh_hans: str
    min_choices: int
    max_choices: int
    options: tuple[MenuOption, ...]

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
        """The options chosen at first, at most as many as the group takes."""
        return tuple(option for option in self.on_offer() if option.is_default)[: self.max_choices]


@dataclass(frozen=True)
class MenuItem:
    id: int
    slug: str
    name_en: str
    name_zh_hans: str
    description_en: str
    description_zh_hans: str
    price: Decimal
    is_available: bool  # the manager's switch
    is_counted_out: bool  # its count stands at zero
    is_new: bool
    prep_seconds: int
    max_per_order: int
    tint: str
    groups: tuple[MenuGroup, ...]
    drawing: SafeString
    picture_hash: str

    name = translated("name")
    description = translated("description")

    @property
    def can_be_made(self) -> bool:
        """On sale, and every required group has enough left to choose from. Says nothing of stock."""
        return self.is_available and all(len(group.on_offer()) >= group.min_choices for group in self.groups)

    @property
    def sold_out(self) -> bool:
        return self.is_counted_out or not self.can_be_made


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

    def items(self) -> Iterator[MenuItem]:
        return (item for category in self.categories for item in category.items)

    @cached_property
    def _by_id(self) -> dict[int, MenuItem]:
        return {item.id: item for item in self.items()}

    @cached_property
    def _by_slug(self) -> dict[str, MenuItem]:
        return {item.slug: item for item in self.items()}

    @cached_property
    def _by_name(self) -> dict[str, MenuItem]:
        # The first on the menu wins, should two have one name.
        backwards = reversed(list(self.items()))
        return {name: item for item in backwards for name in (item.name_en, item.name_zh_hans)}

    def item(self, slug: str) -> MenuItem | None:
        return self._by_slug.get(slug)

    def item_with_id(self, item_id: int) -> MenuItem | None:
        return self._by_id.get(item_id)

    def item_called(self, word: str) -> MenuItem | None:
        """Find an item by its slug or by its name in either language."""
        return self._by_slug.get(word) or self._by_name.get(word)
