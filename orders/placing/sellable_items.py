"""Reads the items, options and counts that an order is checked against: from the database, without a cache."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from cafe.db import compiled_queries
from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import SoldItem
from menu.derived_fields import name_key
from menu.dietary.allergens import DietaryInfo
from menu.models import Item, may_be_called
from orders.models import Stock

OF_AN_ITEM = ("pk", "slug", "name_en", "name_zh_hans", "price", "is_available", "max_per_order")
OF_CONTENTS = ("allergens", "allergens_are_stated")
OF_ITS_STOCK = tuple(f"stock__{name}" for name in ("pk", "available", "daily", "counted_on", "counting_since"))
OF_A_GROUP = tuple(
    f"option_groups__{name}"
    for name in ("pk", "name_en", "name_zh_hans", "min_choices", "max_choices", "adds_ingredients")
)
OF_AN_OPTION = tuple(
    f"option_groups__options__{name}"
    for name in ("pk", "name_en", "name_zh_hans", "price_delta", "is_available", "is_default", *OF_CONTENTS)
)
ON_MENU = ("category__position", "category", "position", "pk")
IN_ITEM = ("option_groups__position", "option_groups", "option_groups__options__position", "option_groups__options")

# The index in a row at which each group of columns begins.
CONTENTS = len(OF_AN_ITEM)
STOCK = CONTENTS + len(OF_CONTENTS)
GROUP = STOCK + len(OF_ITS_STOCK)
OPTION = GROUP + len(OF_A_GROUP)
OPTION_CONTENTS = OPTION + len(OF_AN_OPTION) - len(OF_CONTENTS)


@dataclass(frozen=True)
class ItemOnSale(SoldItem):
    """An item with its options, and its stock row as it was read (None: the item is not counted)."""

    stock: Stock | None


def _rows(items: "QuerySet[Item]") -> "QuerySet[Item, Any]":
    """Return all columns in one query: two could mix an item's old price with the new price of its option."""
    columns = (*OF_AN_ITEM, *OF_CONTENTS, *OF_ITS_STOCK, *OF_A_GROUP, *OF_AN_OPTION)
    return items.order_by(*ON_MENU, *IN_ITEM).values_list(*columns)


_with_ids = compiled_queries.Read(lambda ids: _rows(Item.objects.on_menu().filter(pk__in=ids)))
_called = compiled_queries.Read(
    lambda words, keys: _rows(Item.objects.on_menu().filter(Q(slug__in=words) | may_be_called(words, keys)))
)


def items_with_ids(ids: Collection[int]) -> dict[int, ItemOnSale]:
    """Return these items by id, in one query. Items that are not on the menu are left out."""
    return {item.id: item for item in _items(_with_ids(ids=list(ids)))}


def items_called(words: Collection[str]) -> dict[str, ItemOnSale]:
    """Return the items by these words, in one query: a word is a slug, or else a name in either language.

    If two items have the same name, the first on the menu is returned. Words without an item are left out.
    """
    keys = {word: name_key(word) for word in words}
    items = list(_items(_called(words=list(keys), keys=list(keys.values()))))
    of_slugs = {item.slug: item for item in items}
    of_keys: dict[str, ItemOnSale] = {}
    for item in reversed(items):
        of_keys |= dict.fromkeys((name_key(item.name_en), name_key(item.name_zh_hans)), item)
    found = {word: of_slugs.get(word) or of_keys.get(key) for word, key in keys.items()}
    return {word: item for word, item in found.items() if item}


def _items(rows: Iterable[tuple[Any, ...]]) -> Iterable[ItemOnSale]:
    for _item_id, same in groupby(rows, key=itemgetter(0)):
        of_item = list(same)
        first = of_item[0]
        groups = tuple(_groups(of_item)) if first[GROUP] is not None else ()
        stock = _stock(first[0], *first[STOCK:GROUP])
        yield ItemOnSale(*(*first[:CONTENTS], groups, stock), own_contents=_contents(*first[CONTENTS:STOCK]))


def _groups(rows: Iterable[tuple[Any, ...]]) -> Iterable[MenuGroup]:
    for (*group, adds_ingredients), same in groupby(rows, key=itemgetter(slice(GROUP, OPTION))):
        options = tuple(_option(row) for row in same if row[OPTION] is not None)
        yield MenuGroup(*(*group, options, adds_ingredients))


def _option(row: tuple[Any, ...]) -> MenuOption:
    no_drawing = ""
    return MenuOption(*(*row[OPTION:OPTION_CONTENTS], no_drawing, _contents(*row[OPTION_CONTENTS:])))


@lru_cache(maxsize=1024)  # most options share a few lists of allergens
def _contents(allergens: str, is_stated: bool) -> DietaryInfo:
    """Return the allergens, which an order line stores. It stores no diets."""
    return DietaryInfo(allergens, is_stated)


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
