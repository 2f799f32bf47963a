"""Order numbers are unique among the orders of a business day, and among the open orders of all days. A business day
ends at midnight in Shanghai, 16:00 UTC."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from orders import selectors
from orders.audit import check_books
from orders.placing import numbers
from tests.race import books
from tests.race.crowd import Client, Crowd

CLIENTS = 50
FRIDAY, SATURDAY = date(2026, 3, 6), date(2026, 3, 7)
MIDNIGHT = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


clock = threading.local()  # .now is each client's own time under own_clocks()


def take_numbers(client: Client, orders: int) -> list[int]:
    """Place orders, each at the same moment as the other clients; return their numbers."""
    numbers = []
    for _order in range(orders):
        client.wait_for_all()
        numbers.append(books.place().number)
    return numbers


@contextmanager
def a_moment_after_the_look() -> Iterator[None]:
    """Pause between the check that a number is free and its write, as long as in a slower database."""
    look = selectors.key_known_and_free_number

    def look_and_wait(*looked_for: Any) -> tuple[bool, int | None]:
        found = look(*looked_for)
        time.sleep(0.05)
        return found

    with patch.object(selectors, "key_known_and_free_number", look_and_wait):
        yield


@contextmanager
def own_clocks() -> Iterator[None]:
    with patch.object(timezone, "now", lambda: clock.now):
        yield


def order_around_midnight(client: Client, orders: int) -> list[tuple[date, int]]:
    """Place as many orders before midnight as after it, shuffled for each client; return business day and number."""
    moments = [MIDNIGHT - MOMENT] * (orders // 2) + [MIDNIGHT] * (orders // 2)
    taken = []
    for moment in client.random.sample(moments, orders):
        clock.now = moment
        order = books.place()
        assert order.placed_at == moment
        taken.append((order.business_day, order.number))
    return taken


def test_numbers_taken_at_once_are_all_different(crowd: Crowd, full_size: bool, figures: Callable[..., None]) -> None:
    orders = 500 if full_size else 250
    numbers = list(chain(*crowd(take_numbers, orders // CLIENTS, clients=CLIENTS)))
    assert len(set(numbers)) == len(numbers) == orders
    assert crowd.ask(check_books) == []
    figures(numbers=orders)


def test_without_the_unique_index_two_orders_have_one_number(
    crowd: Crowd, unique_index_dropped: Callable[..., None], figures: Callable[..., None]
) -> None:
    """Control: fifty clients draw from 900 numbers before one writes, and some draw the same; `check_books` tells."""
    unique_index_dropped("business_day", "number")
    unique_index_dropped("open_number")
    numbers = list(chain(*crowd(take_numbers, 4, clients=CLIENTS, inside=a_moment_after_the_look)))
    doubled = [number for number, times in Counter(numbers).items() if times > 1]
    assert doubled
    findings = [str(finding) for finding in crowd.ask(check_books)]
    assert len(findings) == 2 * len(doubled), "on the day, and on the board"
    assert all("orders have it" in finding for finding in findings)
    figures(numbers=len(numbers), given_twice=len(doubled))


@pytest.mark.only_full
def test_an_order_belongs_to_the_day_it_is_in_shanghai(crowd: Crowd, full_size: bool) -> None:
    orders = 500 if full_size else 200
    taken = list(chain(*crowd(order_around_midnight, orders // CLIENTS, clients=CLIENTS, inside=own_clocks)))
    assert Counter(day for day, _number in taken) == {FRIDAY: orders // 2, SATURDAY: orders // 2}
    assert len(set(taken)) == orders
    assert crowd.ask(check_books) == []


@contextmanager
def few_numbers_around_midnight() -> Iterator[None]:
    """All clients draw from the same few numbers, and check them long before they write."""
    ranges = ((range(100, 100 + 4 * CLIENTS), 20),)
    with own_clocks(), a_moment_after_the_look(), patch.object(numbers, "RANGES", ranges):
        yield


@pytest.mark.only_full
def test_around_midnight_no_number_is_open_twice(crowd: Crowd) -> None:
    """The unique index on (day, number) allows one number on Friday and on Saturday; both orders are on the board."""
    taken = list(chain(*crowd(order_around_midnight, 2, clients=CLIENTS, inside=few_numbers_around_midnight)))
    assert Counter(day for day, _number in taken) == {FRIDAY: CLIENTS, SATURDAY: CLIENTS}
    assert len({number for _day, number in taken}) == 2 * CLIENTS
    assert crowd.ask(check_books) == []


@pytest.mark.only_full
def test_without_its_unique_index_a_number_is_open_twice(
    crowd: Crowd, unique_index_dropped: Callable[..., None], figures: Callable[..., None]
) -> None:
    """Control for the test above."""
    unique_index_dropped("open_number")
    taken = list(chain(*crowd(order_around_midnight, 2, clients=CLIENTS, inside=few_numbers_around_midnight)))
    doubled = [number for number, times in Counter(number for _day, number in taken).items() if times > 1]
    assert doubled
    assert len(set(taken)) == 2 * CLIENTS, "no day has a number twice"
    assert len(crowd.ask(check_books)) == len(doubled)
    figures(numbers=len(taken), open_twice=len(doubled))
