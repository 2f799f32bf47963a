"""Django for all threads of a process but two: when the database hangs, these go on serving the menu.

Who finds no turn waits for one. While the database is in doubt, waiting is pointless, and Django is told to refuse at
once what needs the database (`cafe.web.middleware.DatabaseAwayMiddleware`).
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http.response import HttpResponseBase

from cafe.serving.api_handler import BothWays
from menu.selectors import MENU

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

FREE_THREADS = 2
LOOKS_AGAIN_AFTER_S = 0.1
NO_TURN = "cafe.no_turn"  # in the WSGI environment of a request that found none


class Doors:
    def __init__(self, django: BothWays, threads: int) -> None:
        self._django = django
        self._turns = threading.BoundedSemaphore(max(threads - FREE_THREADS, 1))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.turn() as is_found:
            return self.answer(environ, start_response, is_found)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait for a turn; yield False, at once, when there is none and the database is in doubt."""
        while not self._turns.acquire(timeout=0 if MENU.is_in_doubt else LOOKS_AGAIN_AFTER_S):
            if MENU.is_in_doubt:
                yield False
                return
        try:
            yield True
        finally:
            self._turns.release()

    def answer(self, environ: Environ, start_response: StartResponse, is_found: bool) -> Iterable[bytes]:
        """Answer in a turn that was found, or refuse at once what needs the database."""
        return self._django(environ if is_found else {**environ, NO_TURN: True}, start_response)

    def get_response(self, request: Any) -> HttpResponseBase:
        """Answer a request of the café's own, which makes a page from memory, ahead of all others."""
        return self._django.get_response(request)
