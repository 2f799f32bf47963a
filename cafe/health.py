"""Health addresses: alive, ready, and the course's `/health`."""

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from cafe import cache, json_api
from menu import selectors


def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 and touch nothing: the program is running."""
    return HttpResponse("alive\n", content_type="text/plain")


class MenuIsServed(HealthCheck):
    """Ready to serve: one menu is held, from the database once its migrations are seen applied, or from Redis while
    the database cannot be read. Remembers success for good, since a later loss of either must not take every pod out
    of the Service at once."""

    was_seen = False

    async def run(self) -> None:
        if not MenuIsServed.was_seen:
            await sync_to_async(self._look)()

    def _look(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise ServiceUnavailable("migrations are not applied")
        except (DatabaseError, InterfaceError):
            connection.close()
        try:
            selectors.current_menu()
        except (DatabaseError, InterfaceError):
            raise ServiceUnavailable("the database cannot be read") from None
        MenuIsServed.was_seen = True

    def __repr__(self) -> str:
        return "MenuIsServed"


class ReadyView(HealthCheckView):
    checks = [MenuIsServed]

    def render_to_response_json(self, status: int) -> HttpResponse:
        return super().render_to_response_json(503 if status == 500 else status)

    async def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.GET = QueryDict("format=json")
        return await super().get(request, *args, **kwargs)


@json_api.endpoint("GET")
def course_health(request: HttpRequest) -> JsonResponse:
    """Answer the course's `GET /health`: 503 only when the database is away; Redis may be."""
    redis = cache.redis_state()
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
    state = cache.redis_state()
    stats: dict[str, object] = {
        **cache.redis_stats(),
        "caches": {name: meter.stats() for name, meter in cache.METERS.items()},
    }
    if state != "connected":
        stats["redis"] = state
    return JsonResponse(stats, headers={"Cache-Control": "no-store"})
