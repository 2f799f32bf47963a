"""The newest orders as ready bytes: this process keeps Django's last answer, and asks Redis, each time, whether an
order came since (`cafe.caching.generation.Recent`). Whatever Redis cannot tell goes to Django.
"""

import threading
import time
from collections.abc import Callable, Iterable

from django.http import HttpResponse

from cafe.caching.breaker import BREAKER
from cafe.caching.generation import Fresh
from cafe.conf import json_logging
from cafe.serving.bulkhead import Doors, Environ, StartResponse
from cafe.serving.page_cache import Ready, is_plain, knows
from orders.selectors import RECENT

ADDRESSES = ("/orders", "/api/orders")
# A Redis that is slow is asked by the threads alone for a while, twice as long each time that it is slow again. (A
# process that gets little of a core takes its own pauses for Redis', so the first while is short.)
SLOW_S, ASIDE_S, LONGEST_ASIDE_S = 0.02, 0.1, 5.0
WAIT_S = 1.0  # for an answer that another thread makes
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class ReadyOrders:
    """The WSGI layer. `django` answers what is not ready, and its answer is kept."""

    def __init__(self, django: Doors, clock: Callable[[], float] = time.monotonic) -> None:
        self._django = django
        self._kept: Answer | None = None
        self._making = threading.Lock()
        self._clock = clock
        self._aside_until = 0.0
        self._aside_s = ASIDE_S

    def ready(self, path: str, times: int) -> Ready | None:
        """Return what answers plain requests for `path` at once, `times` of them, or None: Django has to.

        Redis is asked once for them all. One that has been slow is left to the threads: here everybody would wait.
        """
        kept, asked_at = self._kept, self._clock()
        if path not in ADDRESSES or kept is None or BREAKER.state != "closed" or asked_at < self._aside_until:
            return None
        is_current = RECENT.is_current(kept.fresh)
        self._took(self._clock() - asked_at)
        if not is_current:
            return None
        RECENT.meter.count(hits=times - 1)  # the first was counted
        return kept.to_plain

    def _took(self, seconds: float) -> None:
        if seconds > SLOW_S:
            self._aside_until = self._clock() + self._aside_s
            self._aside_s = min(2 * self._aside_s, LONGEST_ASIDE_S)
        else:
            self._aside_s = ASIDE_S

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in ADDRESSES or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._django(environ, start_response)
        if not is_plain(environ):
            return self._django(environ, start_response)
        kept = self._kept
        if kept is not None and RECENT.is_current(kept.fresh):
            return kept.to(environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD" or not RECENT.may_keep:
            return self._django(environ, start_response)
        with self._django.turn() as is_found:
            return self._one_of_a_crowd(environ, start_response, is_found)

    def _one_of_a_crowd(self, environ: Environ, start_response: StartResponse, is_found: bool) -> Iterable[bytes]:
        """Make the answer while the others wait for it, unless it takes long."""
        is_ours = is_found and self._making.acquire(timeout=WAIT_S)
        try:
            kept = self._kept  # perhaps made meanwhile
            if kept is not None and RECENT.is_current(kept.fresh):
                return kept.to(environ, start_response)
            return self._from_django(environ, start_response, is_found)
        finally:
            if is_ours:
                self._making.release()

    def _from_django(self, environ: Environ, start_response: StartResponse, is_found: bool) -> Iterable[bytes]:
        """Answer by Django; keep what may be kept.

        Django is asked for the whole answer, and a condition is for what is kept. Two that are here at once keep one
        or the other: both were current, and a generation says which still is.
        """
        unconditional = {name: value for name, value in environ.items() if name not in CONDITIONS}
        told: list[tuple[object, ...]] = []
        response = self._django.answer(unconditional, lambda *told_here: told.append(told_here), is_found)
        fresh = getattr(response, "fresh", None)
        if isinstance(response, HttpResponse) and isinstance(fresh, Fresh) and fresh.generation is not None:
            self._kept = kept = Answer(response, fresh)
            response.close()
            return kept.to(environ, start_response)
        start_response(*told[0])
        return response


class Answer:
    """What Django answered, for everybody, as long as it is fresh."""

    def __init__(self, response: HttpResponse, fresh: "Fresh[object]") -> None:
        self.fresh = fresh
        self._tag = response["ETag"]
        self._headers = [(name, value) for name, value in response.items() if name.lower() != "x-request-id"]
        self._body = [response.content]

    def to_plain(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        return self.to(environ, start_response) if is_plain(environ) else None

    def to(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        own = ("X-Request-ID", json_logging.accepted_request_id(environ.get("HTTP_X_REQUEST_ID", "")))
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted and knows(wanted, self._tag.strip('"')):
            start_response("304 Not Modified", [*self._without_body(), own])
            return []
        start_response("200 OK", [*self._headers, own])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self._body

    def _without_body(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self._headers if name.lower() != "content-length"]
