"""The snapshot of the menu in this process's memory. Every page and API client reads it through `current_menu`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import DEFAULT_DB_ALIAS

from cafe.caching.cached_value import CachedValue
from cafe.caching.snapshot_cache import SnapshotCache
from menu.availability import sold_out
from menu.catalogue.queries import read_menu, read_menu_version
from menu.catalogue.records import Menu
from menu.catalogue.serialization import SCHEMA, dump, load

MENU = SnapshotCache("menu", schema=SCHEMA, read_version=read_menu_version, build=read_menu, dump=dump, load=load)


def current_menu() -> Menu:
    """Return the snapshot of the menu with sold-out items marked: no query where a poller runs.

    Without a poller, a call inside a transaction reads all rows anew. Raises OperationalError or InterfaceError when
    the database cannot be read and there is no snapshot.
    """
    return menu_of(MENU.current())


def menu_from_database() -> Menu:
    """Return the menu as the database has it now, and keep it as the snapshot: one query, seven if it has changed.

    Returns the last snapshot when the database cannot be read; raises as `current_menu` does.
    """
    return menu_of(MENU.current_revalidated())


def menu_of(held: CachedValue[Menu]) -> Menu:
    """Return the menu of a cached value with sold-out items marked; built once for each cached value."""
    if "menu" not in held.made:
        counted_out = counted_out_ids() if held.version is None else held.version.sold_out_ids
        held.made["menu"] = held.value.with_counted_out(counted_out)
    return held.made["menu"]


@dataclass(frozen=True)
class Shown:
    """The menu as a public page shows it. It may be stale since `since` (Unix time; None: it is current)."""

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


def counted_out_ids() -> frozenset[int]:
    return frozenset(item_id for query in sold_out.queries(DEFAULT_DB_ALIAS) for item_id in query)
