import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandParser

import menu
from menu.derived_fields import name_key
from menu.models import Category, Item, Option, OptionGroup
from menu.versioning.querysets import menu_change

SAMPLE = Path(menu.__file__).with_name("sample_menu.json")
OF_AN_ITEM = (
    "name_en",
    "name_zh_hans",
    "description_en",
    "description_zh_hans",
    "price",
    "prep_seconds",
    "max_per_order",
    "is_new",
    "glass",
    "layers",
    "ice",
    "straw",
    "steam",
    "garnish",
)
R = TypeVar("R", OptionGroup, Option)
OF_CONTENTS = ("allergens", "allergens_are_stated", "diets")


class Command(BaseCommand):
    help = "Load the sample menu. Run again, it sets the sample's items back and adds nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a menu already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Category.objects.exists():
            return
        sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
        with menu_change():
            groups = {row["key"]: _load_group(position, row) for position, row in enumerate(sample["option_groups"])}
            count = sum(_load_category(position, row, groups) for position, row in enumerate(sample["categories"]))
        self.stdout.write(f"The sample menu is loaded: {count} items in {len(sample['categories'])} categories.")


def _load_group(position: int, row: dict[str, Any]) -> OptionGroup:
    older_note = row["note"].rpartition(" · ")[2]  # an earlier release wrote the note in English alone
    OptionGroup.objects.filter(name_en=row["name_en"], note=older_note).update(note=row["note"])
    groups = [group for group in OptionGroup.objects.all() if name_key(group.note) == name_key(row["note"])]
    group = _named(groups, row["name_en"]) or OptionGroup(name_en=row["name_en"], note=row["note"])
    _write(
        group,
        name_zh_hans=row["name_zh_hans"],
        min_choices=row["min_choices"],
        max_choices=row["max_choices"],
        adds_ingredients=row["adds_ingredients"],
        position=position,
    )
    options = list(group.options.all())
    for option_position, option_row in enumerate(row["options"]):
        _write(
            _named(options, option_row["name_en"]) or Option(group=group, name_en=option_row["name_en"]),
            name_zh_hans=option_row["name_zh_hans"],
            price_delta=option_row["price_delta"],
            is_default=option_row.get("is_default", False),
            drawing_effect=option_row.get("drawing_effect", ""),
            position=option_position,
            **{name: option_row[name] for name in OF_CONTENTS if name in option_row},
        )
    return group


def _named(rows: Iterable[R], name_en: str) -> R | None:
    """Return the row with this `name_key`: MariaDB takes "Maß" for "Mas", SQLite "Size" and "size" for two names."""
    return next((row for row in rows if name_key(row.name_en) == name_key(name_en)), None)


def _write(row: OptionGroup | Option, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def _load_category(position: int, row: dict[str, Any], groups: dict[str, OptionGroup]) -> int:
    names = {name: row[name] for name in ("name_en", "name_zh_hans", "tint")}
    category, _is_new = Category.objects.update_or_create(slug=row["slug"], defaults={**names, "position": position})
    for item_position, item_row in enumerate(row["items"]):
        fields = {name: item_row[name] for name in (*OF_AN_ITEM, *OF_CONTENTS) if name in item_row}
        item, _is_new = Item.objects.update_or_create(
            slug=item_row["slug"], defaults={**fields, "category": category, "position": item_position}
        )
        item.option_groups.set(groups[key] for key in item_row.get("option_groups", ()))
    return len(row["items"])
