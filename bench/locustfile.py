"""Three kinds of Locust users: of a hundred, 90 browse, 8 order and 2 watch. They send requests to --host only.

Run by hand (`.venv/bin/python -m bench.users`), by the bench (bench/harness/mix.py), or in a cluster (the component
load-test). Environment:

CAFE_THINK_S    mean think time between two requests of a user, 3 s: each time 0.5 to 1.5 times that
CAFE_TWICE      share of orders sent twice, 0.1: the same idempotency key must return the same order
"""

import json
import os
import random
import re
import uuid
from collections import deque
from typing import Any

from locust import FastHttpUser, task
from locust.exception import RescheduleTask
from random_orders import Menu, Thing, an_order, can_be_chosen  # in this file's folder, from which Locust imports

THINK_S = float(os.environ.get("CAFE_THINK_S") or 3)
TWICE = float(os.environ.get("CAFE_TWICE") or 0.1)
LANGUAGES = ("zh-hans", "en")
POLL = {"HX-Request": "true"}
REFUSED = ", refused politely"  # suffix of the request name

placed: deque[str] = deque(maxlen=1000)  # tokens of the newest orders, for `Watching` users


class Person(FastHttpUser):
    abstract = True
    connection_timeout = network_timeout = 20.0

    def on_start(self) -> None:
        self.come_in()

    def come_in(self) -> None:
        """Become a new customer: another language, an empty browser cache."""
        self.language = random.choice(LANGUAGES)
        self.kept: dict[str, tuple[str, str]] = {}  # by path: the ETag and the text

    def wait_time(self) -> float:
        return random.uniform(0.5, 1.5) * THINK_S

    def look(self, path: str, name: str, *, headers: dict[str, str] | None = None, also: tuple[int, ...] = ()) -> str:
        """Return the text at `path`, by a conditional GET (If-None-Match) if a copy is cached, as browsers send it.

        A status other than 200, 304 or one of `also` is a failure, and raises RescheduleTask."""
        tag, text = self.kept.get(path, ("", ""))
        headers = (headers or {}) | ({"If-None-Match": tag} if tag else {})
        allowed = {200, *also} | ({304} if tag else set())
        with self.client.get(path, name=name, headers=headers, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code in allowed:
                answer.success()
            else:
                not_as_wished(answer)
        if answer.status_code not in allowed:
            raise RescheduleTask
        if answer.status_code != 200:
            return text
        self.kept[path] = (answer.headers.get("etag", ""), answer.text)
        return str(answer.text)

    def read_menu(self) -> Menu:
        """Return the items that can be ordered now."""
        categories = read(self.look("/api/menu", "/api/menu"))["categories"]
        return [item for category in categories for item in category["items"] if can_be_chosen(item)]


class Browsing(Person):
    """A user who reads the menu and some item pages, again and again; every other time as a new customer."""

    weight = 90

    @task(9)
    def stroll(self) -> None:
        if random.random() < 0.5:
            self.come_in()
        menu = self.look(f"/{self.language}/", "menu page")
        items = re.findall(rf'href="(/{self.language}/item/[-\w]+/)"', menu)
        for path in random.sample(items, min(len(items), random.randint(1, 3))):
            self.wait()
            self.look(path, "item page")

    @task(1)
    def read_as_a_program(self) -> None:
        self.read_menu()


class Ordering(Person):
    """A user who reads the menu, orders one or two items, and reads the order page."""

    weight = 8

    @task
    def order(self) -> None:
        self.come_in()
        menu = self.read_menu()
        self.wait()
        body, key = an_order(menu), str(uuid.uuid4())
        first = self.press(body, key, "order")
        if first and random.random() < TWICE:
            self.press(body, key, "order, pressed again", same=first["order_id"])
        if first:
            placed.append(first["token"])
            self.wait()
            self.look(f"/{self.language}/order/{first['token']}/", "order page")
            if random.random() < 0.5:
                self.wait()
                self.look(f"/api/orders/{first['token']}", "/api/orders/<token>")

    def press(self, body: Thing, key: str, name: str, same: int | None = None) -> Thing:
        """POST an order and return its JSON; empty when refused. `same` is the order id expected of a retry."""
        how = {"headers": {"Idempotency-Key": key}, "allow_redirects": False, "catch_response": True}
        with self.client.post("/api/orders", name=name, json=body, **how) as answer:
            said = read(answer.text)
            if is_polite(answer):
                answer.request_meta["name"] += REFUSED
                answer.success()
            elif answer.status_code != 201:
                not_as_wished(answer)
            elif same not in (None, said.get("order_id")):
                answer.failure("the same key gave another order")
            else:
                answer.success()
                return said
        return {}


class Watching(Person):
    """A user who polls the board, the order list, and one of the orders that `Ordering` users placed."""

    weight = 2

    @task(2)
    def watch_the_board(self) -> None:
        path = f"/{self.language}/board/"
        board = self.look(path, "board")
        for _ in range(3):
            self.wait()
            if seen := re.search(r"seen=([^\"&]*)", board):
                board = self.look(f"{path}?seen={seen[1]}", "board, polled", headers=POLL, also=(204,)) or board

    @task(2)
    def watch_the_newest(self) -> None:
        self.look("/api/orders", "/api/orders")

    @task(1)
    def watch_an_order(self) -> None:
        if placed:
            self.look(f"/api/orders/{random.choice(placed)}", "/api/orders/<token>")


def is_polite(answer: Any) -> bool:
    """Return whether this is an expected refusal: 409 sold out, or 429 or 503 with Retry-After."""
    if answer.status_code in (429, 503):
        return "retry-after" in answer.headers
    return answer.status_code == 409 and error_code(answer) == "sold_out"


def not_as_wished(answer: Any) -> None:
    if answer.status_code:  # 0 is a connection error, which Locust records itself
        answer.failure(f"{answer.status_code} {error_code(answer)}".strip())


def error_code(answer: Any) -> str:
    return str(read(answer.text).get("error", {}).get("code", ""))


def read(text: str | None) -> Thing:
    """Return the JSON object in a text; empty when the text is none."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
