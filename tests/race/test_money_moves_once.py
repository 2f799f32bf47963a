"""Payment races: two colleagues record the same payment or refund concurrently, and it moves once. A restored order
claims its stock against customers who order the same pieces concurrently.

Ten clients act in five pairs, the two of a pair in different processes. Both have read the order before one moves it.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from orders import services
from orders.audit import check_books
from orders.errors import NotAllowedNow, SoldOut
from orders.models import Order, OrderEvent, PaymentStatus
from tests.race import books
from tests.race.crowd import Client, Crowd
from tests.race.unguarded import payments_by_key_alone

PAIRS = 5
PLENTY = 10_000


def place_and_cancel(client: Client, orders: int) -> list[int]:
    """Place orders that are paid and then cancelled by their customers; return their keys."""
    return [services.cancel_order(order=_paid()).pk for _order in range(orders)]


def place_ready(client: Client, orders: int) -> list[int]:
    """Place orders and make them ready, unpaid; return their keys."""
    placed = [books.place() for _order in range(orders)]
    return [services.advance_order(order=services.advance_order(order=one)).pk for one in placed]


def _paid() -> Order:
    return services.mark_paid(order=books.place())


def do_each(client: Client, orders: list[list[int]], do: Callable[..., Order]) -> list[str]:
    """Call `do` with each order of this client's pair; return the outcomes."""
    outcomes = []
    for pk in orders[client.number % PAIRS]:
        order = Order.objects.get(pk=pk)
        client.wait_for_all()
        try:
            do(order=order)
            outcomes.append("moved")
        except NotAllowedNow:
            outcomes.append("too late")
    return outcomes


def times_moved(orders: list[list[int]], to: str) -> Counter[int]:
    """Return the number of orders by how many times their payment moved to `to`."""
    moved = Counter(OrderEvent.objects.filter(to_status=to).values_list("order_id", flat=True))
    return Counter(moved[pk] for pks in orders for pk in pks)


RACES: list[tuple[Callable[..., Any], Callable[..., Order], str]] = [
    (place_and_cancel, services.refund_order, PaymentStatus.REFUNDED),
    (place_ready, services.hand_over_paid, PaymentStatus.PAID),
    (place_ready, services.mark_paid, PaymentStatus.PAID),
]


@pytest.mark.parametrize(("prepare", "do", "to"), RACES)
def test_money_noted_by_two_moves_once(
    crowd: Crowd, full_size: bool, prepare: Callable[..., Any], do: Callable[..., Order], to: str
) -> None:
    raced = 500 if full_size else 50
    orders = crowd(prepare, raced // PAIRS, clients=PAIRS)
    outcomes = crowd(do_each, orders, do, clients=2 * PAIRS)
    assert Counter(one for own in outcomes for one in own) == {"moved": raced, "too late": raced}
    assert crowd.ask(times_moved, orders, to) == {1: raced}
    assert crowd.ask(check_books) == []


def test_without_the_condition_money_is_given_back_twice(crowd: Crowd) -> None:
    """Control: every order is refunded twice, as both read it before either moves it; `check_books` reports it."""
    orders = crowd(place_and_cancel, 2, clients=PAIRS)
    crowd(do_each, orders, services.refund_order, clients=2 * PAIRS, inside=payments_by_key_alone)
    assert crowd.ask(times_moved, orders, PaymentStatus.REFUNDED) == {2: 10}
    findings = [str(finding) for finding in crowd.ask(check_books)]
    assert len(findings) == 10
    assert all("payment moved paid → refunded when it was refunded" in finding for finding in findings)


# Restored orders against customers


def place_tarts(client: Client, item_id: int, orders: int) -> list[int]:
    """Place orders of one tart each and cancel them; return their keys."""
    return [services.cancel_order(order=books.place((item_id, 1))).pk for _order in range(orders)]


def restore_or_buy(client: Client, item_id: int, orders: list[list[int]]) -> list[str]:
    """The first client of a pair restores its orders, the second orders as many tarts; return the outcomes."""
    outcomes = []
    for pk in orders[client.number % PAIRS]:
        order = Order.objects.get(pk=pk)
        client.wait_for_all()
        try:
            if client.number < PAIRS:
                services.restore_order(order=order)
                outcomes.append("restored")
            else:
                books.place((item_id, 1))
                outcomes.append("bought")
        except SoldOut:
            outcomes.append("sold out")
    return outcomes


def test_an_order_that_comes_back_takes_no_piece_twice(
    crowd: Crowd, full_size: bool, figures: Callable[..., None]
) -> None:
    raced = 250 if full_size else 50
    tart = crowd.ask(books.count, "egg-tart", raced)
    orders = crowd(place_tarts, tart, raced // PAIRS, clients=PAIRS)
    assert crowd.ask(books.left, tart) == raced
    ends = Counter(one for own in crowd(restore_or_buy, tart, orders, clients=2 * PAIRS) for one in own)
    assert ends["restored"] + ends["bought"] == ends["sold out"] == raced
    assert crowd.ask(books.left, tart) == 0
    assert crowd.ask(check_books) == []
    figures(restored=ends["restored"], bought=ends["bought"])
