"""What is for sale at this moment, as the database has it: what an order is checked against. No cache."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from cafe import prepared
from menu.models import Item
from menu.snapshot import MenuGroup, MenuOption, SoldItem
from orders.models import Stock

OF_AN_ITEM = ("pk", "slug", "name_en", "name_zh_hans", "price", "is_available", "max_per_order")
OF_ITS_STOCK = tuple(f"stock__{name}" for name in ("pk", "available", "daily", "counted_on", "counting_since"))
OF_A_GROUP = tuple(
    f"option_groups__{name}" for name in ("pk", "name_en", "name_zh_hans", "min_choices", "max_choices")
)
OF_AN_OPTION = tuple(
    f"option_groups__options__{name}"
    for name in ("pk", "name_en", "name_zh_hans", "price_delta", "is_available", "is_default")
)
ON_MENU = ("category__position", "category", "position", "pk")
IN_ITEM = ("option_groups__position", "option_groups", "option_groups__options__position", "option_groups__options")

# Where the columns of a row begin.
STOCK = len(OF_AN_ITEM)
GROUP = STOCK + len(OF_ITS_STOCK)
OPTION = GROUP + len(OF_A_GROUP)


@dataclass(frozen=True)
class ItemOnSale(SoldItem):
    """An item with its options, and its count as it was read (None: nobody counts)."""

    stock: Stock | None


def _rows(items: "QuerySet[Item]") -> "QuerySet[Item, Any]":
    """One statement sees one moment; by two, an order could mix an item's old price with its option's new one."""
    return items.order_by(*ON_MENU, *IN_ITEM).values_list(*OF_AN_ITEM, *OF_ITS_STOCK, *OF_A_GROUP, *OF_AN_OPTION)


_with_ids = prepared.Read(lambda ids: _rows(Item.objects.on_menu().filter(pk__in=ids)))
_called = prepared.Read(
    lambda words: _rows(
        Item.objects.on_menu().filter(Q(slug__in=words) | Q(name_en__in=words) | Q(name_zh_hans__in=words))
    )
)


def items_with_ids(ids: Collection[int]) -> dict[int, ItemOnSale]:
    """Return these items by id: one statement. What is not on the menu is left out."""
    return {item.id: item for item in _items(_with_ids(ids=list(ids)))}


def items_called(words: Collection[str]) -> dict[str, ItemOnSale]:
    """Return the items with these slugs, or else these names in either language, by what they were called: one
    statement. Of two items with one name the first on the menu is meant."""
    found: dict[str, ItemOnSale] = {}
    items = list(_items(_called(words=list(words))))
    for item in reversed(items):
        found |= dict.fromkeys((item.name_en, item.name_zh_hans), item)
    return found | {item.slug: item for item in items}


def _items(rows: Iterable[tuple[Any, ...]]) -> Iterable[ItemOnSale]:
    for _item_id, same in groupby(rows, key=itemgetter(0)):
        of_item = list(same)
        first = of_item[0]
        groups = tuple(_groups(of_item)) if first[GROUP] is not None else ()
        yield ItemOnSale(*(*first[:STOCK], groups, _stock(first[0], *first[STOCK:GROUP])))


def _groups(rows: Iterable[tuple[Any, ...]]) -> Iterable[MenuGroup]:
    for group, same in groupby(rows, key=itemgetter(slice(GROUP, OPTION))):
        options = tuple(MenuOption(*row[OPTION:]) for row in same if row[OPTION] is not None)
        yield MenuGroup(*(*group, options))


def _stock(
    item_id: int, key: int | None, available: int, daily: int | None, counted_on: date, counting_since: datetime
) -> Stock | None:
    if key is None:
        return None
    return Stock(
        pk=key,
        item_id=item_id,
        available=available,
        daily=daily,
        counted_on=counted_on,
        counting_since=counting_since,
    )
