"""The only importer of Django's cache, and the only place that knows Redis.

Redis may die at any time: connecting takes 0.1 s at most, a call 0.2 s, one retry, and an error is a miss. Nothing
kept here is lost for good when it is lost.
"""

from typing import Any

from django_redis import get_redis_connection
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

CONNECT_TIMEOUT_S = 0.1
SOCKET_TIMEOUT_S = 0.2

STATS = (
    "total_commands_processed",
    "total_connections_received",
    "keyspace_hits",
    "keyspace_misses",
)

_is_configured = False


def config(*, host: str, port: int, password: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES: Redis at `host`, or this process's memory when `host` is empty."""
    global _is_configured
    _is_configured = bool(host)
    if not host:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": f"redis://{host}:{port}/0",
            "OPTIONS": {
                "PASSWORD": password or None,
                "SOCKET_CONNECT_TIMEOUT": CONNECT_TIMEOUT_S,
                "SOCKET_TIMEOUT": SOCKET_TIMEOUT_S,
                "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1)},
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
                "IGNORE_EXCEPTIONS": True,
            },
        }
    }


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
