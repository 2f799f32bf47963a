"""The order list (`GET /orders`) as rendered bytes: each process caches Django's last response and asks Redis each
time whether an order came since (`cafe.caching.generation_cache`). Without Redis's answer the request goes to Django.
"""

import threading
import time
from collections.abc import Callable, Iterable

from django.http import HttpResponse

from cafe.caching.breaker import BREAKER
from cafe.caching.generation_cache import Fresh
from cafe.conf import json_logging
from cafe.serving.bulkhead import Bulkhead, Environ, StartResponse
from cafe.serving.page_cache import Responder, etag_matches, is_plain
from orders.selectors import RECENT

ADDRESSES = ("/orders", "/api/orders")
# Backoff: after a slow answer the main thread does not ask Redis for BACKOFF_S, doubled with each slow answer. (A
# process that gets little CPU mistakes its own pauses for slowness of Redis, so the first interval is short.)
SLOW_S, BACKOFF_S, MAX_ASIDE_S = 0.02, 0.1, 5.0
WAIT_S = 1.0  # for the response that another thread builds
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class OrderListCache:
    """WSGI layer in front of Django that caches its response."""

    def __init__(self, django: Bulkhead, clock: Callable[[], float] = time.monotonic) -> None:
        self._django = django
        self._kept: Answer | None = None
        self._making = threading.Lock()
        self._clock = clock
        self._backoff_until = 0.0
        self._aside_s = BACKOFF_S

    def ready(self, path: str, times: int) -> Responder | None:
        """Return a `Responder` for `times` plain requests for `path`, or None if Django has to answer.

        Asks Redis once for all of them, and not at all after a slow answer: the main thread must not block.
        """
        kept, asked_at = self._kept, self._clock()
        if path not in ADDRESSES or kept is None or BREAKER.state != "closed" or asked_at < self._backoff_until:
            return None
        is_current = RECENT.is_current(kept.fresh)
        self._took(self._clock() - asked_at)
        if not is_current:
            return None
        RECENT.meter.count(hits=times - 1)  # the first was counted
        return kept.to_plain

    def _took(self, seconds: float) -> None:
        if seconds > SLOW_S:
            self._backoff_until = self._clock() + self._aside_s
            self._aside_s = min(2 * self._aside_s, MAX_ASIDE_S)
        else:
            self._aside_s = BACKOFF_S

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
        with self._django.slot() as has_slot:
            return self._single_flight(environ, start_response, has_slot)

    def _single_flight(self, environ: Environ, start_response: StartResponse, has_slot: bool) -> Iterable[bytes]:
        """Build the response once per crowd: the others wait for it, for WAIT_S at most."""
        is_ours = has_slot and self._making.acquire(timeout=WAIT_S)
        try:
            kept = self._kept  # perhaps made meanwhile
            if kept is not None and RECENT.is_current(kept.fresh):
                return kept.to(environ, start_response)
            return self._from_django(environ, start_response, has_slot)
        finally:
            if is_ours:
                self._making.release()

    def _from_django(self, environ: Environ, start_response: StartResponse, has_slot: bool) -> Iterable[bytes]:
        """Let Django answer, and cache its response if it has a generation.

        Conditional headers are removed first, so that Django renders the whole response. Two threads may store one
        after the other: both were current, and the generation tells which one still is.
        """
        unconditional = {name: value for name, value in environ.items() if name not in CONDITIONS}
        told: list[tuple[object, ...]] = []
        response = self._django.answer(unconditional, lambda *told_here: told.append(told_here), has_slot)
        fresh = getattr(response, "fresh", None)
        if isinstance(response, HttpResponse) and isinstance(fresh, Fresh) and fresh.generation is not None:
            self._kept = kept = Answer(response, fresh)
            response.close()
            return kept.to(environ, start_response)
        start_response(*told[0])
        return response


class Answer:
    """A response of Django, valid for everybody while its generation is current."""

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
        if wanted and etag_matches(wanted, self._tag.strip('"')):
            start_response("304 Not Modified", [*self._without_body(), own])
            return []
        start_response("200 OK", [*self._headers, own])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self._body

    def _without_body(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self._headers if name.lower() != "content-length"]
