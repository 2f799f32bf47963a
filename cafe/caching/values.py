"""A cached value, the version of it that the database has, and a read of one consistent version."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connections, transaction

STALE_AFTER_S = 5.0

T = TypeVar("T")


@dataclass(frozen=True)
class Mark:
    """Where a value stands in the database: `version` counts within `epoch`. `besides` is what changes its look
    without a new version, seen in the same statement."""

    epoch: str
    version: int
    besides: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.epoch}:{self.version}"


class Held(Generic[T]):
    """A value as this process holds it. What is made of it (pages) is kept in `made`, and goes when it goes."""

    def __init__(self, mark: Mark | None, value: T, *, age_s: float = 0.0) -> None:
        self.mark = mark  # None: read inside a transaction, for this request alone
        self.value = value
        self.made: dict[Any, Any] = {}
        self.seen(age_s)

    def seen(self, age_s: float = 0.0) -> None:
        """Note that the database said, `age_s` seconds ago, that this is current."""
        self._seen_at = time.monotonic() - age_s
        self._seen_time = int(time.time() - age_s)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._seen_at

    @property
    def as_of(self) -> int | None:
        """When the database last said that this is current (Unix time), if that is more than five seconds ago."""
        return self._seen_time if self.age_s > STALE_AFTER_S else None


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """A transaction whose every statement sees the database as it was at the first of them."""
    if connections[using].vendor == "mysql":  # SQLite's transactions are so by themselves
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # of the next one alone
    with transaction.atomic(using=using):
        yield
