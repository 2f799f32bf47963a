"""One thread per serving process refreshes the menu's snapshot, so that no request waits for it.

It reads the menu's version every half second, over its own connection with 1 s timeouts (the alias `poller`),
rebuilds a changed menu, prewarms the page cache, and shares the menu through Redis.
"""

import logging
import random
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connections

from menu.catalogue.current import MENU

log = logging.getLogger("cafe.poller")

ALIAS = "poller"


class Poller:
    INTERVAL_S = 0.5
    SHORT_INTERVAL_S = 0.1  # while another process builds, or the database cannot be read

    def __init__(self, *after_refresh: Callable[[], None]) -> None:
        """Call each of `after_refresh` in the poller's thread after every refresh, even if the menu is unchanged."""
        self._after_a_look = after_refresh
        self._lock = threading.Lock()
        self._is_away = False

    def ensure(self) -> None:
        """Start the thread unless it is running; threads do not survive a fork."""
        if MENU.poller is None or not MENU.poller.is_alive():
            with self._lock:
                if MENU.poller is None or not MENU.poller.is_alive():
                    MENU.poller = threading.Thread(target=self._run, name="menu-poller", daemon=True)
                    MENU.poller.start()

    def step(self) -> None:
        """Refresh the snapshot once and run the follow-up calls. Catches the errors of the database."""
        try:
            MENU.refresh(using=ALIAS)
            failure = MENU.failure
        except (DatabaseError, InterfaceError) as error:
            failure = error
        if failure is not None:
            connections[ALIAS].close()
        if self._is_away != (failure is not None):
            self._is_away = failure is not None
            log.log(*self._news(failure))
        for call in self._after_a_look:
            call()

    def _news(self, failure: Exception | None) -> tuple[int, str]:
        if failure is None:
            return logging.INFO, "The database can be read again; the menu is current."
        return logging.WARNING, f"The menu grows old, the database cannot be read: {type(failure).__name__}"

    def _run(self) -> None:
        while True:
            try:
                self.step()
            except Exception:  # the loop must survive any error
                log.exception("The poller's step failed; the next one follows.")
            interval_s = self.SHORT_INTERVAL_S if MENU.is_waiting_for_build or MENU.failure else self.INTERVAL_S
            time.sleep(interval_s * random.uniform(1, 1.1))  # noqa: S311 - jitter
