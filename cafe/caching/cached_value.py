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
class Version:
    """The version of a value in the database: `number` counts within `epoch`. `sold_out_ids` changes the rendered
    page without a new number; it is read in the same query.
    """

    epoch: str
    number: int
    sold_out_ids: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.epoch}:{self.number}"


class CachedValue(Generic[T]):
    """A value cached in this process. `made` caches what was rendered from it (pages), for the same lifetime."""

    def __init__(self, version: Version | None, value: T, *, age_s: float = 0.0) -> None:
        self.version = version  # None: read inside a transaction, for this request alone
        self.value = value
        self.made: dict[Any, Any] = {}
        self.seen(age_s)

    def seen(self, age_s: float = 0.0) -> None:
        """Note that the database confirmed this value `age_s` seconds ago."""
        self._seen_at = time.monotonic() - age_s
        self._seen_time = int(time.time() - age_s)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._seen_at

    @property
    def as_of(self) -> int | None:
        """When the database last confirmed this value (Unix time), or None if that is less than five seconds ago."""
        return self._seen_time if self.age_s > STALE_AFTER_S else None


@contextmanager
def consistent_read(using: str) -> Iterator[None]:
    """A transaction in which all statements read one snapshot of the database (REPEATABLE READ)."""
    if connections[using].vendor == "mysql":  # SQLite's transactions always do
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # of the next transaction only
    with transaction.atomic(using=using):
        yield
