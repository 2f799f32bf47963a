"""Rows that are deleted with an item. `menu` never imports `orders`: `orders` registers its rows of an item here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.text import capfirst

if TYPE_CHECKING:
    from menu.availability.history import Why
    from menu.models import Item


@dataclass(frozen=True)
class DependentRows:
    """Rows whose foreign key protects their item: `of` finds them, `end` closes and deletes those of one item."""

    of: Callable[[Iterable["Item"]], Iterable[Model]]
    end: Callable[["Item", "Why"], None]


_registered: list[DependentRows] = []


def register(belongings: DependentRows) -> None:
    """Register rows that are deleted with their item. Idempotent."""
    if belongings not in _registered:
        _registered.append(belongings)


def dependent_rows(items: Iterable["Item"]) -> list[Model]:
    return [row for belongings in _registered for row in belongings.of(items)]


def end_all(item: "Item", why: "Why") -> None:
    """Close and delete the rows of an item. Call it before the item is deleted, in the same transaction."""
    for belongings in _registered:
        belongings.end(item, why)


def with_belongings(
    rows: list[Model], deleted: list[Any], counts: dict[Any, int], lacking: set[Any], protected: list[Any]
) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
    """Return the result of the admin's `get_deleted_objects`, with these rows as deleted, not as protecting it.

    The permission to delete an item covers them. If other rows protect the item, too, the result is unchanged.
    """
    if len(protected) != len(rows):
        return deleted, counts, lacking, protected
    for row in rows:
        name = row._meta.verbose_name_plural
        counts[name] = counts.get(name, 0) + 1
    lines = [f"{capfirst(row._meta.verbose_name)}: {row}" for row in rows]
    return [*deleted, *lines], counts, lacking - {row._meta.verbose_name for row in rows}, []
