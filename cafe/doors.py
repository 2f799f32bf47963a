"""Django for all threads of a process but two: when the database hangs, these go on serving the menu.

Who finds no turn waits for one. While the database is in doubt, waiting is pointless, and Django is told to refuse at
once what needs the database (`cafe.middleware.DatabaseAwayMiddleware`).
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.http.response import HttpResponseBase

from cafe.short_way import BothWays
from menu.selectors import MENU

FREE_THREADS = 2
LOOKS_AGAIN_AFTER_S = 0.1
NO_TURN = "cafe.no_turn"  # in the WSGI environment of a request that found none


class Doors:
    def __init__(self, django: BothWays, threads: int) -> None:
        self._django = django
        self._turns = threading.BoundedSemaphore(max(threads - FREE_THREADS, 1))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        while not self._turns.acquire(timeout=LOOKS_AGAIN_AFTER_S):
            if MENU.is_in_doubt:
                return self._django({**environ, NO_TURN: True}, start_response)
        try:
            return self._django(environ, start_response)
        finally:
            self._turns.release()

    def get_response(self, request: Any) -> HttpResponseBase:
        """Answer a request of the café's own, which makes a page from memory, ahead of all others."""
        return self._django.get_response(request)
