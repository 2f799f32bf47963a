"""A watcher for each instance, which records when a page changes, and readers, which are the load."""

import hashlib
import http.client
import itertools
import multiprocessing
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATHS = ("/api/menu", "/en/")
EVERY_S = 0.02
READ_BY_LOAD = (*PATHS, "/zh-hans/", "/en/item/espresso/")

Pages = dict[str, str]  # the digest of each page


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


@dataclass(frozen=True)
class Sight:
    """A new content of a page, first seen at `at` (s, monotonic clock); valid until the next sight of that page."""

    at: float
    path: str
    digest: str


class Watcher(threading.Thread):
    """Requests each page of one instance fifty times a second, by conditional GET (If-None-Match) as browsers do."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.sights: list[Sight] = []
        self.problems: list[Any] = []
        self._netloc = urlsplit(url).netloc
        self._is_over = threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._netloc, timeout=30)
        tags: dict[str, str] = {}
        while not self._is_over.is_set():
            for path in PATHS:
                connection.request("GET", path, headers={"If-None-Match": tags.get(path, "")})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    tags[path] = answer.headers["ETag"]
                    self.sights.append(Sight(time.monotonic(), path, digest(body)))
                elif answer.status != 304:
                    self.problems.append((path, answer.status, body))
            time.sleep(EVERY_S)

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def now(self) -> Pages:
        return {sight.path: sight.digest for sight in list(self.sights)}

    def seen_since(self, at: float, path: str) -> list[Sight]:
        """Return the contents of this page since `at`, the one that was valid at that moment included."""
        sights = [sight for sight in list(self.sights) if sight.path == path]
        earlier = [sight for sight in sights if sight.at <= at]
        return [*earlier[-1:], *(sight for sight in sights if sight.at > at)]


def wait_until(watchers: list[Watcher], pages: Pages, within_s: float) -> None:
    """Block until every instance shows these pages. Raises AssertionError after `within_s`."""
    give_up_at = time.monotonic() + within_s
    while not all(watcher.now() == pages for watcher in watchers):
        assert time.monotonic() < give_up_at, [watcher.now() == pages for watcher in watchers]
        time.sleep(0.005)


def delay_s(watcher: Watcher, since: float, pages: Pages) -> float:
    """Return the seconds from `since` (a commit) until the instance first showed all of these pages."""
    first = [
        next(sight.at for sight in watcher.seen_since(since, path) if sight.digest == shown)
        for path, shown in pages.items()
    ]
    return max(0.0, max(first) - since)


class Readers:
    """The load: a process that reads the public pages of every instance, `rate` requests a second for each."""

    def __init__(self, urls: list[str], rate: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.read, self.failed = context.Value("i", 0), context.Value("i", 0)
        self._process = context.Process(target=_read, args=(urls, rate, self.read, self.failed), daemon=True)
        self._process.start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def _read(urls: list[str], rate: int, read: Any, failed: Any) -> None:
    threads = [threading.Thread(target=_read_one, args=(url, rate, read, failed), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _read_one(url: str, rate: int, read: Any, failed: Any) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    for path in itertools.cycle(READ_BY_LOAD):
        connection.request("GET", path, headers={"Accept-Encoding": "br"})
        answer = connection.getresponse()
        answer.read()
        counted = read if answer.status == 200 else failed
        with counted.get_lock():
            counted.value += 1
        time.sleep(1 / rate)
