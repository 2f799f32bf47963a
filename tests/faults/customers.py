"""Simulated customers, who read the menu and order continuously; every answer is recorded.

with Customers(shop) as customers:
    ...                                   # inject a fault
assert customers.refused() == {}
"""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple, Self

from tests.faults.shop import ORDERS, PAGES, Answer, Shop

NEWEST = 20  # orders on the order list
PAUSE_S = 0.05


class Sale(NamedTuple):
    """An acknowledged order; `first_asked_at` is the first request with its idempotency key, retries included."""

    order_id: int
    charged: Decimal
    first_asked_at: float
    answered_at: float


class Customers:
    """A thread for each public page, one for the order list, and `buyers` that place orders, each retried with the
    same key until it is acknowledged."""

    def __init__(self, shop: Shop, *, buyers: int = 2, buyers_pause_s: float = PAUSE_S) -> None:
        self.shop, self.buyers, self.buyers_pause_s = shop, buyers, buyers_pause_s
        self.answers: list[Answer] = []  # for the public pages
        self.lists: list[Answer] = []  # for the order list
        self.order_answers: list[Answer] = []
        self.sales: list[Sale] = []
        self._is_over = threading.Event()
        readers: list[tuple[Any, ...]] = [(self._read, path, self.answers) for path in PAGES]
        readers.append((self._read, ORDERS, self.lists))
        lives = readers + [(self._buy,)] * buyers
        self._threads = [threading.Thread(target=live, args=args, daemon=True) for live, *args in lives]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        while len({answer.path for answer in list(self.answers)}) < len(PAGES) or not self.sales:
            time.sleep(0.01)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, path: str, answers: list[Answer]) -> None:
        while not self._is_over.is_set():
            answers.append(self.shop.get(path))
            time.sleep(random.uniform(0.5, 1.5) * PAUSE_S)

    def _buy(self) -> None:
        while not self._is_over.is_set():
            key, first_asked_at = secrets.token_hex(8), time.monotonic()
            while True:
                answer = self.shop.order(key)
                self.order_answers.append(answer)
                time.sleep(random.uniform(0.5, 1.5) * self.buyers_pause_s)
                if answer.status == 201:
                    charged = Decimal(str(answer.body["total_price"]))
                    self.sales.append(Sale(answer.body["order_id"], charged, first_asked_at, answer.answered_at))
                    break
                if self._is_over.is_set():
                    return

    # The recorded answers

    def refused(self, *, besides: Iterable[tuple[float, float]] = ()) -> Counter[tuple[str, int, str]]:
        """Count the answers other than 200 and 201, by path, status and body.

        Leaves out each 503 whose request was open at some moment of a span of `besides` (seconds of
        time.monotonic): the database itself stood still then.
        """
        spans = list(besides)
        return Counter(
            (answer.path, answer.status, answer.text[:200])
            for answer in self.answers + self.lists + self.order_answers
            if answer.status not in (200, 201)
            and not (answer.status == 503 and any(a < answer.answered_at and answer.asked_at < b for a, b in spans))
        )

    def wrongly_charged(self) -> list[Sale]:
        """Return the orders charged at a price that was at no moment in force between first request and answer."""
        return [sale for sale in self.sales if not self.shop.was_right(*sale[1:])]

    def most_outdated_s(self) -> float:
        """Return the largest staleness (s) of a price on a page without an age mark."""
        return max(
            self.shop.outdated_s(answer.price, answer.asked_at) for answer in self.answers if answer.age_s is None
        )

    def longest_unlisted_s(self) -> float:
        """Return the longest time (s) after its acknowledgement that an order was missing from the order list."""
        longest = 0.0
        for answer in self.lists:
            listed = {order["id"] for order in answer.body} if answer.status == 200 else set()
            if len(listed) == NEWEST:
                # The oldest entries are not judged: each may have displaced an order of another buyer placed at the
                # same moment.
                least = sorted(listed)[min(self.buyers, NEWEST - 1)]
                missing = [sale for sale in self.sales if sale.order_id > least and sale.order_id not in listed]
                longest = max([longest, *(answer.asked_at - sale.answered_at for sale in missing)])
        return longest

    def slowest_s(self) -> dict[str, float]:
        told = {"page": self.answers, "list": self.lists, "order": self.order_answers}
        return {
            name: round(max(answer.answered_at - answer.asked_at for answer in answers), 2)
            for name, answers in told.items()
        }

    def in_words(self) -> str:
        refused = sum(self.refused().values())
        told = f"{len(self.answers)} pages, {len(self.lists)} lists, {len(self.sales)} orders, {refused} refused"
        slowest = ", ".join(f"{name} {seconds} s" for name, seconds in self.slowest_s().items())
        return (
            f"{told}, slowest: {slowest}; price outdated {self.most_outdated_s():.1f} s, "
            f"order unlisted {self.longest_unlisted_s():.1f} s at most"
        )
