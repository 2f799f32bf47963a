"""`GET /health/full/`: the state of every dependency, for an operator and a monitor.

Clients outside `HEALTH_FULL_FROM` get 404. It does not use django-health-check, which reports a warning as an error,
returns no figures, and still waits for a check that has timed out.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt

from cafe.caching.breaker import BREAKER
from cafe.caching.redis import redis_state
from cafe.serving.bulkhead import SHED
from cafe.serving.menu_poller import ALIAS
from cafe.web import json_api
from cafe.web.client_address import client_address, is_within
from menu.catalogue.current import MENU
from orders import selectors

log = logging.getLogger("cafe.health")

OK, FAILING, NOT_CONFIGURED, NOT_ASKED = "ok", "failing", "not configured", "not asked"
REQUIRED_CHECKS = ("database", "migrations")  # unhealthy without these, degraded without others
MAX_NAMED = 5
NOT_ASKED_OF: dict[str, "Check"] = {
    "database": {"status": NOT_ASKED, "detail": "the database does not answer"},
    "migrations": {"status": NOT_ASKED, "detail": "not before the migrations are applied"},
}

Check = dict[str, object]


@no_append_slash  # a redirect from /health/full would reveal that this URL exists
@csrf_exempt
def full(request: HttpRequest) -> HttpResponse:
    """Answer 200 when healthy or degraded, 503 when unhealthy; 404 to all but the networks in HEALTH_FULL_FROM."""
    if not is_within(client_address(request), settings.HEALTH_FULL_FROM):
        raise Http404
    return _full(request)


@json_api.endpoint("GET")
def _full(request: HttpRequest) -> JsonResponse:
    # Without a slot (cafe.serving.bulkhead) this thread is one of those reserved for the menu: it must not wait.
    checks = _known() if SHED in request.META else _asked()
    failing = {name for name, check in checks.items() if check["status"] == FAILING}
    is_unhealthy = not failing.isdisjoint(REQUIRED_CHECKS)
    status = "unhealthy" if is_unhealthy else "degraded" if failing else "healthy"
    body = {"status": status, "checks": checks, "pid": os.getpid()}
    return JsonResponse(body, status=503 if is_unhealthy else 200, headers={"Cache-Control": "no-store"})


def _asked() -> dict[str, Check]:
    look = DatabaseProbe.under_way()
    redis = _redis()
    return {**look.found(), "redis": redis, **_of_this_process()}


def _known() -> dict[str, Check]:
    """Return what the poller last found. The request got no slot because the database is suspected down."""
    no_thread: Check = {"status": NOT_ASKED, "detail": "no thread was free to wait for an answer"}
    database = no_thread | {"status": FAILING, "detail": "in doubt since the poller's last look"}
    not_asked = dict.fromkeys(("migrations", "counts", "redis"), no_thread)
    return {"database": database, **not_asked, **_of_this_process()}


# The database


class DatabaseProbe:
    """Checks the database in its own thread, over a new connection, so that no request waits longer than two seconds.

    A process runs one at a time (single flight): concurrent requests wait for the same one.
    """

    PATIENCE_S = 2.0

    _lock = threading.Lock()
    _under_way: "DatabaseProbe | None" = None

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._answers: dict[str, Check] = {}
        self._is_done = threading.Event()

    @classmethod
    def under_way(cls) -> "DatabaseProbe":
        with cls._lock:
            if cls._under_way is None:
                look = cls()
                threading.Thread(target=look._ask, name="health-look", daemon=True).start()
                cls._under_way = look
            return cls._under_way

    def found(self) -> dict[str, Check]:
        """Wait for the results, PATIENCE_S from the start at most, and return them; a missing one is a failure, or
        "not asked" if it depends on a check that failed."""
        self._is_done.wait(max(self._started + self.PATIENCE_S - time.monotonic(), 0))
        answers = dict(self._answers)
        if "database" not in answers:
            answers["database"] = self._overdue()
        for name, needed in (("migrations", "database"), ("counts", "migrations")):
            if name not in answers:
                can_answer = answers[needed]["status"] == OK
                answers[name] = self._overdue() if can_answer else NOT_ASKED_OF[needed]
        return answers

    def _overdue(self) -> Check:
        took_s = time.monotonic() - self._started
        return {"status": FAILING, "took_ms": _ms(took_s), "detail": f"no answer within {self.PATIENCE_S:g} s"}

    def _ask(self) -> None:
        try:
            self._answers["database"] = _timed(_select_one)
            if self._answers["database"]["status"] == OK:
                self._answers["migrations"] = _timed(_find_unapplied)
            if self._answers.get("migrations", {}).get("status") == OK:
                self._answers["counts"] = _timed(_find_counts_ahead)
        finally:
            with self._lock:
                DatabaseProbe._under_way = None
            self._is_done.set()
            connections[ALIAS].close()


def _select_one() -> str | None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return None


def _find_unapplied() -> str | None:
    executor = MigrationExecutor(connections[ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
    more = " …" if len(names) > MAX_NAMED else ""
    return f"{len(names)} not applied: {', '.join(names[:MAX_NAMED])}{more}" if names else None


def _find_counts_ahead() -> str | None:
    """Report daily stock counts of a future day, as the date has gone back (`selectors.counts_ahead`), else None."""
    days = list(selectors.counts_ahead(ALIAS).values_list("counted_on", flat=True))
    if not days:
        return None
    here = f"here it is {timezone.localdate()}; compare the clock and TIME_ZONE of each instance"
    return f"daily counts of a day to come: {len(days)}, up to {max(days)}; {here}"


def _timed(ask: Callable[[], str | None]) -> Check:
    """Return the result of `ask`, a problem or None, and its duration. An error is reported by type and number only,
    since its text names servers and users."""
    started = time.monotonic()
    try:
        wrong = ask()
    except (DatabaseError, InterfaceError) as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else ""
        wrong = f"{type(error).__name__} {number}".rstrip()
    except Exception as error:
        log.exception("A health check broke.")
        wrong = type(error).__name__
    took: Check = {"took_ms": _ms(time.monotonic() - started)}
    return {"status": FAILING, **took, "detail": wrong} if wrong else {"status": OK, **took}


# Redis, and what this process knows


def _redis() -> Check:
    started = time.monotonic()
    state = redis_state()
    if state == "not configured":
        return {"status": NOT_CONFIGURED}
    status = OK if state == "connected" else FAILING
    return {"status": status, "took_ms": _ms(time.monotonic() - started), "detail": state}


def _of_this_process() -> dict[str, Check]:
    return {"cache_breaker": _breaker(), "menu": _menu(), "poller": _poller()}


def _breaker() -> Check:
    if not settings.REDIS_HOST:
        return {"status": NOT_CONFIGURED}
    state = BREAKER.state
    return {"status": OK if state == "closed" else FAILING, "state": state}


def _menu() -> Check:
    """Return the menu's version, the seconds since the database last confirmed it and, when that is long ago, the
    time that the pages show."""
    held = MENU.held
    if held is None:
        return {"status": FAILING, "detail": "no menu is held"}
    as_of = held.as_of
    return {
        "status": OK if as_of is None else FAILING,
        "version": held.version.number if held.version else None,
        "age_s": round(held.age_s, 1),
        "as_of": None if as_of is None else datetime.fromtimestamp(as_of, UTC).isoformat(),
    }


def _poller() -> Check:
    held, thread = MENU.held, MENU.poller
    last: Check = {"last_answer_s_ago": round(held.age_s, 1) if held else None}
    if thread is None or not thread.is_alive():
        return {"status": FAILING, **last, "detail": "it does not run"}
    if MENU.is_degraded:
        return {"status": FAILING, **last, "detail": "its last look failed, or has no answer yet"}
    return {"status": OK, **last}


def _ms(duration_s: float) -> float:
    return round(duration_s * 1000, 1)
