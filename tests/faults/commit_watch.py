"""Commits of the test's own, one after another, which show when the database itself did not answer.

with Customers(shop) as customers, CommitWatch(shop.cafe.env) as commits:
    ...                                   # a fault of another part
assert customers.refused(besides=commits.stalls()) == {}
"""

import threading
import time
from collections.abc import Mapping
from typing import Self

import MySQLdb

STALL_S = 0.5  # after which a process calls its database in doubt (SnapshotCache.DEGRADED_AFTER_S)
PAUSE_S = 0.05

Span = tuple[float, float]  # began, ended: of time.monotonic


class CommitWatch:
    """A connection without the café's code that updates a row of its own table twenty times a second."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._connection = MySQLdb.connect(
            host=env["DB_HOST"],
            port=int(env["DB_PORT"]),
            user=env["DB_USER"],
            password=env["DB_PASSWORD"],
            db=env["DB_NAME"],
            autocommit=True,
        )
        self._spans: list[Span] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._commit, daemon=True)

    def __enter__(self) -> Self:
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE TABLE commit_watch (number INT NOT NULL) ENGINE=InnoDB")
            cursor.execute("INSERT INTO commit_watch VALUES (0)")
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()
        with self._connection.cursor() as cursor:
            cursor.execute("DROP TABLE commit_watch")
        self._connection.close()

    def _commit(self) -> None:
        while not self._is_over.wait(PAUSE_S):
            began = time.monotonic()
            with self._connection.cursor() as cursor:
                cursor.execute("UPDATE commit_watch SET number = number + 1")
            self._spans.append((began, time.monotonic()))

    def stalls(self) -> list[Span]:
        """Return the commits that took so long that an order may have been refused meanwhile."""
        return [(began, ended) for began, ended in self._spans if ended - began >= STALL_S]
