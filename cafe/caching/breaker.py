"""A circuit breaker for Redis: after five errors in a row, calls fail without being made."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Refuses calls after five errors in a row, for two seconds; then one call is a half-open probe."""

    ERRORS, OPEN_S = 5, 2.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._errors = 0
        self._try_at = 0.0

    @property
    def state(self) -> str:
        """ "closed" (calls go through), "open" (none does), or "half-open" (the next one is a probe)."""
        if self._errors < self.ERRORS:
            return "closed"
        return "open" if self._clock() < self._try_at else "half-open"

    def allows(self) -> bool:
        if self._errors < self.ERRORS:
            return True
        with self._lock:
            is_to_try = self._clock() >= self._try_at
            if is_to_try:
                self._try_at = self._clock() + self.OPEN_S  # one probe at a time
            return is_to_try

    def succeeded(self) -> None:
        self._errors = 0

    def failed(self) -> None:
        with self._lock:
            self._errors += 1
            self._try_at = self._clock() + self.OPEN_S


BREAKER = Breaker()
