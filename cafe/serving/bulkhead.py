"""A bulkhead: a hanging database blocks all threads of a process but two, and those two go on serving the menu.

A slot is a permit to run a Django view that may wait for the database. There are two fewer slots than threads (at
least one).

- Cached pages and order lists need no slot.
- Any other request waits for a slot, in its own thread. So it may occupy a reserved thread; when the database hangs,
  for about a second:
- While the database is suspected down (`MENU.is_degraded`, checked every 0.1 s) a request does not wait: Django runs
  without a slot, marked with SHED, and `cafe.serving.database_down_middleware` answers 503, unless the view needs no
  database.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http.response import HttpResponseBase

from cafe.serving.api_handler import HandlerRouter
from menu.catalogue.current import MENU

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

RESERVED_THREADS = 2
RECHECK_INTERVAL_S = 0.1
SHED = "cafe.shed"  # in the WSGI environ of a request without a slot


class Bulkhead:
    def __init__(self, django: HandlerRouter, threads: int) -> None:
        self._django = django
        self._slots = threading.BoundedSemaphore(max(threads - RESERVED_THREADS, 1))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.slot() as has_slot:
            return self.answer(environ, start_response, has_slot)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Wait for a slot and yield True; yield False when there is none and the database is suspected down."""
        while not self._slots.acquire(timeout=0 if MENU.is_degraded else RECHECK_INTERVAL_S):
            if MENU.is_degraded:
                yield False
                return
        try:
            yield True
        finally:
            self._slots.release()

    def answer(self, environ: Environ, start_response: StartResponse, has_slot: bool) -> Iterable[bytes]:
        """Answer with a slot; without one, tell Django to fail fast."""
        return self._django(environ if has_slot else {**environ, SHED: True}, start_response)

    def get_response(self, request: Any) -> HttpResponseBase:
        """Answer a request of the page cache, which renders a page from memory. It needs no slot."""
        return self._django.get_response(request)
