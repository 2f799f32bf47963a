"""Readers who look at the price, each over one keep-alive connection."""

import http.client
import re
import threading
import time

from bench.cache_comparison.staleness import Read

PRICE = re.compile(rb"\xc2\xa5([1-9]\d{3}\.50)<")  # only bench.harness.writer asks that much


class Watch:
    """`readers` read a page, each again PAUSE_S after its answer, from the making of this until `end`."""

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
        """Return what was read, in order. Raises what a reader failed of, as of a page without such a price."""
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
        except Exception as failure:  # told by `end`
            self._failures.append(failure)
        finally:
            connection.close()


def warm(url: str, path: str, *, times: int = 8) -> None:
    """Read a page a few times, so that a cache has it."""
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
