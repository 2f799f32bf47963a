"""Every call to Redis, behind a circuit breaker: connect timeout 0.1 s, call timeout 0.2 s, one retry.

Redis may die, freeze, fill up, or hold garbage at any time: an error counts as a miss. No value stored here is needed
permanently.
"""

import hashlib
import json
import os
import random
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.core.cache import caches
from django_redis import get_redis_connection
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from cafe.caching.breaker import BREAKER

CONNECT_TIMEOUT_S = 0.1
SOCKET_TIMEOUT_S = 0.2

STATS = (
    "total_commands_processed",
    "total_connections_received",
    "keyspace_hits",
    "keyspace_misses",
)

A = TypeVar("A")

_is_configured = False


def config(*, host: str, port: int, password: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES: Redis at `host`, or this process's memory when `host` is empty.

    `default`, for libraries that use Django's cache, ignores errors; ours, `guarded`, reports them to the breaker.
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


def is_configured() -> bool:
    """Return whether a Redis is configured (`REDIS_HOST`)."""
    return _is_configured


class RedisAway:
    """Returned instead of an answer when Redis is not configured, cannot be reached, or was not asked."""


AWAY = RedisAway()


def guarded(call: Callable[[], A]) -> A | RedisAway:
    """Call Redis through the circuit breaker. Return AWAY after an error, or without calling if it is open."""
    if not _is_configured or not BREAKER.allows():
        return AWAY
    try:
        answer = call()
    except (RedisError, OSError):
        BREAKER.failed()
        return AWAY
    BREAKER.succeeded()
    return answer


def ask(call: Callable[[Any], A]) -> A | None:
    """Call django-redis's cache; return None when Redis cannot be reached or holds an unreadable value."""

    def read() -> A | None:
        try:
            return call(caches["guarded"])
        except (ValueError, RecursionError):  # garbage, a pickle: not ours
            return None

    answer = guarded(read)
    return None if isinstance(answer, RedisAway) else answer


class RedisConnection(threading.local):
    """One redis-py connection per thread, for the GET of every read and the SET of every order.

    It bypasses redis-py's client and pool and django-redis, and so takes a sixth of their CPU time.
    """

    _connection: Any = None

    def get(self, key: str) -> Any:
        """Return the bytes under `key`, or None. Retries once after a lost connection or a timeout; raises
        RedisError.
        """
        return self._ask(b"*2\r\n$3\r\nGET\r\n%b" % _packed_name(key))

    def set(self, key: str, value: bytes) -> None:
        """Set the bytes under `key`. Retries once after a lost connection or a timeout; raises RedisError."""
        self._ask(b"*3\r\n$3\r\nSET\r\n%b$%d\r\n%b\r\n" % (_packed_name(key), len(value), value))

    def _ask(self, command: bytes) -> Any:
        if self._connection is None:
            pool = get_redis_connection("guarded").connection_pool
            self._connection = pool.connection_class(
                **pool.connection_kwargs
            )  # not from the pool, which counts its own
        try:
            return self._answer_to(command)
        except (RedisConnectionError, RedisTimeoutError):
            return self._answer_to(command)

    def _answer_to(self, command: bytes) -> Any:
        self._connection.send_packed_command([command], check_health=False)
        return self._connection.read_response(disable_decoding=True)

    def drop(self) -> None:
        """Forget the connection after a fork: two processes cannot share one."""
        self._connection = None


@lru_cache(maxsize=64)
def _packed_name(key: str) -> bytes:
    name = str(caches["guarded"].make_key(key)).encode()
    return b"$%d\r\n%b\r\n" % (len(name), name)


CONNECTION = RedisConnection()
os.register_at_fork(after_in_child=CONNECTION.drop)


def put(key: str, value: Any, ttl_s: float) -> bool:
    """Write a value with its checksum, for about `ttl_s` seconds (with jitter, so that no two expire together)."""
    text = json.dumps(value, separators=(",", ":"))
    sealed = {"sum": hashlib.sha256(text.encode()).hexdigest(), "text": text}
    ttl_s *= random.uniform(0.9, 1.1)  # noqa: S311
    return bool(ask(lambda redis: redis.set(key, sealed, timeout=ttl_s)))


def get(key: str) -> Any:
    """Return what `put` wrote, or None."""
    sealed = ask(lambda redis: redis.get(key))
    if not isinstance(sealed, dict) or not isinstance(sealed.get("text"), str):
        return None
    text: str = sealed["text"]
    is_whole = hashlib.sha256(text.encode(errors="replace")).hexdigest() == sealed.get("sum")
    return json.loads(text) if is_whole else None


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
