"""Fifty clients order the last piece concurrently, round after round (row 1), or when the daily stock reset is due.

They call the service, not HTTP: without a web server they collide in the database as closely as possible.
The same claim over HTTP is test_as_many_are_sold_as_there_are.py (row 2).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from unittest.mock import patch

from cafe.db import compiled_queries
from menu.models import Item
from orders.audit import check_books
from orders.models import Stock, StockMove
from orders.services import set_stock
from orders.stock import ledger
from tests.race import books
from tests.race.crowd import Client, Crowd

CLIENTS = 50


def want_the_last_one(client: Client, item_id: int, rounds: int) -> list[str]:
    """In every round the stock is set to one and every client orders it; return this client's outcomes."""
    outcomes = []
    for _round in range(rounds):
        if client.number == 0:
            set_stock(item=Item(pk=item_id), available=1, reason="baked")
        client.wait_for_all()
        outcomes.append(books.buy((item_id, 1)))
        client.wait_for_all()
    return outcomes


def want_one(client: Client, item_id: int) -> str:
    return books.buy((item_id, 1))


@contextmanager
def claims_read_then_write() -> Iterator[None]:
    """Remove the guard: the stock is written as the value read less the quantity sold, whatever happened since. The
    pause between read and write imitates a slower database."""

    def claim(change: ledger.Change) -> compiled_queries.Statement:
        time.sleep(0.005)
        was = change.stock.available + (change.resets or 0)
        return read_less_sold(pk=change.stock.pk, available=was + change.delta, today=change.today)

    read_less_sold = compiled_queries.Update(
        lambda pk, available, today: (
            Stock.objects.filter(pk=pk),
            {"available": available, "counted_on": today},
        )
    )

    with patch.object(ledger, "claim", claim):
        yield


def resets_of(item_id: int) -> list[int]:
    return list(StockMove.objects.filter(item_id=item_id, reason=StockMove.RESET).values_list("delta", flat=True))


def test_the_last_one_is_sold_to_one_of_fifty(crowd: Crowd, full_size: bool, figures: Callable[..., None]) -> None:
    rounds = 200 if full_size else 10
    espresso = crowd.ask(books.count, "espresso", 0)
    outcomes = crowd(want_the_last_one, espresso, rounds, clients=CLIENTS)
    sold_in_each = [outcomes_of_round.count("sold") for outcomes_of_round in zip(*outcomes, strict=True)]
    assert sold_in_each == [1] * rounds
    assert Counter(chain(*outcomes)) == {"sold": rounds, "sold_out": (CLIENTS - 1) * rounds}
    assert crowd.ask(books.orders) == rounds
    assert crowd.ask(books.left, espresso) == 0
    assert crowd.ask(check_books) == []
    figures(rounds=rounds, sold=rounds, refused=(CLIENTS - 1) * rounds)


def test_without_the_condition_the_last_one_is_sold_many_times(crowd: Crowd, figures: Callable[..., None]) -> None:
    """Control: the last one is oversold, and `check_books` reports it."""
    rounds = 3
    espresso = crowd.ask(books.count, "espresso", 0)
    outcomes = crowd(want_the_last_one, espresso, rounds, clients=CLIENTS, inside=claims_read_then_write)
    sold = Counter(chain(*outcomes))["sold"]
    assert sold > rounds
    assert [str(finding) for finding in crowd.ask(check_books)] == [
        f"stock of item {espresso}: the count is 0, but its moves add up to {rounds - sold}"
    ]
    figures(rounds=rounds, sold=sold)


def test_the_first_claims_of_a_morning_reset_the_count_once(crowd: Crowd) -> None:
    espresso = crowd.ask(books.count_since_yesterday, "espresso", 3, 10)
    outcomes = crowd(want_one, espresso, clients=CLIENTS)
    assert Counter(outcomes) == {"sold": 10, "sold_out": 40}
    assert crowd.ask(resets_of, espresso) == [7]
    assert crowd.ask(books.left, espresso) == 0
    assert crowd.ask(check_books) == []


def test_without_the_condition_a_morning_resets_the_count_many_times(crowd: Crowd) -> None:
    """Control for the test above."""
    espresso = crowd.ask(books.count_since_yesterday, "espresso", 3, 10)
    outcomes = crowd(want_one, espresso, clients=CLIENTS, inside=claims_read_then_write)
    assert outcomes.count("sold") > 10
    assert len(crowd.ask(resets_of, espresso)) > 1
    assert len(crowd.ask(check_books)) == 1
