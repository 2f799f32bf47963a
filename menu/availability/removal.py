"""What goes when an item goes. `menu` never imports `orders`: `orders` registers what it keeps of an item."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.text import capfirst

if TYPE_CHECKING:
    from menu.availability.history import Why
    from menu.models import Item


@dataclass(frozen=True)
class Belongings:
    """Rows that protect their item: `of` finds them, `end` closes and deletes those of one item."""

    of: Callable[[Iterable["Item"]], Iterable[Model]]
    end: Callable[["Item", "Why"], None]


_registered: list[Belongings] = []


def register(belongings: Belongings) -> None:
    """Add rows that go along with their item. Registering twice is once."""
    if belongings not in _registered:
        _registered.append(belongings)


def going_along(items: Iterable["Item"]) -> list[Model]:
    return [row for belongings in _registered for row in belongings.of(items)]


def end_all(item: "Item", why: "Why") -> None:
    """Close what goes along with an item. Call it in the transaction that deletes the item, before."""
    for belongings in _registered:
        belongings.end(item, why)


def with_belongings(
    rows: list[Model], deleted: list[Any], counts: dict[Any, int], lacking: set[Any], protected: list[Any]
) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
    """Return what the admin found out about a deletion, with these rows deleted as well instead of protecting.

    The right to delete an item covers them. Where more than these protects it, everything does.
    """
    if len(protected) != len(rows):
        return deleted, counts, lacking, protected
    for row in rows:
        name = row._meta.verbose_name_plural
        counts[name] = counts.get(name, 0) + 1
    lines = [f"{capfirst(row._meta.verbose_name)}: {row}" for row in rows]
    return [*deleted, *lines], counts, lacking - {row._meta.verbose_name for row in rows}, []
