"""Simulate a distant database: a reader still waits for its rows when the next change is committed."""

import threading
import time

from tests.faults.proxy import Fate, Proxy

LATE_S = 0.05
READS_ITEMS = "FROM `menu_item` "


class LateDatabase:
    """A proxy in front of MariaDB that delays each answer by LATE_S and reports when the items have been read."""

    READ_S, PATIENCE_S = 0.01, 2.0

    def __init__(self, port: int) -> None:
        self._items_are_asked_for = threading.Event()
        self._proxy = Proxy(port, self._look_at)
        self._proxy.delay_s = LATE_S
        self.port = self._proxy.port

    def wait_for_a_reader(self) -> None:
        """Block until a new SELECT of the items has run and its rows are still delayed; at most PATIENCE_S."""
        self._items_are_asked_for.clear()
        if self._items_are_asked_for.wait(self.PATIENCE_S):
            time.sleep(self.READ_S)

    def close(self) -> None:
        self._proxy.die()

    def _look_at(self, sql: str) -> Fate:
        if READS_ITEMS in sql:
            self._items_are_asked_for.set()
        return Fate.PASS
