"""No order is handed over unpaid unnoticed."""

import pytest
from django.test import Client

from orders import services
from orders.audit import check_books
from orders.models import Order, OrderEvent
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.bar.touches import BAR, act, state
from tests.orders.bar_money.tickets import DAY, ready, touch
from tests.orders.customer import text_of
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def test_one_touch_takes_the_money_and_hands_over(barista_client: Client, unpaid: Order) -> None:
    board = text_of(barista_client.get(BAR))
    assert "Take ¥32 and hand over" in board
    assert "Gone without paying" in board
    assert "Picked up" not in board
    touch(barista_client, unpaid, "hand-over")
    assert state(unpaid) == ("completed", "paid")
    assert check_books() == []


@pytest.mark.parametrize("action", ["paid", "hand-over", "advance"])
def test_a_touch_on_an_old_ticket_says_that_no_money_was_noted(
    barista_client: Client, unpaid: Order, action: str
) -> None:
    Order.objects.update(status="cancelled")
    with nothing_written():
        page = text_of(act(barista_client, unpaid, action))
    assert f"Order {unpaid.number} has moved on meanwhile." in page
    assert ("This touch noted no money." in page) == (action != "advance")


def test_a_ticket_says_who_cancelled_the_order(barista_client: Client) -> None:
    by_customer, by_staff = order(), order()
    services.cancel_order(order=by_customer)
    services.cancel_order(order=by_staff, actor=barista())
    said = [
        text_of(barista_client.get(f"{BAR}{placed.token}/")).partition("→")[2] for placed in (by_customer, by_staff)
    ]
    assert ["Cancelled · the customer" in words for words in said] == [True, False]


def test_an_unpaid_order_is_not_handed_over_in_silence(barista_client: Client, unpaid: Order) -> None:
    with nothing_written():
        page = act(barista_client, unpaid, "advance")
    assert page.status_code == 409
    assert "is not paid yet: take ¥32, or say why not." in text_of(page)


def test_what_costs_nothing_is_just_picked_up(barista_client: Client) -> None:
    free = ready(order(wanted(croissant(price="0.00"))))
    assert "Picked up" in text_of(barista_client.get(BAR))
    act(barista_client, free, "advance")
    assert state(free) == ("completed", "unpaid")


def test_gone_without_paying_keeps_the_reason_and_is_in_the_days_list(barista_client: Client, unpaid: Order) -> None:
    with nothing_written():
        assert act(barista_client, unpaid, "gone").status_code == 409
    touch(barista_client, unpaid, "gone", reason="Left without paying")
    assert state(unpaid) == ("completed", "written_off")
    assert OrderEvent.objects.latest("pk").reason == "Left without paying"
    listed = text_of(barista_client.get(DAY)).partition("Handed over and not paid 1")[2]
    assert str(unpaid.number) in listed
    assert "Left without paying" in listed
    assert check_books() == []


@pytest.mark.parametrize(("action", "payment"), [("paid", "paid"), ("unpaid", "unpaid")])
def test_what_was_written_off_is_paid_or_open_again(
    barista_client: Client, unpaid: Order, action: str, payment: str
) -> None:
    touch(barista_client, unpaid, "gone", reason="x")
    unpaid.refresh_from_db()
    words = text_of(barista_client.get(f"{BAR}{unpaid.token}/"))
    assert "Came back and paid ¥32" in words
    assert "Written off by mistake" in words
    act(barista_client, unpaid, action)
    assert state(unpaid) == ("completed", payment)
    assert check_books() == []


def test_an_order_handed_over_by_an_old_page_is_listed_and_may_be_written_off(
    barista_client: Client, unpaid: Order
) -> None:
    services.advance_order(order=unpaid, actor=barista())
    assert str(unpaid.number) in text_of(barista_client.get(DAY)).partition("Handed over and not paid 1")[2]
    act(barista_client, unpaid, "write-off", reason_words="regular")
    assert state(unpaid) == ("completed", "written_off")
