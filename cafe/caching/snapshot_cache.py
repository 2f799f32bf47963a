"""A cached value: built from database rows, shared through Redis, replaced when the version of the rows changes."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from cafe.caching import redis
from cafe.caching.cached_value import CachedValue, Version, consistent_read
from cafe.caching.counters import Meter

T = TypeVar("T")


class SnapshotCache(Generic[T]):
    """Cache one value that is built from database rows, until the rows' version changes.

    The cache replaces its value; the value (a snapshot, in a `CachedValue`) is never changed.

    `read_version` reads the version in one query (None: nothing may be cached), `build` reads the rows. Both take a
    database alias. `dump` and `load` convert the value to and from JSON; `schema` names that format.
    Writers bump the version in the transaction that changes a row. A Redis key contains the version, so its value
    stays valid: nothing is deleted, and a slow process can only store a valid value under an old version's key.

    A poller thread calls `refresh`. `current` takes the cached value, and reads the database only when there is none,
    or no poller (shell, commands). `current_revalidated` reads the version each time.
    """

    REDIS_TTL_S, REDIS_WRITE_INTERVAL_S, REDIS_RETRY_S = 24 * 3600.0, 15.0, 5.0
    MAX_OPTIMISTIC_BUILDS, BUILD_WAIT_S = 2, 0.4
    DEGRADED_AFTER_S, DOWN_AFTER_S = 0.5, 3.0

    def __init__(
        self,
        name: str,
        *,
        schema: str,
        read_version: Callable[[str], Version | None],
        build: Callable[[str], T],
        dump: Callable[[T], Any],
        load: Callable[[Any], T],
        consistent_read: Callable[[str], AbstractContextManager[None]] = consistent_read,
    ) -> None:
        self._consistent_read = consistent_read
        self.name, self.meter = name, Meter(name)
        self.held: CachedValue[T] | None = None
        self.previous: CachedValue[T] | None = None  # served while the page cache renders the new one
        self.poller: threading.Thread | None = None
        self.failure: Exception | None = None  # of the last read of the version
        self._refresh_since: float | None = None
        self._prefix = f"{name}:{schema}"
        self._read_version, self._build, self._dump, self._load = read_version, build, dump, load
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._waits_for, self._waits_until = "", 0.0
        self._write_due_at = 0.0

    def current(self) -> CachedValue[T]:
        """Return the cached value, or read it. Raises DatabaseError or InterfaceError when there is none."""
        held, before = self.held, self.held
        if held is None or not self._has_poller:
            held = self.refresh()
        self.meter.count(hits=held is before)
        return held

    def current_revalidated(self) -> CachedValue[T]:
        """Read the version in the database, and the rows if it has changed. Raises as `current` does.

        While the database is degraded, return the cached value without a query.
        """
        if self.held is not None and self.is_degraded:
            self.meter.count(hits=1)
            return self.held
        return self.refresh(ignore_build_claim=True)

    @property
    def is_degraded(self) -> bool:
        """True while the database is suspected down: the last refresh failed, or one has been running for 0.5 s.

        A refresh of a request counts, too, and so does the time of a build. False without a poller."""
        since = self._refresh_since
        is_late = since is not None and time.monotonic() - since > self.DEGRADED_AFTER_S
        return self._has_poller and (is_late or self.failure is not None)

    @property
    def is_down(self) -> bool:
        """True while degraded with a cached value that was last confirmed over three seconds ago."""
        held = self.held
        return self.is_degraded and held is not None and held.age_s > self.DOWN_AFTER_S

    @property
    def _has_poller(self) -> bool:
        return self.poller is not None and self.poller.is_alive()

    @property
    def is_waiting_for_build(self) -> bool:
        """True while this process leaves the build of the next version to another process."""
        return bool(self._waits_for)

    def refresh(self, using: str = DEFAULT_DB_ALIAS, *, ignore_build_claim: bool = False) -> CachedValue[T]:
        """Read the version; if it has changed, take the value from Redis or build it. In a transaction, only build.

        While the database cannot be read, return the cached value, or the last one in Redis.

        With `ignore_build_claim` this process builds even while another one builds the same version.
        Raises DatabaseError or InterfaceError when there is no value at all.
        """
        asked_at = time.monotonic()
        with self._lock:
            was_answered = self._read_at >= asked_at  # while this call waited for the lock
            if not was_answered or (ignore_build_claim and self.failure is None):
                failure: Exception | None = None  # self.failure keeps the last one until this read ends
                held: CachedValue[T] | None
                self._refresh_since = time.monotonic()
                try:
                    version = None if connections[using].in_atomic_block else self._read_version(using)
                    held = (
                        self._fetch(version, using, ignore_build_claim)
                        if version
                        else self._build_consistently(None, using)
                    )
                except (DatabaseError, InterfaceError) as error:
                    failure, held = error, self.held or self._last_known()
                self.failure, self._refresh_since = failure, None
                if held is not None and held.version is None:
                    return held
                self._read_at = time.monotonic()
                if held is not self.held:
                    self.previous, self.held = self.held, held
                if not self._has_poller:
                    self.write_to_redis_if_due()
            if self.held is None and self.failure is not None:
                raise type(self.failure)(*self.failure.args)
            return self.held or self._build_consistently(None, using)

    def write_to_redis_if_due(self) -> None:
        """Write the cached value and its age to Redis every 15 s: a Redis that lost it gets it again.

        A value that was last confirmed over 5 s ago is not written.
        """
        held = self.held
        if held is not None and held.as_of is None and time.monotonic() >= self._write_due_at:
            self._write_to_redis(held)

    def _fetch(self, version: Version, using: str, ignore_build_claim: bool) -> CachedValue[T]:
        now = self.held
        if now is not None and now.version is not None and now.version.epoch == version.epoch:
            if version.number < now.version.number:
                return now  # never go back to an older version; unconfirmed, the value ages
            if version == now.version:
                now.seen()
                return now
            if version.number == now.version.number:
                return CachedValue(version, now.value)
        value = self._read_from_redis(version)
        if value is None and now is not None and not ignore_build_claim and self._must_wait_for_other_build(version):
            return now
        self._waits_for = ""
        if value is None:
            return self._build_consistently(version, using)
        self.meter.count(misses=1)
        return CachedValue(version, value)

    def _must_wait_for_other_build(self, version: Version) -> bool:
        """Claim the build of this version in Redis. True while another process has the claim, for 0.4 s at most.

        Only a hint: two processes that build the same version build the same value."""
        now = time.monotonic()
        if self._waits_for != version.name:
            self._waits_for, self._waits_until = version.name, now + self.BUILD_WAIT_S
        key = f"{self._prefix}:{version.name}:builds"
        return now < self._waits_until and redis.ask(lambda cache: cache.add(key, 1, timeout=1)) is False

    def _build_consistently(self, version: Version | None, using: str) -> CachedValue[T]:
        """Build the value, and read the version again: it must still be `version`, which the caller read before.

        If a write came between, repeat with the new version. After two attempts, read version and rows in one
        REPEATABLE READ transaction.
        """
        for _attempt in range(self.MAX_OPTIMISTIC_BUILDS):
            self.meter.count(misses=1, builds=1)
            held = CachedValue(version, self._build(using))
            if version is None:
                return held
            after = self._read_version(using)
            if after is not None and after.name == version.name:
                held.version = after
                self._write_due_at = 0.0  # the poller writes it, after it is served: Redis may hang
                return held
            version = after
        self.meter.count(misses=1, builds=1)
        with self._consistent_read(using):
            held = CachedValue(self._read_version(using), self._build(using))
        self._write_due_at = 0.0
        return held

    def _write_to_redis(self, held: CachedValue[T]) -> None:
        if held.version is None:
            return
        latest = {
            "epoch": held.version.epoch,
            "version": held.version.number,
            "besides": sorted(held.version.sold_out_ids),  # a key that earlier releases read, too
            "seen_at": time.time() - held.age_s,
        }
        is_shared = redis.put(f"{self._prefix}:{held.version.name}", self._dump(held.value), self.REDIS_TTL_S)
        if not self._is_later_shared(held.version):
            is_shared &= redis.put(f"{self._prefix}:latest", latest, self.REDIS_TTL_S)
        wait_s = self.REDIS_WRITE_INTERVAL_S if is_shared else self.REDIS_RETRY_S
        self._write_due_at = time.monotonic() + wait_s * random.uniform(0.7, 1.0)  # noqa: S311

    def _is_later_shared(self, version: Version) -> bool:
        """True when another process has written a later version of this epoch to Redis."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            return bool(latest["epoch"] == version.epoch and latest["version"] > version.number)
        except (LookupError, TypeError):
            return False

    def _read_from_redis(self, version: Version) -> T | None:
        kept = redis.get(f"{self._prefix}:{version.name}")
        try:
            return None if kept is None else self._load(kept)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None

    def _last_known(self) -> CachedValue[T] | None:
        """Return the last value that a process wrote to Redis; used only while the database cannot be read."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            version = Version(latest["epoch"], latest["version"], frozenset(latest["besides"]))
            age_s = max(time.time() - latest["seen_at"], 0.0)
        except (LookupError, TypeError):
            return None
        value = self._read_from_redis(version)
        return None if value is None else CachedValue(version, value, age_s=age_s)
