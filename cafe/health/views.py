"""Health endpoints: liveness, readiness, and the course's `/health` and `/cache/stats`."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from cafe.caching.counters import METERS
from cafe.caching.redis import redis_state, redis_stats
from cafe.web import json_api


def live(request: HttpRequest) -> HttpResponse:
    """Liveness probe: answer 200 without database or Redis, as the server is running."""
    return HttpResponse("alive\n", content_type="text/plain")


async def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 once a menu is held, else 503 (`cafe.health.readiness`)."""
    # Imported here: django-health-check imports dnspython and a mail client, which lengthens the start.
    from cafe.health.readiness import ReadyView

    return await ReadyView.as_view()(request)


@json_api.endpoint("GET")
def course_health(request: HttpRequest) -> JsonResponse:
    """Answer the course's `GET /health`: 503 when the database cannot be reached, 200 even without Redis."""
    redis = redis_state()
    if not _database_answers():
        body = {"status": "unhealthy", "database": "disconnected", "redis": redis}
        return JsonResponse(body, status=503, headers={"Cache-Control": "no-store"})
    return JsonResponse({"status": "healthy", "redis": redis}, headers={"Cache-Control": "no-store"})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        connection.close()
        return False
    return True


@json_api.endpoint("GET")
def cache_stats(request: HttpRequest) -> JsonResponse:
    """Answer `GET /cache/stats`: Redis's counters and this process's own."""
    state = redis_state()
    stats: dict[str, object] = {
        **redis_stats(),
        "caches": {name: meter.stats() for name, meter in METERS.items()},
    }
    if state != "connected":
        stats["redis"] = state
    return JsonResponse(stats, headers={"Cache-Control": "no-store"})
