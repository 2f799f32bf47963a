"""No overselling over HTTP: many more orders than pieces in stock, through gunicorn's workers (row 2)."""

from collections import Counter
from collections.abc import Callable
from itertools import chain

from orders.audit import check_books
from tests.harness.running_cafe import RunningCafe
from tests.race import books
from tests.race.crowd import Client, Crowd
from tests.race.web import program

CLIENTS = 32


def order_one_after_the_other(client: Client, url: str, orders: int) -> list[tuple[int, str]]:
    """Send this client's share of the orders one after the other; return status and code of each answer."""
    share = len(range(client.number, orders, CLIENTS))
    with program(url) as own:
        client.wait_for_all()
        answers = [own.order("espresso") for _order in range(share)]
    return [(answer.status, answer.code) for answer in answers]


def test_exactly_as_many_are_accepted_as_there_are(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    orders, pieces = (2_000, 1_500) if full_size else (200, 150)
    espresso = crowd.ask(books.count, "espresso", pieces)
    answers = crowd(order_one_after_the_other, cafe.url, orders, clients=CLIENTS)
    assert Counter(chain(*answers)) == {(201, "placed"): pieces, (409, "sold_out"): orders - pieces}
    assert crowd.ask(books.orders) == pieces
    assert crowd.ask(books.left, espresso) == 0
    assert crowd.ask(check_books) == []
    figures(orders=orders, accepted=pieces, refused=orders - pieces)
