"""Idempotency key: one key is one order, through gunicorn's workers, when a request is sent three times concurrently
(row 4), or again with other data (row 5).

Clients `i`, `i + 10` and `i + 20` act as one API client that retries; every round uses a new key.
"""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest

from orders.audit import check_books
from tests.harness import factories
from tests.harness.running_cafe import RunningCafe
from tests.race import books
from tests.race.crowd import Client, Crowd
from tests.race.web import Browser, program

PROGRAMS, TIMES = 10, 3
AGAIN = "This checkout had already placed this order. Your newer cart is kept; it is not ordered yet."

Answers = list[list[tuple[int, Any]]]  # for each client, (status, body) of each round


def send(client: Client, url: str, rounds: int, quantities: tuple[int, ...] = (1, 1, 1)) -> list[tuple[int, Any]]:
    """In each round, send an order under the key that two other clients send concurrently; return the answers."""
    answers = []
    with program(url) as own:
        for round_ in range(rounds):
            key = f"program-{client.number % PROGRAMS}-{round_}"
            client.wait_for_all()
            answers.append(tuple(own.order("espresso", quantities[client.number // PROGRAMS], key=key)))
    return answers


def send_and_tell(client: Client, url: str, rounds: int) -> list[bool]:
    """Send as `send` does; return whether each answer has the header Idempotent-Replayed."""
    told = []
    with program(url) as own:
        for round_ in range(rounds):
            client.wait_for_all()
            own.order("espresso", key=f"told-{client.number % PROGRAMS}-{round_}")
            told.append(own.is_replayed)
    return told


def by_key(answers: list[list[Any]]) -> list[list[Any]]:
    """Return the answers grouped by key."""
    programs = zip(*(answers[start : start + PROGRAMS] for start in range(0, len(answers), PROGRAMS)), strict=True)
    return [list(same_key) for own in programs for same_key in zip(*own, strict=True)]


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    return status, body.get("error", {}).get("code", "placed")


def test_an_order_sent_three_times_at_once_is_one_order_with_one_answer(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    keys = 1_000 if full_size else 60
    espresso = crowd.ask(books.count, "espresso", keys)
    answers = by_key(crowd(send, cafe.url, keys // PROGRAMS, clients=PROGRAMS * TIMES))
    assert len(answers) == keys
    assert {status for same_key in answers for status, _body in same_key} == {201}
    assert all(same_key == [same_key[0]] * TIMES for same_key in answers)
    assert len({same_key[0][1]["order_id"] for same_key in answers}) == keys
    assert crowd.ask(books.orders) == keys
    assert crowd.ask(books.left, espresso) == 0
    assert crowd.ask(check_books) == []
    figures(keys=keys, requests=TIMES * keys, orders=keys)


def test_without_the_unique_index_one_key_is_more_than_one_order(
    crowd: Crowd, cafe: RunningCafe, unique_index_dropped: Callable[..., None], figures: Callable[..., None]
) -> None:
    """Control: the look-up without the index lets duplicates through; `check_books` reports them."""
    unique_index_dropped("submission_key")
    keys = 30
    answers = by_key(crowd(send, cafe.url, keys // PROGRAMS, clients=PROGRAMS * TIMES))
    ids = [{body["order_id"] for _status, body in same_key} for same_key in answers]
    doubled = [key for key in ids if len(key) > 1]
    assert doubled
    orders = crowd.ask(books.orders)
    assert orders == sum(map(len, ids))
    findings = [str(finding) for finding in crowd.ask(check_books)]
    assert len(findings) == len(doubled)
    assert all(finding.startswith("submission_key program-") for finding in findings)
    figures(keys=keys, requests=TIMES * keys, orders=orders)


@pytest.mark.only_full
def test_of_equal_orders_at_once_all_but_one_answer_say_that_they_repeat(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    keys = 300 if full_size else 60
    told = by_key(crowd(send_and_tell, cafe.url, keys // PROGRAMS, clients=PROGRAMS * TIMES))
    assert [sorted(same_key) for same_key in told] == [[False, True, True]] * keys
    figures(keys=keys, requests=TIMES * keys)


@pytest.mark.only_full
def test_without_the_unique_index_more_than_one_answer_says_that_it_is_the_first(
    crowd: Crowd, cafe: RunningCafe, unique_index_dropped: Callable[..., None], figures: Callable[..., None]
) -> None:
    """Control for the test above."""
    unique_index_dropped("submission_key")
    keys = 30
    told = by_key(crowd(send_and_tell, cafe.url, keys // PROGRAMS, clients=PROGRAMS * TIMES))
    doubled = [same_key for same_key in told if same_key.count(False) > 1]
    assert doubled
    figures(keys=keys, doubled=len(doubled))


def test_a_key_that_comes_again_with_other_data_is_refused_and_writes_nothing(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    keys = 100 if full_size else 20
    first = crowd(send, cafe.url, keys // PROGRAMS, clients=PROGRAMS)
    assert Counter(map(code, chain(*first))) == {(201, "placed"): keys}
    before = crowd.ask(factories.books)
    again = crowd(send, cafe.url, keys // PROGRAMS, (2,), clients=PROGRAMS)
    assert Counter(map(code, chain(*again))) == {(422, "key_reused"): keys}
    assert crowd.ask(factories.books) == before
    assert crowd.ask(check_books) == []
    figures(keys=keys, refused=keys)


@pytest.mark.only_full
def test_of_two_orders_under_one_key_at_once_one_is_placed(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    keys = 100 if full_size else 20
    answers = by_key(crowd(send, cafe.url, keys // PROGRAMS, (1, 2), clients=PROGRAMS * 2))
    assert Counter(tuple(sorted(map(code, same_key))) for same_key in answers) == {
        ((201, "placed"), (422, "key_reused")): keys
    }
    assert crowd.ask(books.orders) == keys
    assert crowd.ask(check_books) == []
    figures(keys=keys, placed=keys, refused=keys)


# In the browser


def lose_answers(client: Client, url: str, item_ids: tuple[int, int], orders: int) -> list[tuple[str, str, str]]:
    """Check out, lose the answer, add one more item to the cart and check out again with the same key.

    Return for each order the path of the first order's page, the path where the second try ended, and its text.
    """
    results = []
    for _order in range(orders):
        browser = Browser(url)
        browser.add_to_cart(item_ids[0])
        cart = browser.cart_cookie()
        placed = browser.check_out()
        browser.cookies.clear()
        browser.cookies.set_cookie(cart)
        browser.add_to_cart(item_ids[1])
        page = browser.check_out()
        results.append((placed.path, page.path, page.text))
        kept = browser.open("cart/")
        assert kept.text.count('class="cart-line"') == 1, "what was ordered is not in the cart any more"
    return results


@pytest.mark.only_full
def test_another_cart_under_the_same_key_shows_the_first_order_and_says_so(
    crowd: Crowd, cafe: RunningCafe, full_size: bool, figures: Callable[..., None]
) -> None:
    orders = 100 if full_size else 10
    item_ids = (crowd.ask(books.count, "espresso", 200), crowd.ask(books.count, "egg-tart", 200))
    results = list(chain(*crowd(lose_answers, cafe.url, item_ids, orders // PROGRAMS, clients=PROGRAMS)))
    assert all(page == first and first.startswith("/en/order/") for first, page, _text in results)
    assert all(AGAIN in text for _first, _page, text in results)
    assert len({first for first, _page, _text in results}) == orders
    assert crowd.ask(books.orders) == orders
    assert [crowd.ask(books.left, item_id) for item_id in item_ids] == [200 - orders, 200]
    assert crowd.ask(check_books) == []
    figures(orders=orders, shown_again=orders)
