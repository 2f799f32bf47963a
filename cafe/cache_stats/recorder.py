"""Adds the cache counters of this process to the database rows of the current minute (`cafe.models.CacheMinute`).

Requests count in memory and the poller's thread writes, so that no request waits for it. All processes of an
instance add to the same rows, so the rows of all instances add up to the totals of the café's caches.
"""

import logging
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, connections
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cafe.caching.breaker import BREAKER
from cafe.caching.counters import METERS, Meter
from cafe.conf import env
from cafe.models import BreakerState, CacheMinute
from cafe.serving.menu_poller import ALIAS
from menu.catalogue.current import MENU

log = logging.getLogger("cafe.cache_minutes")

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Counts:
    """Hits, misses and builds of a cache. A build reads the rows or renders the page after a miss."""

    hits: int = 0
    misses: int = 0
    builds: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.misses + other.misses, self.builds + other.builds)

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(self.hits - other.hits, self.misses - other.misses, self.builds - other.builds)

    @property
    def asked(self) -> int:
        return self.hits + self.misses

    @property
    def ratio(self) -> float | None:
        """The hit ratio (0 to 1); None without requests."""
        return self.hits / self.asked if self.asked else None


@dataclass(frozen=True)
class CacheState:
    """The state of a cache in a process. `version` and `age_s` are set for the menu only; `breaker`, the state of the
    circuit breaker, is "" without Redis.
    """

    version: str
    age_s: float | None
    breaker: str

    @property
    def breaker_label(self) -> str:
        """The breaker's state in the reader's language."""
        return str(dict(BreakerState.choices).get(self.breaker, self.breaker)) if self.breaker else _("no Redis")


def instance_name() -> str:
    """Return the instance's name: the pod's name and the port, which distinguishes two instances on one machine."""
    host = env.text("HOSTNAME") or socket.gethostname()
    return f"{host[:100]}:{env.number('PORT', 8000, least=1, most=65535)}"


def counts_of(meter: Meter) -> Counts:
    return Counts(meter.hits, meter.misses, meter.builds)


def cache_state_of(cache: str) -> CacheState:
    """Return the state of this process's cache of that name."""
    breaker = BREAKER.state if settings.REDIS_HOST else ""
    held = MENU.held if cache == MENU.name else None
    if held is None or held.version is None:
        return CacheState("", None, breaker)
    return CacheState(f"{held.version.epoch}.{held.version.number}", round(held.age_s, 1), breaker)


def start_of_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class MinuteWriter:
    """Adds, every ten seconds at most, the counts since the last successful write to the current minute's rows.

    It executes one UPDATE per cache; if the minute has no row yet, an INSERT; if another process was first, the
    UPDATE again. After a failed write, the counts are added to the minute of the next successful one. If the
    connection is lost after the database has written, they are counted twice.
    """

    EVERY_S, TIDY_EVERY_S = 10.0, 3600.0
    MAX_DELETED = 1000  # by one statement

    def __init__(self, meters: Mapping[str, Meter] = METERS, clock: Callable[[], float] = time.monotonic) -> None:
        self._meters, self._clock = meters, clock
        self._program = instance_name()
        self._written: dict[str, Counts] = {}
        self._write_at = self._tidy_at = 0.0
        self._is_away = False

    def __call__(self) -> None:
        """Write if the interval has passed. Database errors are not raised; the first in a row is logged."""
        if self._clock() < self._write_at:
            return
        self._write_at = self._clock() + self.EVERY_S * random.uniform(0.8, 1)  # noqa: S311 - jitter
        try:
            self._write()
            self._tidy()
        except (DatabaseError, InterfaceError) as error:  # the first error ends the step: only one timeout
            connections[ALIAS].close()
            if not self._is_away:
                log.warning("What the caches do cannot be written: %s", type(error).__name__)
            self._is_away = True
        else:
            self._is_away = False

    def _write(self) -> None:
        now = timezone.now()
        for name, meter in list(self._meters.items()):
            counts = counts_of(meter)
            self._add(name, counts - self._written.get(name, Counts()), now)
            self._written[name] = counts

    def _add(self, cache: str, done: Counts, now: datetime) -> None:
        key = {"minute": start_of_minute(now), "program": self._program, "cache": cache}
        state = {**vars(cache_state_of(cache)), "written_at": now}
        added = {name: F(name) + count for name, count in vars(done).items()}
        row = CacheMinute.objects.using(ALIAS).filter(**key)
        if row.update(**added, **state):
            return
        try:
            CacheMinute.objects.using(ALIAS).create(**key, **vars(done), **state)
        except IntegrityError:  # another process of this instance was first
            row.update(**added, **state)

    def _tidy(self) -> None:
        """Delete rows over a day old, of any instance: once an hour, at most MAX_DELETED at a time."""
        if self._clock() < self._tidy_at:
            return
        rows = CacheMinute.objects.using(ALIAS)
        old = rows.filter(minute__lt=timezone.now() - KEPT).order_by("minute")
        keys = list(old.values_list("pk", flat=True)[: self.MAX_DELETED])
        if keys:
            rows.filter(pk__in=keys).delete()
        if len(keys) < self.MAX_DELETED:
            self._tidy_at = self._clock() + self.TIDY_EVERY_S * random.uniform(0.9, 1.1)  # noqa: S311
