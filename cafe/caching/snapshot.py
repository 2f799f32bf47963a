"""A value built from the database, held by each process, shared through Redis, replaced when its version moves."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from cafe.caching import redis
from cafe.caching.counters import Meter
from cafe.caching.values import CachedValue, Version, consistent_read

T = TypeVar("T")


class Snapshot(Generic[T]):
    """A value built from the database, held by each process, shared through Redis, replaced when its version moves.

    `look` reads the version in one query (None: there is none, and nothing may be cached); `build` reads the rows.
    Both take a database alias. `dump` and `load` convert the value to and from JSON; `schema` names that format.
    Writers bump the version in the transaction that changes a row, so a value stored under its version's name stays
    valid: nothing is deleted, and a late process can only store a valid value under an old name.

    The poller of each process calls `refresh`. A request takes the cached value and waits only when there is none.
    Without a poller (shell, commands) every `current` reads the version.
    """

    TTL_S, SHARE_EVERY_S, RETRY_SHARE_S = 24 * 3600.0, 15.0, 5.0
    BUILDS, LOSER_WAITS_S = 2, 0.4
    DEGRADED_AFTER_S, DOWN_AFTER_S = 0.5, 3.0

    def __init__(
        self,
        name: str,
        *,
        schema: str,
        look: Callable[[str], Version | None],
        build: Callable[[str], T],
        dump: Callable[[T], Any],
        load: Callable[[Any], T],
        consistent_read: Callable[[str], AbstractContextManager[None]] = consistent_read,
    ) -> None:
        self._one_moment = consistent_read
        self.name, self.meter = name, Meter(name)
        self.held: CachedValue[T] | None = None
        self.previous: CachedValue[T] | None = None  # served while the page cache renders the new one
        self.poller: threading.Thread | None = None
        self.failure: Exception | None = None  # of the last read of the version
        self._looks_since: float | None = None
        self._prefix = f"{name}:{schema}"
        self._look, self._build, self._dump, self._load = look, build, dump, load
        self._lock = threading.Lock()
        self._answered_at = 0.0
        self._waits_for, self._waits_until = "", 0.0
        self._share_at = 0.0

    def current(self) -> CachedValue[T]:
        """Return the cached value, or read it. Raises DatabaseError or InterfaceError when there is none."""
        held, before = self.held, self.held
        if held is None or not self._has_poller:
            held = self.refresh()
        self.meter.count(hits=held is before)
        return held

    def current_from_database(self) -> CachedValue[T]:
        """Return what the database has now: one query, and the rows if the version has moved. Return the cached value
        while the database is degraded. Raises as `current` does."""
        if self.held is not None and self.is_degraded:
            self.meter.count(hits=1)
            return self.held
        return self.refresh(at_once=True)

    @property
    def is_degraded(self) -> bool:
        """True while the poller's last query failed, or has had no answer for half a second."""
        since = self._looks_since
        is_late = since is not None and time.monotonic() - since > self.DEGRADED_AFTER_S
        return self._has_poller and (is_late or self.failure is not None)

    @property
    def is_down(self) -> bool:
        """True when the poller has not been able to read the database for three seconds."""
        held = self.held
        return self.is_degraded and held is not None and held.age_s > self.DOWN_AFTER_S

    @property
    def _has_poller(self) -> bool:
        return self.poller is not None and self.poller.is_alive()

    @property
    def waits(self) -> bool:
        """True while this process leaves the build of the next version to another process."""
        return bool(self._waits_for)

    def refresh(self, using: str = DEFAULT_DB_ALIAS, *, at_once: bool = False) -> CachedValue[T]:
        """Read the version once, and rebuild the value if it has moved. Return the cached (or shared) value while the
        database cannot be read.

        With `at_once` this process builds even while another one builds the same version.
        Raises DatabaseError or InterfaceError when there is no value at all.
        """
        asked_at = time.monotonic()
        with self._lock:
            was_answered = self._answered_at >= asked_at  # while this call waited for the lock
            if not was_answered or (at_once and self.failure is None):
                failure: Exception | None = None  # self.failure keeps the last one until this read ends
                held: CachedValue[T] | None
                self._looks_since = time.monotonic()
                try:
                    version = None if connections[using].in_atomic_block else self._look(using)
                    held = self._fetch(version, using, at_once) if version else self._built(None, using)
                except (DatabaseError, InterfaceError) as error:
                    failure, held = error, self.held or self._last_known()
                self.failure, self._looks_since = failure, None
                if held is not None and held.version is None:
                    return held
                self._answered_at = time.monotonic()
                if held is not self.held:
                    self.previous, self.held = self.held, held
                if not self._has_poller:
                    self.keep_shared()
            if self.held is None and self.failure is not None:
                raise type(self.failure)(*self.failure.args)
            return self.held or self._built(None, using)

    def keep_shared(self) -> None:
        """Store the cached value in Redis every 15 s: a Redis that lost it gets it again, with its age."""
        held = self.held
        if held is not None and held.as_of is None and time.monotonic() >= self._share_at:
            self._share(held)

    def _fetch(self, version: Version, using: str, at_once: bool) -> CachedValue[T]:
        now = self.held
        if now is not None and now.version is not None and now.version.epoch == version.epoch:
            if version.number < now.version.number:
                return now  # never go back to an older version; unconfirmed, the value ages
            if version == now.version:
                now.seen()
                return now
            if version.number == now.version.number:
                return CachedValue(version, now.value)
        value = self._shared(version)
        if value is None and now is not None and not at_once and self._is_for_another(version):
            return now
        self._waits_for = ""
        if value is None:
            return self._built(version, using)
        self.meter.count(misses=1)
        return CachedValue(version, value)

    def _is_for_another(self, version: Version) -> bool:
        """True when another process announced first that it builds this version, for 0.4 s at most. Only a hint."""
        now = time.monotonic()
        if self._waits_for != version.name:
            self._waits_for, self._waits_until = version.name, now + self.LOSER_WAITS_S
        key = f"{self._prefix}:{version.name}:builds"
        return now < self._waits_until and redis.ask(lambda cache: cache.add(key, 1, timeout=1)) is False

    def _built(self, version: Version | None, using: str) -> CachedValue[T]:
        """Read version, rows, version. If a write came between each time, read all in one consistent transaction."""
        for _attempt in range(self.BUILDS):
            self.meter.count(misses=1, builds=1)
            held = CachedValue(version, self._build(using))
            if version is None:
                return held
            after = self._look(using)
            if after is not None and after.name == version.name:
                held.version = after
                self._share_at = 0.0  # shared only after it is served, which a hanging Redis must not delay
                return held
            version = after
        with self._one_moment(using):  # writes may never pause for long enough
            held = CachedValue(self._look(using), self._build(using))
        self._share_at = 0.0
        return held

    def _share(self, held: CachedValue[T]) -> None:
        if held.version is None:
            return
        latest = {
            "epoch": held.version.epoch,
            "version": held.version.number,
            "besides": sorted(held.version.sold_out_ids),  # a key that earlier releases read, too
            "seen_at": time.time() - held.age_s,
        }
        is_shared = redis.put(f"{self._prefix}:{held.version.name}", self._dump(held.value), self.TTL_S)
        if not self._knows_a_later_one(held.version):
            is_shared &= redis.put(f"{self._prefix}:latest", latest, self.TTL_S)
        wait_s = self.SHARE_EVERY_S if is_shared else self.RETRY_SHARE_S
        self._share_at = time.monotonic() + wait_s * random.uniform(0.7, 1.0)  # noqa: S311

    def _knows_a_later_one(self, version: Version) -> bool:
        """True when another process has already shared a later version of this epoch."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            return bool(latest["epoch"] == version.epoch and latest["version"] > version.number)
        except (LookupError, TypeError):
            return False

    def _shared(self, version: Version) -> T | None:
        kept = redis.get(f"{self._prefix}:{version.name}")
        try:
            return None if kept is None else self._load(kept)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None

    def _last_known(self) -> CachedValue[T] | None:
        """Return the last value that was shared through Redis; used only while the database cannot be read."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            version = Version(latest["epoch"], latest["version"], frozenset(latest["besides"]))
            age_s = max(time.time() - latest["seen_at"], 0.0)
        except (LookupError, TypeError):
            return None
        value = self._shared(version)
        return None if value is None else CachedValue(version, value, age_s=age_s)
