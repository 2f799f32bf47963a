"""Customers who read the menu and order all the while, and what each of them was told.

with Customers(shop) as customers:
    ...                                   # something goes wrong meanwhile
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

NEWEST = 20  # orders are listed
PAUSE_S = 0.05


class Sale(NamedTuple):
    """An order that was acknowledged; `first_asked_at` is of its key, which may have been refused before."""

    order_id: int
    charged: Decimal
    first_asked_at: float
    answered_at: float


class Customers:
    """A thread for each public page, one for the newest orders, and some who order, each again until it is done."""

    def __init__(self, shop: Shop, *, buyers: int = 2, buyers_pause_s: float = PAUSE_S) -> None:
        self.shop, self.buyers, self.buyers_pause_s = shop, buyers, buyers_pause_s
        self.answers: list[Answer] = []  # of the pages
        self.lists: list[Answer] = []  # of the newest orders
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

    # What they were told

    def refused(self, *, but_not_while: Iterable[tuple[float, float]] = ()) -> Counter[tuple[str, int, str]]:
        """Count, by address, status and what was said, what is not 200 or 201.

        Left out is a 503 whose question was open at some moment of a span of `but_not_while` (seconds of
        time.monotonic): the database itself stood still, and who was refused may try again.
        """
        spans = list(but_not_while)
        return Counter(
            (answer.path, answer.status, answer.text[:200])
            for answer in self.answers + self.lists + self.order_answers
            if answer.status not in (200, 201)
            and not (answer.status == 503 and any(a < answer.answered_at and answer.asked_at < b for a, b in spans))
        )

    def wrongly_charged(self) -> list[Sale]:
        """Return what was charged at a price that the database had at no moment between question and answer."""
        return [sale for sale in self.sales if not self.shop.was_right(*sale[1:])]

    def most_outdated_s(self) -> float:
        """Return how long a price had been replaced that a page still showed, and did not mark with its age."""
        return max(
            self.shop.outdated_s(answer.price, answer.asked_at) for answer in self.answers if answer.age_s is None
        )

    def longest_unlisted_s(self) -> float:
        """Return how long after its acknowledgement an order was missing among the newest."""
        longest = 0.0
        for answer in self.lists:
            listed = {order["id"] for order in answer.body} if answer.status == 200 else set()
            if len(listed) == NEWEST:
                # The last of the list may be there instead of one that was placed at the same moment.
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
