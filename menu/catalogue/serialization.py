"""The snapshot of the menu as JSON: data, never HTML, since two releases share it during a rollout."""

import hashlib
from dataclasses import fields
from decimal import Decimal
from typing import Any

from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import Menu, MenuCategory, MenuItem
from menu.dietary.allergens import DietaryInfo
from menu.drawing.cutaway import Cutaway

RECORDS = (MenuOption, MenuGroup, MenuItem, MenuCategory, Cutaway, DietaryInfo)
REVISION = 1  # raise it when the meaning of a field changes and its name does not
SCHEMA = hashlib.sha256(
    repr([REVISION, *([field.name for field in fields(record)] for record in RECORDS)]).encode()
).hexdigest()[:8]


def dump(menu: Menu) -> dict[str, Any]:
    """Return the menu as JSON-serialisable data. Option groups, which items share, are listed once."""
    groups = {group.id: group for item in menu.items() for group in item.groups}
    return {
        "groups": [
            _plain(group, options=[_dump_option(option) for option in group.options]) for group in groups.values()
        ],
        "categories": [
            _plain(category, items=[_dump_item(item) for item in category.items]) for category in menu.categories
        ],
    }


def load(plain: dict[str, Any]) -> Menu:
    """Return the menu from `dump`'s data. Raises LookupError, TypeError, ValueError or ArithmeticError for others."""
    groups = {row["id"]: _load_group(row) for row in plain["groups"]}
    return Menu(
        tuple(
            MenuCategory(**row | {"items": tuple(_load_item(item, groups) for item in row["items"])})
            for row in plain["categories"]
        )
    )


def _plain(record: Any, **others: Any) -> dict[str, Any]:
    plain = {field.name: getattr(record, field.name) for field in fields(record)} | others
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}


def _dump_option(option: MenuOption) -> dict[str, Any]:
    return _plain(option, contents=_plain(option.contents))


def _dump_item(item: MenuItem) -> dict[str, Any]:
    return _plain(
        item,
        groups=[group.id for group in item.groups],
        cutaway=_plain(item.cutaway),
        own_contents=_plain(item.own_contents),
    )


def _load_group(row: dict[str, Any]) -> MenuGroup:
    return MenuGroup(**row | {"options": tuple(_load_option(option) for option in row["options"])})


def _load_option(row: dict[str, Any]) -> MenuOption:
    return MenuOption(
        **row | {"price_delta": Decimal(row["price_delta"]), "contents": DietaryInfo(**row["contents"])}
    )


def _load_item(row: dict[str, Any], groups: dict[int, MenuGroup]) -> MenuItem:
    return MenuItem(
        **row
        | {
            "price": Decimal(row["price"]),
            "groups": tuple(groups[group_id] for group_id in row["groups"]),
            "cutaway": Cutaway(**row["cutaway"]),
            "own_contents": DietaryInfo(**row["own_contents"]),
        }
    )
