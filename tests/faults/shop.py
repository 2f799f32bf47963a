"""A café of three worker processes, on a MariaDB (behind a proxy) and a Redis to harm, and one changing price.

shop.change_price()                       # by raw SQL without the proxy: the café may be cut off from the database
shop.get("/en/")                          # the answer of any one worker
shop.everywhere(shop.is_current, *PAGES)  # waits until all workers answer so; returns the seconds
"""

import http.client
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import MySQLdb
from redis import Redis as RedisClient

from tests.faults.client_process import Program
from tests.faults.processes import TIMEOUT_S, connect_to_each
from tests.faults.proxy import Proxy
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

ITEM = "latte"
PAGES = ["/en/", "/zh-hans/", f"/en/item/{ITEM}/", f"/zh-hans/item/{ITEM}/", "/api/menu"]
ORDERS, STATS = "/api/orders", "/api/cache/stats"
READY, ALIVE = "/health/ready/", "/health/live/"
ON_MENU = re.compile(rf'id="{ITEM}".*?item-card__price">\D*([\d.]+)<', re.DOTALL)
ON_ITEM = re.compile(r'data-price="([\d.]+)"')


class Answer(NamedTuple):
    """An HTTP answer; status 0 means that none came. Times are of `time.monotonic` (s)."""

    path: str
    status: int
    headers: dict[str, str]
    text: str
    asked_at: float
    answered_at: float

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def price(self) -> Decimal:
        """The item's price on this page."""
        if self.path == "/api/menu":
            items = [item for category in self.body["categories"] for item in category["items"]]
            return next(Decimal(str(item["price"])) for item in items if item["slug"] == ITEM)
        found = (ON_ITEM if "/item/" in self.path else ON_MENU).search(self.text)
        assert found, f"no price on {self.path}"
        return Decimal(found[1])

    @property
    def age_s(self) -> int | None:
        """The page's age (s) from its Age header; None for a current page, which has neither header nor notice."""
        age = self.headers.get("Age")
        assert self.path == "/api/menu" or ("data-menu-as-of" in self.text) == (age is not None)
        return None if age is None else int(age)


class Price(NamedTuple):
    """A price in the database: its transaction began at `since` and had committed at `known`."""

    amount: Decimal
    since: float
    known: float


class OpenCafe(RunningCafe):
    """A café that counts as started once the URL `waits_for` answers 200."""

    waits_for = READY

    def answers(self) -> bool:
        return ask(self.port, self.waits_for).status == 200


class Shop:
    def __init__(self, folder: Path, mariadb: MariaDB, redis: Redis) -> None:
        self.mariadb, self.redis, self.proxy = mariadb, redis, Proxy(mariadb.port)
        env = mariadb.env() | redis.env() | {"DB_PORT": str(self.proxy.port), "WEB_WORKERS": "3"}
        self.cafe = OpenCafe(folder, env)
        self.cafe.prepare()
        self.cafe.start()
        self.witness = Program(self.cafe.env | mariadb.env())
        self.redis_client = RedisClient(port=redis.port, password=redis.password)
        self.prices: list[Price] = []
        self.change_price()
        self.everywhere(self.is_current, *PAGES)

    def close(self) -> None:
        self.cafe.stop()
        self.witness.__exit__()

    def change_price(self) -> Decimal:
        """Change the price to one not used before, and return it."""
        amount = 30 + len(self.prices) * Decimal("0.1")
        env, since = self.mariadb.env(), time.monotonic()
        connection = MySQLdb.connect(
            host=env["DB_HOST"],
            port=int(env["DB_PORT"]),
            user=env["DB_USER"],
            password=env["DB_PASSWORD"],
            db="cloudcafe",
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("UPDATE menu_menuversion SET version = version + 1 WHERE id = 1")
            cursor.execute("UPDATE menu_item SET price = %s WHERE slug = %s", [amount, ITEM])
            connection.commit()
        self.prices.append(Price(amount, since, time.monotonic()))
        return amount

    def outdated_s(self, amount: Decimal, at: float) -> float:
        """Return how long (s) before `at` this price had been replaced: 0 while it may have been in force."""
        number = [price.amount for price in self.prices].index(amount)
        replaced = self.prices[number + 1 : number + 2]
        return max(0.0, at - replaced[0].known) if replaced else 0.0

    def was_right(self, amount: Decimal, asked_at: float, answered_at: float) -> bool:
        """Return whether this price may have been in force at some moment between request and answer."""
        since = next(price.since for price in self.prices if price.amount == amount)
        return since <= answered_at and self.outdated_s(amount, asked_at) == 0

    def get(self, path: str) -> Answer:
        """GET a path on a new connection: the worker that accepts it first answers."""
        return ask(self.cafe.port, path)

    def order(self, key: str = "") -> Answer:
        body = {"customer_name": "王芳", "coffee_type": ITEM, "quantity": 1}
        return ask(self.cafe.port, ORDERS, body, {"Idempotency-Key": key or secrets.token_hex(8)})

    def each(self, *paths: str) -> list[Answer]:
        """GET each path from each worker and return the answers."""
        with self._a_connection_to_each() as connections:
            return [ask_on(connection, path) for connection in connections for path in paths]

    def everywhere(self, is_so: Callable[[Answer], bool], *paths: str) -> float:
        """Block until `is_so` holds for each worker's answer to each path; return the seconds it took."""
        with self._a_connection_to_each() as connections:
            return after_s(lambda: all(is_so(ask_on(one, path)) for one in connections for path in paths))

    def is_current(self, answer: Answer) -> bool:
        """Return whether this answer is 200, shows the current price and has no age mark."""
        return answer.status == 200 and answer.age_s is None and answer.price == self.prices[-1].amount

    def newest_orders_are_kept(self) -> float:
        """Block until each worker serves the order list from its cache again; return the seconds it took."""
        with self._a_connection_to_each() as connections:
            return after_s(lambda: all(map(_are_kept, connections)))

    @contextmanager
    def _a_connection_to_each(self) -> Iterator[list[http.client.HTTPConnection]]:
        with ExitStack() as stack:
            yield [stack.enter_context(closing(connection)) for connection in connect_to_each(self.cafe)]


def _are_kept(connection: http.client.HTTPConnection) -> bool:
    answers = [ask_on(connection, path) for path in (ORDERS, STATS, ORDERS, STATS)]
    before, after = (answer.body["caches"]["orders"]["hits"] for answer in answers[1::2])
    return bool(after > before)


def after_s(is_so: Callable[[], bool]) -> float:
    """Poll until `is_so()`; return the seconds it took. Raises AssertionError after TIMEOUT_S."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() < started + TIMEOUT_S, "it does not come to be so"
        time.sleep(0.02)
    return time.monotonic() - started


def ask(port: int, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """Send one request on a new connection: a GET, or with `body` a POST of it as JSON."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)) as connection:
        return ask_on(connection, path, body, headers)


def ask_on(
    connection: http.client.HTTPConnection, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    asked_at = time.monotonic()
    try:
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | (headers or {}))
        response = connection.getresponse()
        status, told, text = response.status, dict(response.headers), response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        status, told, text = 0, {}, repr(error)
    return Answer(path, status, told, text, asked_at, time.monotonic())
