"""Reads of the menu's tables."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from cafe.caching.cached_value import Version
from menu.availability import sold_out
from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import Menu, MenuCategory, MenuItem
from menu.drawing.cutaway import Cutaway
from menu.models import Category, Item, ItemQuerySet, MenuVersion, Option, OptionGroup, Picture


def read_menu_version(using: str) -> Version | None:
    """Return the menu's version and epoch, and the ids of sold-out items, all from one statement.

    None while there is no version yet.
    """
    rows = MenuVersion.objects.using(using).values_list("version", "epoch")
    for query in sold_out.queries(using):
        rows = rows.union(query.order_by().annotate(epoch=Value("")), all=True)
    found = [(int(number), epoch) for number, epoch in rows]  # a UNION of signed and unsigned columns returns Decimal
    versions = [(version, epoch) for version, epoch in found if epoch]
    if not versions:
        return None
    (version, epoch), *_ = versions
    return Version(epoch, version, frozenset(item_id for item_id, epoch in found if not epoch))


def read_menu(using: str) -> Menu:
    """Return the whole menu from the database, no item marked as counted out: five queries, whatever its size."""
    items = defaultdict(list)
    for category_id, item in _records(Item.objects.using(using).on_menu(), using):
        items[category_id].append(item)
    return Menu(
        tuple(
            MenuCategory(category.slug, category.name_en, category.name_zh_hans, tuple(items[category.pk]))
            for category in Category.objects.using(using)
            if items[category.pk]
        )
    )


def picture_content(name: str) -> bytes | None:
    """Return a photo's WebP bytes, or None. `name` is its content's hash, with "-small" for the one on a card."""
    content_hash, _dash, size = name.partition("-")
    row = Picture.objects.filter(content_hash=content_hash) if size in ("", "small") else Picture.objects.none()
    columns = ("small", "content") if size else ("content", "small")
    kept = row.values_list(Coalesce(*columns), flat=True).first()
    return None if kept is None else bytes(kept)


def _records(items: ItemQuerySet, using: str) -> list[tuple[int, MenuItem]]:
    rows: list[Any] = list(
        items.annotate(
            picture_hash=F("picture__content_hash"),
            picture_width=F("picture__width"),
            picture_height=F("picture__height"),
            tint=F("category__tint"),
        )
    )
    group_ids = defaultdict(list)
    links = Item.option_groups.through.objects.using(using).filter(item_id__in=[row.pk for row in rows])
    for item_id, group_id in links.values_list("item_id", "optiongroup_id"):
        group_ids[item_id].append(group_id)
    groups = _groups({group_id for ids in group_ids.values() for group_id in ids}, using)
    return [
        (
            row.category_id,
            _record(row, tuple(group for group_id, group in groups.items() if group_id in group_ids[row.pk])),
        )
        for row in rows
    ]


def _record(row: Any, groups: tuple[MenuGroup, ...]) -> MenuItem:
    return MenuItem(
        id=row.pk,
        slug=row.slug,
        name_en=row.name_en,
        name_zh_hans=row.name_zh_hans,
        description_en=row.description_en,
        description_zh_hans=row.description_zh_hans,
        price=row.price,
        is_available=row.is_available,
        is_counted_out=False,
        is_new=row.is_new,
        prep_seconds=row.prep_seconds,
        max_per_order=row.max_per_order,
        tint=row.tint,
        groups=groups,
        cutaway=Cutaway(row.glass, row.layers, row.ice, row.straw, row.steam, row.garnish),
        picture_hash=row.picture_hash or "",
        picture_width=row.picture_width or 0,
        picture_height=row.picture_height or 0,
        own_contents=row.contents,
        name_pinyin=row.name_pinyin,
        description_pinyin=row.description_pinyin,
    )


def _groups(group_ids: Collection[int], using: str) -> dict[int, MenuGroup]:
    options = defaultdict(list)
    for row in Option.objects.using(using).filter(group_id__in=group_ids):
        options[row.group_id].append(
            MenuOption(
                row.pk,
                row.name_en,
                row.name_zh_hans,
                row.price_delta,
                row.is_available,
                row.is_default,
                row.drawing_effect,
                row.contents,
            )
        )
    return {
        row.pk: MenuGroup(
            row.pk,
            row.name_en,
            row.name_zh_hans,
            row.min_choices,
            row.max_choices,
            tuple(options[row.pk]),
            row.adds_ingredients,
        )
        for row in OptionGroup.objects.using(using).filter(pk__in=group_ids)
    }
