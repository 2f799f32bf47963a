"""The last hour of every cache, read from the `CacheMinute` rows of all instances by three queries in all."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet, Sum

from cafe.cache_stats.recorder import CacheState, Counts, start_of_minute
from cafe.caching.cached_value import STALE_AFTER_S
from cafe.models import BreakerState, CacheMinute

MINUTES = 60
MINUTE = timedelta(minutes=1)
SILENT_AFTER = timedelta(minutes=2)
ORDER = ["pages", "menu", "orders"]  # in which a request reaches them

SUMS = [Sum("hits"), Sum("misses"), Sum("builds")]


@dataclass(frozen=True)
class Minute:
    at: datetime
    counts: Counts


@dataclass(frozen=True)
class InstanceHour:
    """The counts of one cache in one instance, summed over its processes. `standing` is the state that one of them
    wrote last; None after two minutes without a write, when that state is out of date."""

    name: str
    hour: Counts
    minute: Counts
    written_at: datetime
    standing: CacheState | None

    @property
    def is_old(self) -> bool:
        return self.standing is not None and (self.standing.age_s or 0) > STALE_AFTER_S

    @property
    def distrusts_redis(self) -> bool:
        return self.standing is not None and self.standing.breaker not in ("", BreakerState.CLOSED)


@dataclass(frozen=True)
class CacheHour:
    """One cache in all instances: sixty minutes, the current one last, and the instances, silent ones last."""

    name: str
    minutes: list[Minute]
    instances: list[InstanceHour]

    @property
    def total(self) -> Counts:
        return sum((minute.counts for minute in self.minutes), Counts())

    @property
    def last_full_minute(self) -> Counts:
        return self.minutes[-2].counts


@dataclass(frozen=True)
class Overview:
    """The names of the instances that write, are silent, serve a stale menu, or do without Redis."""

    writing: list[str]
    silent: list[str]
    with_old_menu: list[str]
    without_redis: list[str]

    @property
    def is_well(self) -> bool:
        return not (self.with_old_menu or self.without_redis)


def overview_of(hours: list[CacheHour]) -> Overview:
    instances = [instance for hour in hours for instance in hour.instances]
    writing = {instance.name for instance in instances if instance.standing}
    return Overview(
        sorted(writing),
        sorted({instance.name for instance in instances} - writing),
        sorted({instance.name for instance in instances if instance.is_old}),
        sorted({instance.name for instance in instances if instance.distrusts_redis}),
    )


def last_hour(now: datetime) -> list[CacheHour]:
    """Return a `CacheHour` for each cache: the sixty minutes up to the current one; [] when no instance wrote."""
    running = start_of_minute(now)
    shown = [running - MINUTE * back for back in reversed(range(MINUTES))]
    rows = CacheMinute.objects.filter(minute__gte=shown[0], minute__lte=running)
    counts = {(cache, at): _counts(sums) for cache, at, *sums in rows.values_list("cache", "minute").annotate(*SUMS)}
    instances = _instances(rows, now)
    return [
        CacheHour(
            name,
            [Minute(at, counts.get((name, at), Counts())) for at in shown],
            sorted(instances[name], key=lambda instance: (instance.standing is None, instance.name)),
        )
        for name in in_order(instances)
    ]


def in_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def _instances(rows: "QuerySet[CacheMinute]", now: datetime) -> dict[str, list[InstanceHour]]:
    """Return the instances that wrote these rows, by cache."""
    last_full = start_of_minute(now) - MINUTE
    standings: dict[tuple[str, str], CacheState] = {}
    minutes: dict[tuple[str, str], Counts] = {}
    for row in rows.filter(minute__gte=start_of_minute(now - SILENT_AFTER)).order_by("minute"):
        standings[row.cache, row.program] = CacheState(row.version, row.age_s, row.breaker)
        if row.minute == last_full:
            minutes[row.cache, row.program] = Counts(row.hits, row.misses, row.builds)
    instances = defaultdict(list)
    for cache, name, *sums, written_at in rows.values_list("cache", "program").annotate(*SUMS, Max("written_at")):
        standing = standings.get((cache, name)) if now - written_at <= SILENT_AFTER else None
        minute = minutes.get((cache, name), Counts())
        instances[cache].append(InstanceHour(name, _counts(sums), minute, written_at, standing))
    return instances


def _counts(sums: list[Any]) -> Counts:
    return Counts(*map(int, sums))  # MySQL sums to Decimal
