"""Two colleagues advance one ticket concurrently (row 8): it moves once.

Ten clients act in five pairs, the two of a pair in different processes. Both read the ticket before one moves it.
"""

from collections import Counter
from collections.abc import Callable

from orders import services
from orders.audit import check_books
from orders.errors import NotAllowedNow
from orders.models import Order, OrderEvent, Status
from tests.race import books
from tests.race.crowd import Client, Crowd
from tests.race.unguarded import moves_by_key_alone

PAIRS = 5


def place_cards(client: Client, cards: int) -> list[int]:
    return [books.place().pk for _card in range(cards)]


def start_each(client: Client, cards: list[list[int]]) -> list[str]:
    """Start every ticket of this client's pair; return the outcomes."""
    outcomes = []
    for pk in cards[client.number % PAIRS]:
        card = Order.objects.get(pk=pk)
        client.wait_for_all()
        try:
            services.advance_order(order=card, to=Status.PREPARING)
            outcomes.append("moved")
        except NotAllowedNow:
            outcomes.append("too late")
    return outcomes


def moves_of(cards: list[list[int]]) -> Counter[int]:
    """Return the number of tickets by how many times they moved."""
    events = OrderEvent.objects.filter(from_status=Status.PENDING, to_status=Status.PREPARING)
    moved = Counter(events.values_list("order_id", flat=True))
    return Counter(moved[pk] for pks in cards for pk in pks)


def test_a_card_touched_by_two_moves_once(crowd: Crowd, full_size: bool, figures: Callable[..., None]) -> None:
    touched = 500 if full_size else 100
    cards = crowd(place_cards, touched // PAIRS, clients=PAIRS)
    outcomes = crowd(start_each, cards, clients=2 * PAIRS)
    assert pairs_of(outcomes) == {("moved", "too late"): touched}
    assert crowd.ask(moves_of, cards) == {1: touched}
    assert crowd.ask(check_books) == []
    figures(cards=touched, moves=touched, refused=touched)


def test_without_the_condition_a_card_moves_twice(crowd: Crowd) -> None:
    """Control: every ticket moves twice, since both have read it before either moves it; `check_books` reports it."""
    cards = crowd(place_cards, 2, clients=PAIRS)
    outcomes = crowd(start_each, cards, clients=2 * PAIRS, inside=moves_by_key_alone)
    assert pairs_of(outcomes) == {("moved", "moved"): 10}
    assert crowd.ask(moves_of, cards) == {2: 10}
    findings = [str(finding) for finding in crowd.ask(check_books)]
    assert len(findings) == 10
    assert all("status moved pending → preparing when it was preparing" in finding for finding in findings)


def pairs_of(outcomes: list[list[str]]) -> Counter[tuple[str, ...]]:
    """Return the number of tickets by the two outcomes, in either order."""
    return Counter(
        tuple(sorted(both))
        for one, other in zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True)
        for both in zip(one, other, strict=True)
    )
