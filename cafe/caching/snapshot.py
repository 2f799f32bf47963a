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
from cafe.caching.values import Held, Mark, one_moment

T = TypeVar("T")


class Snapshot(Generic[T]):
    """A value built from the database, held by each process, shared through Redis, replaced when its version moves.

    `look` reads the mark in one statement (None: there is none, nothing may be kept), `build` reads the rows; both
    take a database alias. `dump` and `load` turn the value into what JSON holds and back; `schema` names that form.
    Writers move the version in the transaction that changes a row, so a value kept under its version's name is true
    for ever: nothing is deleted, and a late writer can only store a true value under an old name.

    A process's poller calls `refresh`; a request takes what is held and waits only when there is nothing to show.
    Without a poller (shell, commands) every `current` looks.
    """

    TTL_S, SHARE_EVERY_S, RETRY_SHARE_S = 24 * 3600.0, 15.0, 5.0
    BUILDS, LOSER_WAITS_S = 2, 0.4
    LATE_AFTER_S, CUT_OFF_AFTER_S = 0.5, 3.0

    def __init__(
        self,
        name: str,
        *,
        schema: str,
        look: Callable[[str], Mark | None],
        build: Callable[[str], T],
        dump: Callable[[T], Any],
        load: Callable[[Any], T],
        one_moment: Callable[[str], AbstractContextManager[None]] = one_moment,
    ) -> None:
        self._one_moment = one_moment
        self.name, self.meter = name, Meter(name)
        self.held: Held[T] | None = None
        self.previous: Held[T] | None = None  # shown while pages are made of the new one
        self.poller: threading.Thread | None = None
        self.failure: Exception | None = None  # of the last look
        self._looks_since: float | None = None
        self._prefix = f"{name}:{schema}"
        self._look, self._build, self._dump, self._load = look, build, dump, load
        self._lock = threading.Lock()
        self._answered_at = 0.0
        self._waits_for, self._waits_until = "", 0.0
        self._share_at = 0.0

    def current(self) -> Held[T]:
        """Return what is held, or read it. Raises DatabaseError or InterfaceError when there is nothing to show."""
        held, before = self.held, self.held
        if held is None or not self._has_poller:
            held = self.refresh()
        self.meter.count(hits=held is before)
        return held

    def current_at_once(self) -> Held[T]:
        """Return what the database has now: one statement, and the rows if they have changed. What is held, while the
        poller finds that the database cannot be read. Raises as `current` does."""
        if self.held is not None and self.is_in_doubt:
            self.meter.count(hits=1)
            return self.held
        return self.refresh(at_once=True)

    @property
    def is_in_doubt(self) -> bool:
        """True while the poller's last look at the database failed, or has had no answer for half a second."""
        since = self._looks_since
        is_late = since is not None and time.monotonic() - since > self.LATE_AFTER_S
        return self._has_poller and (is_late or self.failure is not None)

    @property
    def is_cut_off(self) -> bool:
        """True when the poller has not been able to read the database for three seconds."""
        held = self.held
        return self.is_in_doubt and held is not None and held.age_s > self.CUT_OFF_AFTER_S

    @property
    def _has_poller(self) -> bool:
        return self.poller is not None and self.poller.is_alive()

    @property
    def waits(self) -> bool:
        """True while another process builds the version that this one is to show next."""
        return bool(self._waits_for)

    def refresh(self, using: str = DEFAULT_DB_ALIAS, *, at_once: bool = False) -> Held[T]:
        """Look at the database once, hold and return what it has; what was held (or shared) if it cannot be read.

        With `at_once` it does not wait for another process that builds the same.
        Raises DatabaseError or InterfaceError when there is nothing to show.
        """
        asked_at = time.monotonic()
        with self._lock:
            was_answered = self._answered_at >= asked_at  # while this call waited for the lock
            if not was_answered or (at_once and self.failure is None):
                failure: Exception | None = None  # the last one's holds until this look has its answer
                held: Held[T] | None
                self._looks_since = time.monotonic()
                try:
                    mark = None if connections[using].in_atomic_block else self._look(using)
                    held = self._fetch(mark, using, at_once) if mark else self._built(None, using)
                except (DatabaseError, InterfaceError) as error:
                    failure, held = error, self.held or self._last_known()
                self.failure, self._looks_since = failure, None
                if held is not None and held.mark is None:
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
        """Share what is held every quarter of a minute: a Redis that lost it has it again, and knows its age."""
        held = self.held
        if held is not None and held.as_of is None and time.monotonic() >= self._share_at:
            self._share(held)

    def _fetch(self, mark: Mark, using: str, at_once: bool) -> Held[T]:
        now = self.held
        if now is not None and now.mark is not None and now.mark.epoch == mark.epoch:
            if mark.version < now.mark.version:
                return now  # never backwards; not seen, so it grows old
            if mark == now.mark:
                now.seen()
                return now
            if mark.version == now.mark.version:
                return Held(mark, now.value)
        value = self._shared(mark)
        if value is None and now is not None and not at_once and self._is_for_another(mark):
            return now
        self._waits_for = ""
        if value is None:
            return self._built(mark, using)
        self.meter.count(misses=1)
        return Held(mark, value)

    def _is_for_another(self, mark: Mark) -> bool:
        """True when another process said first that it builds this version, for 0.4 s at most. Only a hint."""
        now = time.monotonic()
        if self._waits_for != mark.name:
            self._waits_for, self._waits_until = mark.name, now + self.LOSER_WAITS_S
        key = f"{self._prefix}:{mark.name}:builds"
        return now < self._waits_until and redis.ask(lambda cache: cache.add(key, 1, timeout=1)) is False

    def _built(self, mark: Mark | None, using: str) -> Held[T]:
        """Read version, rows, version; if there was a write between, at each try, read all at one moment."""
        for _attempt in range(self.BUILDS):
            self.meter.count(misses=1, builds=1)
            held = Held(mark, self._build(using))
            if mark is None:
                return held
            after = self._look(using)
            if after is not None and after.name == mark.name:
                held.mark = after
                self._share_at = 0.0  # once it is held: a Redis that hangs must not keep it from being shown
                return held
            mark = after
        with self._one_moment(using):  # somebody writes without a pause
            held = Held(self._look(using), self._build(using))
        self._share_at = 0.0
        return held

    def _share(self, held: Held[T]) -> None:
        if held.mark is None:
            return
        latest = {
            "epoch": held.mark.epoch,
            "version": held.mark.version,
            "besides": sorted(held.mark.besides),
            "seen_at": time.time() - held.age_s,
        }
        is_shared = redis.put(f"{self._prefix}:{held.mark.name}", self._dump(held.value), self.TTL_S)
        if not self._knows_a_later_one(held.mark):
            is_shared &= redis.put(f"{self._prefix}:latest", latest, self.TTL_S)
        wait_s = self.SHARE_EVERY_S if is_shared else self.RETRY_SHARE_S
        self._share_at = time.monotonic() + wait_s * random.uniform(0.7, 1.0)  # noqa: S311

    def _knows_a_later_one(self, mark: Mark) -> bool:
        """True when a later version of this epoch was shared already, by somebody who was not held up."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            return bool(latest["epoch"] == mark.epoch and latest["version"] > mark.version)
        except (LookupError, TypeError):
            return False

    def _shared(self, mark: Mark) -> T | None:
        kept = redis.get(f"{self._prefix}:{mark.name}")
        try:
            return None if kept is None else self._load(kept)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None

    def _last_known(self) -> Held[T] | None:
        """Return what Redis says was current last: read only when the database cannot be."""
        latest = redis.get(f"{self._prefix}:latest")
        try:
            mark = Mark(latest["epoch"], latest["version"], frozenset(latest["besides"]))
            age_s = max(time.time() - latest["seen_at"], 0.0)
        except (LookupError, TypeError):
            return None
        value = self._shared(mark)
        return None if value is None else Held(mark, value, age_s=age_s)
