"""An answer cached in Redis for seconds, under a generation that every writer replaces."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import connection

from cafe.caching import redis
from cafe.caching.breaker import BREAKER
from cafe.caching.counters import Meter

T = TypeVar("T")
A = TypeVar("A")


@dataclass(frozen=True)
class Fresh(Generic[T]):
    """A value, the generation it was read under (None: it must not be kept), and the monotonic time it expires."""

    value: T
    generation: str | None = None
    good_until: float = 0.0


class GenerationCache:
    """An answer cached in Redis for seconds under a random generation. Readers read the generation before the rows;
    writers replace it after their commit. Without Redis, and inside a transaction, nothing is cached.

    An invalidation that Redis lost is repaired when the TTL ends. (A counter would restart after an eviction.)
    """

    GENERATION = re.compile(rb'"([0-9a-f]{16})"')  # as JSON

    def __init__(self, name: str, *, ttl_s: float = 2.0) -> None:
        self.meter = Meter(name)
        self._name, self._ttl_s = name, ttl_s
        self._key = f"{name}:generation"
        self._distrusted_until = 0.0

    def get(self, read: Callable[[], A]) -> A:
        """Return the cached answer of `read`, or call `read` if it is older than `ttl_s` or was invalidated."""
        return self.fetch(read).value

    def fetch(self, read: Callable[[], A]) -> Fresh[A]:
        """Return the same with its generation, so that a caller can keep it in this process (see `is_current`)."""
        generation = self._generation()
        if generation is None:
            self.meter.count(misses=1)
            return Fresh(read())
        key, asked_at = f"{self._name}:{generation}", time.monotonic()
        life_ms = redis.ask(lambda cache: cache.pttl(key)) or 0  # before the value, which may be replaced between
        kept = redis.get(key)
        self.meter.count(hits=kept is not None, misses=kept is None)
        if kept is not None:
            return Fresh(kept, generation, asked_at + min(life_ms / 1000, self._ttl_s))
        kept = read()
        redis.put(key, kept, self._ttl_s * 0.9)
        return Fresh(kept, generation, asked_at + self._ttl_s * 0.9)

    @property
    def may_keep(self) -> bool:
        """False while no Redis is configured or its circuit breaker is open: then every `fetch` calls `read`."""
        return redis.is_configured() and BREAKER.state != "open"

    def is_current(self, fresh: Fresh[A]) -> bool:
        """Return whether the value is still valid: one GET to Redis, counted as a hit if so."""
        now = time.monotonic()
        if fresh.generation is None or now >= fresh.good_until or now < self._distrusted_until:
            return False
        is_so = self._read_generation() == fresh.generation
        self.meter.count(hits=is_so)
        return is_so

    def invalidate(self) -> None:
        """Replace the generation, so that the next `get` in any process reads anew. Call it after the commit."""
        if not redis.is_configured():
            return
        generation = b'"%b"' % secrets.token_hex(8).encode()  # as JSON
        if redis.guarded(lambda: redis.CONNECTION.set(self._key, generation)) is redis.AWAY:
            self._distrusted_until = time.monotonic() + self._ttl_s

    def _generation(self) -> str | None:
        if not redis.is_configured() or connection.in_atomic_block or time.monotonic() < self._distrusted_until:
            return None
        found = self._read_generation()
        if found:
            return found
        begun = secrets.token_hex(8)
        return begun if found is None and redis.ask(lambda cache: cache.add(self._key, begun, timeout=None)) else None

    def _read_generation(self) -> str | None:
        """Return the current generation; None if there is none yet, "" if Redis is away or has garbage."""
        found = redis.guarded(lambda: redis.CONNECTION.get(self._key))
        if found is None:
            return None
        known = self.GENERATION.fullmatch(found) if isinstance(found, bytes) else None
        return known[1].decode() if known else ""
