"""`GET /health/ready/`: the readiness probe. Imported at its first request (`cafe.health.views.ready`)."""

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, QueryDict
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from menu.catalogue import current


class MenuIsServed(HealthCheck):
    """Ready once this process holds a menu: from the database if its migrations are applied, or from Redis while the
    database cannot be read. A success is final for the process, since a later loss of either must not take all pods
    out of the Service together."""

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
            current.current_menu()
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
