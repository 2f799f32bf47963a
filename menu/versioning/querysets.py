"""Every write of the menu bumps its version, in the same transaction and before any other row (design 7).

Signals cover `save`, `delete` and many-to-many changes (`menu.versioning.signals`); the querysets here cover writes
that send no signal. The version's row is locked first so that two managers queue for it and never deadlock. Raw SQL
needs a `with menu_change():` around it.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, models, router, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from menu.fields import AsciiKeyField

THE_ROW = 1


def new_epoch() -> str:
    return secrets.token_hex(8)


class MenuVersion(models.Model):
    """One row: the version of the menu. `version` counts within an `epoch`; a restored backup needs a new one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW)
    version = models.PositiveBigIntegerField(_("version"), default=0)
    epoch = AsciiKeyField(_("epoch"), max_length=32, default=new_epoch)

    class Meta:
        verbose_name = _("menu version")
        verbose_name_plural = _("menu version")
        constraints = [models.CheckConstraint(condition=Q(id=THE_ROW), name="menu_version_is_one_row")]

    def __str__(self) -> str:
        return f"{self.epoch}.{self.version}"


def bump_menu(using: str = DEFAULT_DB_ALIAS) -> None:
    """Increment the menu's version. Call it first in the transaction that changes the menu."""
    the_row = MenuVersion.objects.using(using).filter(pk=THE_ROW)
    if not the_row.update(version=F("version") + 1):
        _row, is_new = MenuVersion.objects.using(using).get_or_create(pk=THE_ROW, defaults={"version": 1})
        if not is_new:
            the_row.update(version=F("version") + 1)


@contextmanager
def menu_change(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction (or a part of the one around it) that bumps the menu's version before any other write."""
    with transaction.atomic(using=using, savepoint=False):
        bump_menu(using)
        yield


def begin_menu_epoch(using: str = DEFAULT_DB_ALIAS) -> str:
    """Begin a new epoch and return it. This invalidates every snapshot of the menu that instances cache or share."""
    epoch = new_epoch()
    with menu_change(using):
        MenuVersion.objects.using(using).update(epoch=epoch)
    return epoch


M = TypeVar("M", bound=models.Model, covariant=True)


class MenuQuerySet(models.QuerySet[M]):
    """Bumps the version in the methods that send no signals; `bulk_update` bumps it by calling `update`."""

    def update(self, **values: Any) -> int:
        with self._versioned():
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        with self._versioned():
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        with self._versioned():
            return super().bulk_create(objs, *args, **options)

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def update_or_create(self, defaults: Any = None, create_defaults: Any = None, **lookups: Any) -> tuple[M, bool]:
        """Bump the version first: Django locks the row that it finds, and the version's row must be locked before."""
        with self._versioned():
            return super().update_or_create(defaults, create_defaults, **lookups)

    update_or_create.alters_data = True  # type: ignore[attr-defined]

    def _versioned(self) -> AbstractContextManager[None]:
        self._for_write = True
        return menu_change(self.db)


MenuManager = models.Manager.from_queryset(MenuQuerySet)


class MenuModel(models.Model):
    """Base of the menu's models. Its base manager bumps the version too: SET_NULL and related managers use it."""

    objects = MenuManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        """Save within a transaction, so that the version bumped by `pre_save` and the row are written together."""
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using, savepoint=False):
            super().save(*args, **options)
