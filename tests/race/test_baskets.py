"""No deadlocks: orders of two to five counted items, in any order, never wait for each other in a circle (row 3).

The clients call the service, not HTTP, so that each client has its own concurrent transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from orders.audit import check_books
from orders.stock import ledger
from tests.race import books
from tests.race.crowd import Client, Crowd

CLIENTS = 10
PLENTY = 1_000_000
COUNTED = (
    "espresso", "dirty", "pour-over", "butter-croissant", "chocolate-croissant", "basque-cheesecake", "egg-tart",
    "cinnamon-roll",
)  # fmt: skip


def fill_and_order(client: Client, item_ids: list[int], baskets: int) -> tuple[Counter[str], Counter[int]]:
    """Order random baskets; return the number of orders by outcome, and the quantity sold by item id."""
    outcomes, sold = Counter[str](), Counter[int]()
    for _basket in range(baskets):
        chosen = client.random.sample(item_ids, client.random.randint(2, 5))
        basket = [(item_id, client.random.randint(1, 3)) for item_id in chosen]
        outcome = books.buy(*basket)
        outcomes[outcome] += 1
        if outcome == "sold":
            sold.update(dict(basket))
    return outcomes, sold


def count_all() -> list[int]:
    return [books.count(slug, PLENTY) for slug in COUNTED]


def left_of(item_ids: list[int]) -> list[int]:
    return [books.left(item_id) for item_id in item_ids]


@contextmanager
def claims_in_the_order_of_the_basket() -> Iterator[None]:
    """Remove the guard: stock rows are locked in the order of the basket, not in the order of their keys."""
    sorted_claims = ledger.changes_to_claim

    def claims(need: Counter[int], *others: object) -> list[ledger.Change]:
        basket = list(need)
        return sorted(sorted_claims(need, *others), key=lambda change: basket.index(change.stock.item_id))

    with patch.object(ledger, "changes_to_claim", claims):
        yield


def run(crowd: Crowd, baskets: int, **options: object) -> Counter[str]:
    """Let the crowd order and assert that the stock fell by the sold quantities; return the orders by outcome."""
    item_ids = crowd.ask(count_all)
    results = crowd(fill_and_order, item_ids, baskets // CLIENTS, clients=CLIENTS, **options)
    sold = sum((sold for _outcomes, sold in results), Counter[int]())
    assert crowd.ask(left_of, item_ids) == [PLENTY - sold[item_id] for item_id in item_ids]
    assert crowd.ask(check_books) == []
    return sum((outcomes for outcomes, _sold in results), Counter[str]())


def test_baskets_in_any_order_are_all_sold_without_a_deadlock(
    crowd: Crowd, full_size: bool, figures: Callable[..., None]
) -> None:
    baskets = 5_000 if full_size else 300
    outcomes = run(crowd, baskets)
    print(crowd.retries)  # pytest shows it when the next line fails
    assert outcomes == {"sold": baskets}
    figures(baskets=baskets)
    # Nearly every retry is for an order number: two of the ten clients have drawn the same one of 900. That is one
    # order in a hundred at the start of a day, where a small run stays; with four-digit numbers it hardly occurs.
    assert crowd.retries.total() < (0.02 if full_size else 0.05) * baskets


def test_claimed_in_the_order_of_the_basket_they_deadlock(crowd: Crowd, figures: Callable[..., None]) -> None:
    """Control: deadlocks are so frequent that three seconds of retries do not save every order; none is half done."""
    outcomes = run(crowd, 100, inside=claims_in_the_order_of_the_basket)
    figures(baskets=100, sold=outcomes["sold"], unavailable=outcomes["unavailable"])
    assert outcomes.keys() <= {"sold", "unavailable"}
    assert crowd.retries["OperationalError 1213"] > 0
