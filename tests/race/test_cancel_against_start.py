"""Cancel races: a customer cancels while the barista starts (row 9), cancels twice, or staff cancels too.

One of the two wins, and the stock is given back once or not at all. Ten clients act in five pairs, the two of a pair
in different processes; both have read the order before either moves it.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from orders import services
from orders.audit import check_books
from orders.errors import NotAllowedNow
from orders.models import Order, OrderLine, Status, StockMove
from tests.race import books
from tests.race.crowd import Client, Crowd
from tests.race.unguarded import moves_by_key_alone

PAIRS = 5
PLENTY = 10_000


def place(client: Client, item_id: int, orders: int) -> list[int]:
    """Place orders of one to three pieces of a counted item; return their keys."""
    return [books.place((item_id, client.random.randint(1, 3))).pk for _order in range(orders)]


def act(client: Client, orders: list[list[int]], do: tuple[Callable[..., Any], Callable[..., Any]]) -> list[str]:
    """The first client of a pair does `do[0]` to each of its orders, the second `do[1]`; return the outcomes."""
    outcomes = []
    for pk in orders[client.number % PAIRS]:
        order = Order.objects.get(pk=pk)
        client.wait_for_all()
        try:
            do[client.number // PAIRS](order=order)
            outcomes.append("done")
        except NotAllowedNow:
            outcomes.append("too late")
    return outcomes


def pieces(orders: list[list[int]], *statuses: str) -> int:
    """Return the total quantity of those orders that have one of these statuses."""
    pks = [pk for own in orders for pk in own]
    lines = OrderLine.objects.filter(order_id__in=pks, order__status__in=statuses)
    return sum(lines.values_list("quantity", flat=True))


def given_back() -> int:
    return StockMove.objects.filter(reason=StockMove.CANCELLED).count()


def test_of_a_cancel_and_a_start_one_wins_and_the_stock_is_right(
    crowd: Crowd, full_size: bool, figures: Callable[..., None]
) -> None:
    raced = 500 if full_size else 100
    tart = crowd.ask(books.count, "egg-tart", PLENTY)
    orders = crowd(place, tart, raced // PAIRS, clients=PAIRS)
    both = (services.cancel_order, services.advance_order)
    ends = ends_of(crowd(act, orders, both, clients=2 * PAIRS))
    cancelled, started = ends["done", "too late"], ends["too late", "done"]
    assert cancelled + started == raced
    assert crowd.ask(given_back) == cancelled
    assert crowd.ask(books.left, tart) == PLENTY - crowd.ask(pieces, orders, Status.PREPARING)
    assert crowd.ask(check_books) == []
    figures(orders=raced, cancelled=cancelled, started=started)


def test_two_cancels_give_back_once(crowd: Crowd, full_size: bool) -> None:
    raced = 500 if full_size else 50
    tart = crowd.ask(books.count, "egg-tart", PLENTY)
    orders = crowd(place, tart, raced // PAIRS, clients=PAIRS)
    both = (services.cancel_order, services.cancel_order)
    ends = ends_of(crowd(act, orders, both, clients=2 * PAIRS))
    assert ends["done", "too late"] + ends["too late", "done"] == raced
    assert crowd.ask(given_back) == raced
    assert crowd.ask(books.left, tart) == PLENTY
    assert crowd.ask(check_books) == []


def test_without_the_condition_both_win_and_a_tart_in_the_oven_is_sold_again(crowd: Crowd) -> None:
    """Control: both win for every order, since both have read it before either moves it; `check_books` reports it."""
    tart = crowd.ask(books.count, "egg-tart", PLENTY)
    orders = crowd(place, tart, 2, clients=PAIRS)
    both = (services.cancel_order, services.advance_order)
    outcomes = crowd(act, orders, both, clients=2 * PAIRS, inside=moves_by_key_alone)
    assert ends_of(outcomes) == {("done", "done"): 10}
    assert crowd.ask(given_back) == 10
    assert crowd.ask(books.left, tart) == PLENTY
    findings = " ".join(str(finding) for finding in crowd.ask(check_books))
    assert findings.count("status moved pending → ") == 10


def ends_of(outcomes: list[list[str]]) -> Counter[tuple[str, str]]:
    """Return the number of orders by the outcomes of the two clients of a pair."""
    return Counter(
        both
        for first, second in zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True)
        for both in zip(first, second, strict=True)
    )
