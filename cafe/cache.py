"""The only importer of Django's cache, and the only place that knows Redis (docs/caching.md).

`Snapshot` is a value with a version in the database, held by each process; `Recent` is an answer kept for seconds.
Redis may die at any time, freeze, fill up, or hold garbage: connecting takes 0.1 s at most, a call 0.2 s, one retry,
a breaker stops asking it after five errors, and an error is a miss. Nothing kept here is lost for good when lost.
"""

import hashlib
import json
import os
import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections, transaction
from django_redis import get_redis_connection
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

CONNECT_TIMEOUT_S = 0.1
SOCKET_TIMEOUT_S = 0.2
STALE_AFTER_S = 5.0

STATS = (
    "total_commands_processed",
    "total_connections_received",
    "keyspace_hits",
    "keyspace_misses",
)

T = TypeVar("T")
A = TypeVar("A")

_is_configured = False


def config(*, host: str, port: int, password: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES: Redis at `host`, or this process's memory when `host` is empty.

    `default`, for whoever asks Django for a cache, ignores errors; ours, `guarded`, tells them to the breaker.
    """
    global _is_configured
    _is_configured = bool(host)
    if not host:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    options = {
        "PASSWORD": password or None,
        "SOCKET_CONNECT_TIMEOUT": CONNECT_TIMEOUT_S,
        "SOCKET_TIMEOUT": SOCKET_TIMEOUT_S,
        "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1)},
        "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        "IGNORE_EXCEPTIONS": True,
    }
    redis = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"redis://{host}:{port}/0",
        "OPTIONS": options,
    }
    return {"default": redis, "guarded": redis | {"OPTIONS": options | {"IGNORE_EXCEPTIONS": False}}}


# What is counted


class Meter:
    """Counts what one cache of this process did, for `/api/cache/stats` and `/admin/cache/`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hits = self.misses = self.builds = 0
        self._lock = threading.Lock()
        METERS[name] = self

    def count(self, *, hits: int = 0, misses: int = 0, builds: int = 0) -> None:
        with self._lock:
            self.hits += hits
            self.misses += misses
            self.builds += builds

    def stats(self) -> dict[str, float]:
        asked = self.hits + self.misses
        return {
            "hits": self.hits,
            "misses": self.misses,
            "hit_ratio": round(self.hits / asked, 4) if asked else 0.0,
        }


METERS: dict[str, Meter] = {}

# Redis, behind its breaker


class Breaker:
    """Stops calls after five errors in a row, for two seconds; then one call tries."""

    ERRORS, OPEN_S = 5, 2.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._errors = 0
        self._try_at = 0.0

    @property
    def state(self) -> str:
        """ "closed" (calls go through), "open" (none does), or "half-open" (the next one tries)."""
        if self._errors < self.ERRORS:
            return "closed"
        return "open" if self._clock() < self._try_at else "half-open"

    def allows(self) -> bool:
        if self._errors < self.ERRORS:
            return True
        with self._lock:
            is_to_try = self._clock() >= self._try_at
            if is_to_try:
                self._try_at = self._clock() + self.OPEN_S  # the others wait for this one
            return is_to_try

    def succeeded(self) -> None:
        self._errors = 0

    def failed(self) -> None:
        with self._lock:
            self._errors += 1
            self._try_at = self._clock() + self.OPEN_S


BREAKER = Breaker()


class Away:
    """What is said instead of an answer when Redis is not configured, away, or not asked."""


AWAY = Away()


def _guarded(call: Callable[[], A]) -> A | Away:
    """Ask Redis through the breaker."""
    if not _is_configured or not BREAKER.allows():
        return AWAY
    try:
        answer = call()
    except (RedisError, OSError):
        BREAKER.failed()
        return AWAY
    BREAKER.succeeded()
    return answer


def _ask(call: Callable[[Any], A]) -> A | None:
    """Ask Redis, by django-redis's cache; None when it is not configured, away, or has what cannot be read."""

    def read() -> A | None:
        try:
            return call(caches["guarded"])
        except (ValueError, RecursionError):  # garbage, a pickle: not ours
            return None

    answer = _guarded(read)
    return None if isinstance(answer, Away) else answer


class Wire(threading.local):
    """A connection to Redis for each thread, for the one question that every read asks, and what every order says.

    It is redis-py's, without its client, its pool and django-redis around it: a sixth of the CPU time.
    """

    _connection: Any = None

    def get(self, key: str) -> Any:
        """Return the bytes under `key`, or None. Raises RedisError; who got no answer tries once more."""
        return self._ask(b"*2\r\n$3\r\nGET\r\n%b" % _packed_name(key))

    def set(self, key: str, value: bytes) -> None:
        """Keep the bytes under `key`. Raises RedisError; who got no answer tries once more."""
        self._ask(b"*3\r\n$3\r\nSET\r\n%b$%d\r\n%b\r\n" % (_packed_name(key), len(value), value))

    def _ask(self, command: bytes) -> Any:
        if self._connection is None:
            pool = get_redis_connection("guarded").connection_pool
            self._connection = pool.connection_class(
                **pool.connection_kwargs
            )  # beside the pool, which counts its own
        try:
            return self._answer_to(command)
        except (RedisConnectionError, RedisTimeoutError):
            return self._answer_to(command)

    def _answer_to(self, command: bytes) -> Any:
        self._connection.send_packed_command([command], check_health=False)
        return self._connection.read_response(disable_decoding=True)

    def hang_up(self) -> None:
        """After a fork: two processes cannot share a connection."""
        self._connection = None


@lru_cache(maxsize=64)
def _packed_name(key: str) -> bytes:
    name = str(caches["guarded"].make_key(key)).encode()
    return b"$%d\r\n%b\r\n" % (len(name), name)


WIRE = Wire()
os.register_at_fork(after_in_child=WIRE.hang_up)


def _put(key: str, value: Any, ttl_s: float) -> bool:
    """Write a value with its checksum, for about `ttl_s` seconds (with jitter: no two expire at one moment)."""
    text = json.dumps(value, separators=(",", ":"))
    sealed = {"sum": hashlib.sha256(text.encode()).hexdigest(), "text": text}
    ttl_s *= random.uniform(0.9, 1.1)  # noqa: S311
    return bool(_ask(lambda redis: redis.set(key, sealed, timeout=ttl_s)))


def _get(key: str) -> Any:
    """Return what `_put` wrote, or None."""
    sealed = _ask(lambda redis: redis.get(key))
    if not isinstance(sealed, dict) or not isinstance(sealed.get("text"), str):
        return None
    text: str = sealed["text"]
    is_whole = hashlib.sha256(text.encode(errors="replace")).hexdigest() == sealed.get("sum")
    return json.loads(text) if is_whole else None


# The two kinds of cache


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
        return now < self._waits_until and _ask(lambda redis: redis.add(key, 1, timeout=1)) is False

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
        is_shared = _put(f"{self._prefix}:{held.mark.name}", self._dump(held.value), self.TTL_S)
        if not self._knows_a_later_one(held.mark):
            is_shared &= _put(f"{self._prefix}:latest", latest, self.TTL_S)
        wait_s = self.SHARE_EVERY_S if is_shared else self.RETRY_SHARE_S
        self._share_at = time.monotonic() + wait_s * random.uniform(0.7, 1.0)  # noqa: S311

    def _knows_a_later_one(self, mark: Mark) -> bool:
        """True when a later version of this epoch was shared already, by somebody who was not held up."""
        latest = _get(f"{self._prefix}:latest")
        try:
            return bool(latest["epoch"] == mark.epoch and latest["version"] > mark.version)
        except (LookupError, TypeError):
            return False

    def _shared(self, mark: Mark) -> T | None:
        kept = _get(f"{self._prefix}:{mark.name}")
        try:
            return None if kept is None else self._load(kept)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None

    def _last_known(self) -> Held[T] | None:
        """Return what Redis says was current last: read only when the database cannot be."""
        latest = _get(f"{self._prefix}:latest")
        try:
            mark = Mark(latest["epoch"], latest["version"], frozenset(latest["besides"]))
            age_s = max(time.time() - latest["seen_at"], 0.0)
        except (LookupError, TypeError):
            return None
        value = self._shared(mark)
        return None if value is None else Held(mark, value, age_s=age_s)


@dataclass(frozen=True)
class Fresh(Generic[T]):
    """A recent value with its generation (None: it is nobody's to keep), and until when it may be shown under it."""

    value: T
    generation: str | None = None
    good_until: float = 0.0


class Recent:
    """An answer kept in Redis for seconds, under a random generation that is read before the rows and replaced by
    writers once they have committed. Without Redis, and inside a transaction, nothing is kept.

    A lost replacement heals when the seconds are over. (A counter would not do: eviction would start it again.)
    """

    GENERATION = re.compile(rb'"([0-9a-f]{16})"')  # as JSON

    def __init__(self, name: str, *, ttl_s: float = 2.0) -> None:
        self.meter = Meter(name)
        self._name, self._ttl_s = name, ttl_s
        self._key = f"{name}:generation"
        self._distrusted_until = 0.0

    def get(self, read: Callable[[], A]) -> A:
        """Return what `read` returned less than `ttl_s` ago and since the last `forget`, or what it returns now."""
        return self.fetch(read).value

    def fetch(self, read: Callable[[], A]) -> Fresh[A]:
        """Return the same, for who wants to keep it: with `is_current`, in this process."""
        generation = self._generation()
        if generation is None:
            self.meter.count(misses=1)
            return Fresh(read())
        key, asked_at = f"{self._name}:{generation}", time.monotonic()
        life_ms = _ask(lambda redis: redis.pttl(key)) or 0  # before it is read: it may be replaced between
        kept = _get(key)
        self.meter.count(hits=kept is not None, misses=kept is None)
        if kept is not None:
            return Fresh(kept, generation, asked_at + min(life_ms / 1000, self._ttl_s))
        kept = read()
        _put(key, kept, self._ttl_s * 0.9)
        return Fresh(kept, generation, asked_at + self._ttl_s * 0.9)

    @property
    def may_keep(self) -> bool:
        """False while no Redis can be asked, so that every `fetch` reads."""
        return _is_configured and BREAKER.state != "open"

    def is_current(self, fresh: Fresh[A]) -> bool:
        """Return whether this may still be shown: one small question to Redis, and a hit if so."""
        now = time.monotonic()
        if fresh.generation is None or now >= fresh.good_until or now < self._distrusted_until:
            return False
        is_so = self._read_generation() == fresh.generation
        self.meter.count(hits=is_so)
        return is_so

    def forget(self) -> None:
        """Replace the generation, so that the next `get` of any process reads. Call it after the commit."""
        if not _is_configured:
            return
        generation = b'"%b"' % secrets.token_hex(8).encode()  # as JSON
        if _guarded(lambda: WIRE.set(self._key, generation)) is AWAY:
            self._distrusted_until = time.monotonic() + self._ttl_s

    def _generation(self) -> str | None:
        if not _is_configured or connection.in_atomic_block or time.monotonic() < self._distrusted_until:
            return None
        found = self._read_generation()
        if found:
            return found
        begun = secrets.token_hex(8)
        return begun if found is None and _ask(lambda redis: redis.add(self._key, begun, timeout=None)) else None

    def _read_generation(self) -> str | None:
        """Return the generation of now; None if there is none yet, "" if Redis is away or has garbage."""
        found = _guarded(lambda: WIRE.get(self._key))
        if found is None:
            return None
        known = self.GENERATION.fullmatch(found) if isinstance(found, bytes) else None
        return known[1].decode() if known else ""


# What Redis says of itself


def redis_state() -> str:
    """Return "connected", "disconnected" or "not configured"; asks Redis, waits 0.6 s at most."""
    if not _is_configured:
        return "not configured"
    try:
        get_redis_connection("default").ping()
    except (RedisError, OSError):
        return "disconnected"
    return "connected"


def redis_stats() -> dict[str, int]:
    """Return the counters in STATS as Redis gives them; zeros when it is away or not configured."""
    try:
        counters = get_redis_connection("default").info("stats") if _is_configured else {}
    except (RedisError, OSError):
        counters = {}
    return {name: int(counters.get(name, 0)) for name in STATS}
