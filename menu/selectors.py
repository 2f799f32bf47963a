"""Reads of the menu. Every page and program reads it through `current_menu`."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F

from menu import drawing, sold_out
from menu.models import Category, Item, ItemQuerySet, Option, OptionGroup, Picture
from menu.snapshot import Menu, MenuCategory, MenuGroup, MenuItem, MenuOption


def current_menu() -> Menu:
    """Return the whole menu with what is sold out: six queries, whatever its size."""
    items = defaultdict(list)
    counted_out = sold_out.item_ids()
    for category_id, item in _records(Item.objects.on_menu(), counted_out):
        items[category_id].append(item)
    return Menu(
        tuple(
            MenuCategory(category.slug, category.name_en, category.name_zh_hans, tuple(items[category.pk]))
            for category in Category.objects.all()
            if items[category.pk]
        )
    )


def items_on_sale(item_ids: Collection[int]) -> dict[int, MenuItem]:
    """Return these items as the database has them now, by id, without their stock: four queries, no cache.

    What is not on the menu is left out.
    """
    listed = Item.objects.on_menu().filter(pk__in=item_ids)
    return {item.id: item for _category_id, item in _records(listed, frozenset())}


def picture_content(content_hash: str) -> bytes | None:
    row = Picture.objects.filter(content_hash=content_hash).values_list("content", flat=True).first()
    return None if row is None else bytes(row)


def _records(items: ItemQuerySet, counted_out: frozenset[int]) -> list[tuple[int, MenuItem]]:
    rows = list(items.annotate(picture_hash=F("picture__content_hash"), tint=F("category__tint")))
    group_ids = defaultdict(list)
    links = Item.option_groups.through.objects.filter(item_id__in=[row.pk for row in rows])
    for item_id, group_id in links.values_list("item_id", "optiongroup_id"):
        group_ids[item_id].append(group_id)
    groups = _groups({group_id for ids in group_ids.values() for group_id in ids})
    return [
        (
            row.category_id,
            MenuItem(
                id=row.pk,
                slug=row.slug,
                name_en=row.name_en,
                name_zh_hans=row.name_zh_hans,
                description_en=row.description_en,
                description_zh_hans=row.description_zh_hans,
                price=row.price,
                is_available=row.is_available,
                is_counted_out=row.pk in counted_out,
                is_new=row.is_new,
                prep_seconds=row.prep_seconds,
                max_per_order=row.max_per_order,
                tint=row.tint,
                groups=tuple(group for group_id, group in groups.items() if group_id in group_ids[row.pk]),
                drawing=drawing.draw(_cutaway(row), key=row.slug),
                picture_hash=row.picture_hash or "",
            ),
        )
        for row in rows
    ]


def _cutaway(item: Item) -> drawing.Cutaway:
    return drawing.Cutaway(item.glass, item.layers, item.ice, item.straw, item.steam, item.garnish)


def _groups(group_ids: Collection[int]) -> dict[int, MenuGroup]:
    options = defaultdict(list)
    for row in Option.objects.filter(group_id__in=group_ids):
        options[row.group_id].append(
            MenuOption(row.pk, row.name_en, row.name_zh_hans, row.price_delta, row.is_available, row.is_default)
        )
    return {
        row.pk: MenuGroup(
            row.pk, row.name_en, row.name_zh_hans, row.min_choices, row.max_choices, tuple(options[row.pk])
        )
        for row in OptionGroup.objects.filter(pk__in=group_ids)
    }
