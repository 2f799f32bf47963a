"""The writes that send signals move the menu's version; connected by `MenuConfig.ready`."""

from typing import Any

from django.db.models.signals import m2m_changed, pre_delete, pre_save

from menu.models import Category, Item, Option, OptionGroup, Picture
from menu.versioned import MenuQuerySet, bump_menu

LINKS = Item.option_groups.through
BEFORE_LINKS_CHANGE = ("pre_add", "pre_remove", "pre_clear")


def connect() -> None:
    _version_the_links()
    for model in (Category, Picture, OptionGroup, Option, Item, LINKS):
        name = model._meta.label_lower
        pre_save.connect(_before_write, sender=model, dispatch_uid=f"menu version: save {name}")
        pre_delete.connect(_before_write, sender=model, dispatch_uid=f"menu version: delete {name}")
    m2m_changed.connect(_before_links_change, sender=LINKS, dispatch_uid="menu version: links")


def _before_write(using: str, **kwargs: Any) -> None:
    bump_menu(using)


def _before_links_change(action: str, using: str, **kwargs: Any) -> None:
    if action in BEFORE_LINKS_CHANGE:
        bump_menu(using)


def _version_the_links() -> None:
    """Give the rows between items and groups a manager that bumps: Django makes their model, so it cannot inherit."""
    if isinstance(LINKS._default_manager.all(), MenuQuerySet):
        return
    LINKS._meta.local_managers.clear()
    LINKS.add_to_class("objects", MenuQuerySet.as_manager())
