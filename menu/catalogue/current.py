"""Reads of the menu. Every page and program reads it through `current_menu`, from this process's memory."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from cafe.caching.snapshot import Snapshot
from cafe.caching.values import CachedValue, Version
from menu.availability import sold_out
from menu.catalogue.records import SCHEMA, Menu, MenuCategory, MenuGroup, MenuItem, MenuOption, dump, load
from menu.drawing.cutaway import Cutaway
from menu.models import Category, Item, ItemQuerySet, MenuVersion, Option, OptionGroup, Picture


def where_the_menu_stands(using: str) -> Version | None:
    """Return the menu's version and epoch, and what is sold out: one statement.

    None while there is no version yet.
    """
    rows = MenuVersion.objects.using(using).values_list("version", "epoch")
    for query in sold_out.queries(using):
        rows = rows.union(query.order_by().annotate(epoch=Value("")), all=True)
    found = [(int(number), epoch) for number, epoch in rows]  # signed and unsigned together come as Decimal
    versions = [(version, epoch) for version, epoch in found if epoch]
    if not versions:
        return None
    (version, epoch), *_ = versions
    return Version(epoch, version, frozenset(item_id for item_id, epoch in found if not epoch))


def read_menu(using: str) -> Menu:
    """Return the whole menu as the database has it, without what is counted out: five queries, whatever its size."""
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


MENU = Snapshot("menu", schema=SCHEMA, look=where_the_menu_stands, build=read_menu, dump=dump, load=load)


def current_menu() -> Menu:
    """Return the menu with what is sold out, from this process's memory: no query where a poller runs.

    Inside a transaction it is read anew. Raises OperationalError or InterfaceError when there is nothing to show.
    """
    return menu_of(MENU.current())


def menu_at_once() -> Menu:
    """Return the menu as the database has it now, and let this process hold it: one query, seven if it has changed.

    The menu that is held, when the database cannot be read; raises as `current_menu` does.
    """
    return menu_of(MENU.current_from_database())


def menu_of(held: CachedValue[Menu]) -> Menu:
    """Return what is held with what is sold out; made once."""
    if "menu" not in held.made:
        counted_out = _counted_out() if held.version is None else held.version.sold_out_ids
        held.made["menu"] = held.value.with_counted_out(counted_out)
    return held.made["menu"]


@dataclass(frozen=True)
class Shown:
    """The menu as a public page shows it; it may be old `since` (Unix time; None: it is current)."""

    menu: Menu
    since: int | None
    held: CachedValue[Menu]

    @property
    def as_of(self) -> datetime | None:
        return None if self.since is None else datetime.fromtimestamp(self.since, UTC)


def shown_menu() -> Shown:
    """Return the current menu with its age. Raises as `current_menu` does."""
    held = MENU.current()
    return Shown(menu_of(held), held.as_of, held)


def picture_content(name: str) -> bytes | None:
    """Return a photo's WebP, or None. Its name is its content's hash, with "-small" for the one on a card."""
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


def _counted_out() -> frozenset[int]:
    return frozenset(item_id for query in sold_out.queries(DEFAULT_DB_ALIAS) for item_id in query)


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
