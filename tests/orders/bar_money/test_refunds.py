"""Refunds ask what becomes of the order; ended orders come back; a reason is required."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders import services
from orders.audit import check_books
from orders.models import Order, PaymentStatus, Stock
from tests.harness.factories import barista, nothing_written, order
from tests.orders.bar.touches import BAR, act, state
from tests.orders.bar_money.tickets import ready
from tests.orders.customer import text_of
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


# Refunds, and orders that come back


@pytest.mark.parametrize(
    ("steps", "then", "restock", "status", "left"),
    [
        (0, {}, {}, "cancelled", 9),
        (0, {"then": "cancel"}, {}, "cancelled", 9),
        (0, {"then": "keep"}, {}, "pending", 7),
        (1, {}, {}, "cancelled", 7),
        (1, {}, {"restock": "on"}, "cancelled", 9),
        (2, {"then": "keep"}, {"restock": "on"}, "ready", 7),
        (3, {}, {}, "completed", 7),
    ],
)
def test_a_refund_asks_what_becomes_of_the_order(
    manager_client: Client,
    placed: Order,
    steps: int,
    then: dict[str, str],
    restock: dict[str, str],
    status: str,
    left: int,
) -> None:
    for _step in range(steps):
        services.advance_order(order=placed, actor=barista())
    asks = "And the order?" in text_of(manager_client.get(f"{BAR}{placed.token}/"))
    assert asks == (steps < 3)
    act(manager_client, placed, "refund", reason="cold", **then, **restock)
    assert state(placed) == (status, "refunded")
    assert Stock.objects.get().available == left
    assert check_books() == []


def test_a_guest_who_comes_after_all_gets_the_order(barista_client: Client, placed: Order) -> None:
    services.mark_no_show(order=ready(placed), actor=barista())
    assert "Bring it back" in text_of(barista_client.get(f"{BAR}{placed.token}/"))
    act(barista_client, placed, "restore")
    assert state(placed) == ("ready", "paid")


def test_an_order_that_comes_back_says_what_is_missing(barista_client: Client, placed: Order) -> None:
    services.cancel_order(order=placed, actor=barista())
    roll = Stock.objects.get().item
    services.set_stock(item=roll, available=1, reason="sold at the counter")
    with nothing_written():
        page = act(barista_client, placed, "restore")
    assert page.status_code == 409
    assert "Only 1 of Butter Croissant left." in text_of(page)


def test_what_was_placed_before_midnight_and_ended_after_it_may_come_back(
    barista_client: Client, placed: Order
) -> None:
    Order.objects.update(business_day=timezone.localdate() - timedelta(days=1))
    services.cancel_order(order=placed)
    act(barista_client, placed, "restore")
    assert state(placed) == ("pending", "paid")
    assert check_books() == []


@pytest.mark.parametrize("why", ["another day", "refunded"])
def test_an_order_that_cannot_come_back_says_why(barista_client: Client, placed: Order, why: str) -> None:
    services.cancel_order(order=placed)
    if why == "refunded":
        services.refund_order(order=placed, actor=barista())
    else:
        Order.objects.update(moved_at=timezone.now() - timedelta(days=1))
    with nothing_written():
        page = act(barista_client, placed, "restore")
    assert page.status_code == 409
    said = "Its money was given back already" if why == "refunded" else "It ended on an earlier day"
    assert said in text_of(page)
    assert "Bring it back" not in text_of(barista_client.get(f"{BAR}{placed.token}/"))


def opened(page: HttpResponse) -> list[tuple[str, str]]:
    """Return (action, error message) of each ticket form that is rendered open."""
    forms = re.findall(r"<details[^>]* open>(.*?)</details>", page.content.decode(), re.DOTALL)
    wrong = re.compile(r'/([a-z-]+)/" method.*<p class="field__error"[^>]*>(.*?)</p>', re.DOTALL)
    found = [wrong.search(form) for form in forms]
    return [(form[1], form[2]) for form in found if form]


# A missing reason


@pytest.mark.parametrize(("action", "steps"), [("cancel", 1), ("refund", 1), ("refund", 3), ("write-off", 3)])
def test_a_form_without_its_reason_is_open_again(manager_client: Client, action: str, steps: int) -> None:
    placed = order()
    if action != "write-off":
        services.mark_paid(order=placed, actor=barista())
    for _step in range(steps):
        services.advance_order(order=placed, actor=barista())
    also = {"then": "keep"} if action == "refund" else {}
    page = act(manager_client, placed, action, restock="on", **also)
    assert (page.status_code, opened(page)) == (409, [(action, "Give a reason.")])
    assert text_of(page).count("Give a reason.") == 1
    kept = re.findall(r'value="(keep)" checked|name="(restock)" checked', page.content.decode())
    assert len(kept) == {"cancel": 1, "refund": 2 if steps < 3 else 0, "write-off": 0}[action]


def test_the_words_of_a_reason_that_is_refused_are_kept(barista_client: Client, placed: Order) -> None:
    page = act(barista_client, placed, "cancel", reason_words="too long " * 30)
    assert [action for action, _problem in opened(page)] == ["cancel"]
    assert f'value="{"too long " * 30}"' in page.content.decode()


def test_a_refusal_that_is_not_about_the_form_stands_above(barista_client: Client, placed: Order) -> None:
    page = act(barista_client, placed, "cancel", seen="ready", reason="x")
    assert (page.status_code, "notice--problem" in page.content.decode()) == (409, True)


def test_a_cancel_says_before_what_is_to_be_given_back(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    ticket = f"{BAR}{placed.token}/"
    assert "¥32 will have to be given back. A manager gives it back." in text_of(barista_client.get(ticket))
    assert "¥32 will have to be given back. “Give the money back” does both" in text_of(manager_client.get(ticket))
    services.move_payment(order=placed, to=PaymentStatus.UNPAID, actor=barista())
    assert "will have to be given back" not in text_of(barista_client.get(ticket))
