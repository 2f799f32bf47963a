"""The registry of change cases: every way of changing the menu, for parametrized tests.

A change case is a function with one `yield`: setup before it, the change after it. It yields the item that a test
orders right after the change. `begin` runs the first half, `change` the second:

    steps = registry.begin("an_item_is_saved")      # .item, .chosen
    steps.change()
"""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from asgiref.sync import async_to_sync

from menu.models import Category, Item, Option, OptionGroup, Picture

OURS = "way"
MAINTENANCE = "maintenance"  # the database alias
OLD, NEW, LARGE = Decimal("10.00"), Decimal("12.50"), Decimal("6.00")

ChangeCase = Callable[[], Iterator[Item]]

CHANGE_CASES: dict[str, ChangeCase] = {}
_numbers = itertools.count(1)


def change_case(function: ChangeCase) -> ChangeCase:
    CHANGE_CASES[function.__name__] = function
    return function


@dataclass
class Steps:
    """A change case that has run its setup but not its change."""

    rest: Iterator[Item]
    item: Item
    chosen: list[int]  # the ids of the item's options before the change

    def change(self) -> None:
        assert next(self.rest, None) is None, "a change case has one yield"


def begin(name: str) -> Steps:
    rest = CHANGE_CASES[name]()
    item = next(rest)
    return Steps(rest, item, list(Option.objects.filter(group__items__slug=item.slug).values_list("pk", flat=True)))


def forget(item: Item) -> None:
    """Delete the item that a change case created."""
    Item.objects.filter(slug__startswith=OURS).filter(slug=item.slug).delete()


def forget_all() -> None:
    """Delete every row that the change cases created."""
    Item.objects.filter(slug__startswith=OURS).delete()
    OptionGroup.objects.filter(note=OURS).delete()
    Picture.objects.filter(title=OURS).delete()
    Category.objects.filter(slug__startswith=OURS).delete()


@async_to_sync
async def awaited(call: Callable[..., Awaitable[Any]], *args: Any, **fields: Any) -> None:
    await call(*args, **fields)


# Rows for the setup of change cases


def unsaved_item(**fields: Any) -> Item:
    number = next(_numbers)
    return Item(
        **{"slug": f"{OURS}-{number}", "name": f"Way {number}", "price": OLD, "category": category("ways")} | fields
    )


def new_item(**fields: Any) -> Item:
    """Create and return an item at 10.00 with an option group of its own: one option, Large, at +6.00."""
    item = unsaved_item(**fields)
    item.save()
    item.option_groups.add(new_group())
    return item


def new_group() -> OptionGroup:
    group = OptionGroup.objects.create(name="Size", note=OURS)
    group.options.create(name="Large", price_delta=LARGE)
    return group


def group_of(item: Item) -> OptionGroup:
    return OptionGroup.objects.get(items=item)


def option_of(item: Item) -> Option:
    return Option.objects.get(group__items=item)


def category(name: str) -> Category:
    return Category.objects.get_or_create(slug=f"{OURS}-{name}", defaults={"name_en": name, "name_zh_hans": name})[0]


def new_picture() -> Picture:
    picture_hash = f"{OURS}-{next(_numbers)}".ljust(64, "0")
    return Picture.objects.create(content_hash=picture_hash, content=b"RIFF", width=4, height=3, title=OURS)
