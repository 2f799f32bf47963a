"""Simulated customers at the edge: on kept-alive connections they read pages, fetch static files and place orders.
All answers are recorded."""

import http.client
import json
import re
import secrets
import threading
import time
from collections import Counter
from typing import Any, NamedTuple, Protocol, Self


class HasPort(Protocol):
    """A server that listens at a port of 127.0.0.1."""

    port: int


ORDER = {"customer_name": "王芳", "coffee_type": "latte", "quantity": 1}
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
TIMEOUT_S = 60


class Answer(NamedTuple):
    """An HTTP answer; status 0 means that none came. `took_s` is from the first byte sent to the last byte read."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    took_s: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def whose(self) -> str:
        """The name of the edge's own answer (X-Edge-Answer), "a program" for an instance's, "nobody" for none."""
        return self.headers.get("X-Edge-Answer", "a program" if self.status else "nobody")


class Person:
    """A client with one kept-alive connection, which is opened again after it was closed."""

    def __init__(self, server: HasPort, **headers: str) -> None:
        self.port = server.port
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def order(self, key: str = "", **fields: Any) -> Answer:
        told = {"Content-Type": "application/json", "Idempotency-Key": key or secrets.token_hex(8)}
        return self.ask("POST", "/api/orders", json.dumps(ORDER | fields).encode(), told)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        started = time.monotonic()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, path, body, self.headers | named)
            response = self._connection.getresponse()
            status, told, content = response.status, dict(response.headers), response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            status, told, content = 0, {}, repr(error).encode()
        return Answer(method, path, status, told, content, time.monotonic() - started)

    def assets_of(self, path: str) -> list[str]:
        """Return the paths of the static files that the page links to."""
        return ASSET.findall(self.get(path).body.decode())

    def leave(self) -> None:
        self._connection.close()


class Crowd:
    """Readers and buyers, each in a thread, until the block is left.

    with Crowd(edge) as crowd: …
    assert crowd.failures() == {}
    """

    PAUSE_S = 0.15  # between two actions of a person; tests/deploy/conftest.py shortens it at full size
    READS = ("/en/", "/zh-hans/item/latte/", "/en/cart/", "/api/orders", "/api/menu", "/zh-hans/board/")

    def __init__(self, edge: HasPort, *, readers: int = 6, buyers: int = 4, pause_s: float = 0.0) -> None:
        self.edge, self.pause_s = edge, pause_s or self.PAUSE_S
        self.answers: list[Answer] = []
        self.orders: list[Answer] = []
        self.placed: dict[str, int] = {}  # idempotency key → order id of its 201
        self._is_over = threading.Event()
        lives = [self._read] * readers + [self._buy] * buyers
        self._threads = [
            threading.Thread(target=live, args=[number], daemon=True) for number, live in enumerate(lives)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        while not self.orders or len(self.answers) < 20:
            time.sleep(0.01)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        """Open pages in rotation, and the static files of the menu page."""
        person, turn = Person(self.edge), number
        while not self._is_over.is_set():
            path = self.READS[turn % len(self.READS)]
            page = person.get(path)
            self.answers.append(page)
            for asset in ASSET.findall(page.body.decode()) if path == "/en/" else []:
                self.answers.append(person.get(asset))
            turn += 1
            time.sleep(self.pause_s)
        person.leave()

    def _buy(self, number: int) -> None:
        """Place orders one after the other; retry each under its idempotency key until it is placed."""
        person = Person(self.edge)
        while not self._is_over.is_set():
            key = secrets.token_hex(8)
            while True:
                answer = person.order(key)
                self.orders.append(answer)
                if answer.status == 201:
                    self.placed[key] = answer.json["order_id"]
                    break
                time.sleep(0.1)
            time.sleep(self.pause_s)
        person.leave()

    def failures(self) -> Counter[tuple[str, str, int, str]]:
        """Count the answers with a status other than 200 and 201, by (method, path, status, whose)."""
        failed = [answer for answer in self.answers + self.orders if answer.status not in (200, 201)]
        return Counter((answer.method, answer.path, answer.status, answer.whose) for answer in failed)

    def in_words(self) -> str:
        failed = sum(self.failures().values())
        return f"{len(self.answers)} pages and files, {len(self.placed)} orders, {failed} answers failed"
