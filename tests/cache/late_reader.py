"""A delayed instance: it pauses between reading the menu and writing it to Redis, while the price changes.

`program` makes the menu snapshot of a simulated instance; all of them use the same Redis keys, which nothing else
uses. The naive cache is the control: one key, filled by readers, deleted by writers.
"""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.cache import caches
from django.db import OperationalError, connections

from cafe.caching.cached_value import CachedValue
from cafe.caching.snapshot_cache import SnapshotCache
from menu.catalogue.queries import read_menu, read_menu_version
from menu.catalogue.records import Menu
from menu.catalogue.serialization import dump, load
from menu.models import Item
from tests.cache.change_cases import registry
from tests.cache.change_cases.registry import NEW

SLUG = f"{registry.OURS}-late"
PATIENCE_S = 20


class Pause:
    """Blocks the first call of a wrapped function after it has run, until the block of `of` ends; others pass."""

    def __init__(self) -> None:
        self._is_first = threading.Semaphore(1)
        self._came, self._may_go = threading.Event(), threading.Event()

    def after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def call_and_pause(*args: Any) -> Any:
            result = call(*args)
            if self._is_first.acquire(blocking=False):
                self._came.set()
                assert self._may_go.wait(PATIENCE_S)
            return result

        return call_and_pause

    @contextmanager
    def of(self, call: Callable[[], Any]) -> Any:
        """Run `call` in a thread with its own database connections up to the pause, then the block, then the rest."""
        thread = threading.Thread(target=_run_and_hang_up, args=(call,))
        thread.start()
        assert self._came.wait(PATIENCE_S)
        yield
        self._may_go.set()
        thread.join()


def _run_and_hang_up(call: Callable[[], Any]) -> None:
    call()
    connections.close_all()


def program(schema: str, **parts: Any) -> SnapshotCache[Menu]:
    own = {"read_version": read_menu_version, "build": read_menu, "dump": dump, "load": load}
    return SnapshotCache("late", schema=schema, **own | parts)


def price_in(held: CachedValue[Menu]) -> Decimal:
    item = held.value.item(SLUG)
    assert item is not None
    return item.price


def change_the_price() -> None:
    Item.objects.filter(slug=SLUG).update(price=NEW)


def held_up_after(part: str, schema: str) -> dict[str, Any]:
    """Pause an instance after `build` or after `dump`, which is just before it writes to Redis. Meanwhile change the
    price, and let another instance read the new menu and write it to Redis. Return the price that each shows then."""
    registry.forget_all()
    registry.new_item(slug=SLUG)
    pause = Pause()
    late = program(schema, **{part: pause.after({"build": read_menu, "dump": dump}[part])})
    other = program(schema)
    with pause.of(late.refresh):
        change_the_price()
        other.refresh()
    newcomer = program(schema)
    shown = {
        "the late one": price_in(late.refresh()),
        "the other": price_in(other.refresh()),
        "a newcomer": price_in(newcomer.refresh()),
        "a newcomer without a database": price_in(program(schema, read_version=_away).refresh()),
    }
    return shown | {"newcomer's builds": newcomer.meter.builds}


def _away(using: str) -> None:
    raise OperationalError(2002, "away")


class Naive:
    """A cache-aside control: one key for the menu; a reader fills it, a writer deletes it after its commit."""

    KEY = "naive-menu"

    def __init__(self) -> None:
        self.build: Callable[[], str] = lambda: str(Item.objects.get(slug=SLUG).price)

    def price(self) -> Decimal:
        kept = caches["default"].get(self.KEY)
        if kept is None:
            kept = self.build()
            caches["default"].set(self.KEY, kept)
        return Decimal(kept)

    def forget(self) -> None:
        caches["default"].delete(self.KEY)


def naive_reader_held_up() -> dict[str, Decimal]:
    registry.forget_all()
    registry.new_item(slug=SLUG)
    late, other, pause = Naive(), Naive(), Pause()
    other.forget()
    late.build = pause.after(late.build)
    with pause.of(late.price):
        change_the_price()
        other.forget()
        other.price()
    return {"the late one": late.price(), "the other": other.price(), "a newcomer": Naive().price()}
