"""503 instead of a hanging request or a 500 while the database is down."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from cafe.db import outage_gate
from cafe.serving.bulkhead import SHED
from cafe.web import errors
from menu.catalogue.current import MENU

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

error_log = logging.getLogger("cafe.errors")

# Views that answer from memory and cookies, or report themselves that the database is down.
WITHOUT_DATABASE = {
    *("", "set_language", "menu:menu", "menu:item", "api/menu", "menu:offline", "menu:manifest", "worker"),
    *("orders:cart", "orders:add_to_cart", "orders:change_cart", "orders:accept_cart", "orders:take_what_is_left"),
    *("orders:settle_cart", "orders:edit_line", "orders:put_back", "orders:checkout", "orders:forget_details"),
    *("health/live/", "health/ready/", "health", "api/health", "cache/stats", "api/cache/stats"),
    "health/full/",
}


class DatabaseDownMiddleware:
    """Answers 503 with Retry-After, never 500, when the database cannot be reached or aborts a statement.

    Views that need the database fail fast when the request has no slot of the bulkhead, or when the database has been
    down for three seconds and another request probes it (`cafe.db.outage_gate`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            outage_gate.release()

    def process_view(self, request: HttpRequest, view: View, args: object, kwargs: object) -> HttpResponse | None:
        match = request.resolver_match
        needs_no_database = match is not None and not WITHOUT_DATABASE.isdisjoint({match.view_name, match.route})
        if needs_no_database:
            return None
        is_refused = SHED in request.META or (MENU.is_down and not outage_gate.try_acquire())
        return errors.unavailable(request) if is_refused else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        error_log.error("database away", exc_info=exception)
        connections["default"].close()
        return errors.unavailable(request)
