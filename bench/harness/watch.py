"""Readers that record the price a page shows, each over one keep-alive connection."""

import http.client
import re
import threading
import time

from bench.cache_comparison.staleness import Read

PRICE = re.compile(rb"\xc2\xa5([1-9]\d{3}\.50)<")  # only bench.harness.writer sets prices this high


class Watch:
    """`readers` threads read a page, each again PAUSE_S after its answer, from creation until `end`."""

    PAUSE_S, TIMEOUT_S = 0.005, 20

    def __init__(self, url: str, path: str, *, readers: int) -> None:
        self._host, self._path = url.removeprefix("http://"), path
        self._reads: list[Read] = []
        self._failures: list[Exception] = []
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _reader in range(readers)]
        for thread in self._threads:
            thread.start()

    def end(self) -> list[Read]:
        """Stop, and return the reads in order. Reraises the first reader's exception, such as an AssertionError for a
        page without such a price."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(timeout=self.TIMEOUT_S)
        if self._failures:
            raise self._failures[0]
        return sorted(self._reads, key=lambda read: read.began_at)

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=self.TIMEOUT_S)
        try:
            while not self._is_over.wait(self.PAUSE_S):
                self._reads.append(read_once(connection, self._path))
        except Exception as failure:  # reraised by `end`
            self._failures.append(failure)
        finally:
            connection.close()


def warm(url: str, path: str, *, times: int = 8) -> None:
    """Read a page a few times to fill the cache."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=Watch.TIMEOUT_S)
    for _time in range(times):
        read_once(connection, path)
    connection.close()


def read_once(connection: http.client.HTTPConnection, path: str) -> Read:
    began_at = time.monotonic()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    found = PRICE.search(body)
    assert response.status == 200, f"{path} answered {response.status}"
    assert found, f"{path} shows no price of ours"
    return Read(began_at, found[1].decode())
