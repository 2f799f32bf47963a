"""Signal receivers that bump the menu's version before a write; connected by `MenuConfig.ready`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connections, router
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save

from menu.derived_fields import derive_all
from menu.models import Category, Item, Option, OptionGroup, Picture
from menu.versioning.querysets import MenuQuerySet, MenuVersion, bump_menu, menu_change, new_epoch

LINKS = Item.option_groups.through
BEFORE_LINKS_CHANGE = ("pre_add", "pre_remove", "pre_clear")


def connect() -> None:
    _version_the_links()
    for model in (Category, Picture, OptionGroup, Option, Item):
        name = model._meta.label_lower
        pre_save.connect(_before_write, sender=model, dispatch_uid=f"menu version: save {name}")
        pre_delete.connect(_before_write, sender=model, dispatch_uid=f"menu version: delete {name}")
        post_save.connect(_after_write, sender=model, dispatch_uid=f"menu version: saved {name}")
    pre_save.connect(_before_item_is_loaded, sender=Item, dispatch_uid="menu derived: loaded")
    pre_save.connect(_before_version_is_loaded, sender=MenuVersion, dispatch_uid="menu version: loaded")
    m2m_changed.connect(_before_links_change, sender=LINKS, dispatch_uid="menu version: links")


def _before_write(using: str, **kwargs: Any) -> None:
    bump_menu(using)


def _after_write(using: str, **kwargs: Any) -> None:
    """Bump the version again after a row that was saved outside a transaction: a fixture's row bypasses
    `MenuModel.save`, so its first bump was committed before the row, and a snapshot may lack the row."""
    if not connections[using].in_atomic_block:
        bump_menu(using)


def _before_item_is_loaded(instance: Item, raw: bool, **kwargs: Any) -> None:
    """Compute a fixture's derived columns: it skips `Field.pre_save`, and may come from a release without them."""
    if raw:
        derive_all(instance)


def _before_version_is_loaded(instance: MenuVersion, raw: bool, **kwargs: Any) -> None:
    """Begin a new epoch when a fixture brings a version, as after a restored backup."""
    if raw:
        instance.epoch = new_epoch()


def _before_links_change(action: str, using: str, **kwargs: Any) -> None:
    if action in BEFORE_LINKS_CHANGE:
        bump_menu(using)


def _version_the_links() -> None:
    """Make many-to-many rows between items and groups bump the version: Django creates their model, so it cannot
    inherit `MenuModel`, and sends no signal when one such row is saved or deleted."""
    if isinstance(LINKS._default_manager.all(), MenuQuerySet):
        return
    LINKS._meta.local_managers.clear()
    LINKS.add_to_class("objects", MenuQuerySet.as_manager())
    LINKS.save = _in_a_menu_change(LINKS.save)  # type: ignore[method-assign]
    LINKS.delete = _in_a_menu_change(LINKS.delete)  # type: ignore[method-assign]


def _in_a_menu_change(write: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(write)
    def write_in_a_menu_change(link: Any, *args: Any, **options: Any) -> Any:
        with menu_change(options.get("using") or router.db_for_write(LINKS, instance=link)):
            return write(link, *args, **options)

    return write_in_a_menu_change
