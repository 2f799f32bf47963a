"""An undo on the barista board restores payment, status and stock."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders import services
from orders.audit import check_books
from orders.models import Order, OrderEvent, Stock
from tests.harness.factories import barista, client_of, croissant, item, nothing_written, order, wanted
from tests.orders.bar.touches import BAR, act, state
from tests.orders.bar_money.tickets import touch, undo_offered
from tests.orders.customer import text_of
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def toast_words(page: HttpResponse) -> str:
    """Return the toast's text; assert that screen readers get the same words (`data-say`)."""
    toast = page.content.decode().partition('id="toast"')[2]
    shown, said = re.search(r"<p>(.*?)</p>", toast, re.DOTALL), re.search(r'data-say="([^"]*)"', toast)
    assert shown
    assert said
    words = re.sub(r"<br>", " · ", shown[1])
    assert re.sub(r"<[^>]*>", "", words) == said[1]
    return said[1]


def test_an_undo_undoes_what_was_done(barista_client: Client, manager_client: Client) -> None:
    """Each answer offers an undo, which restores the order's status, payment and stock."""
    roll = croissant(stock=99)

    def fresh(*, is_paid: bool, steps: int) -> Order:
        placed = order(wanted(roll, quantity=2))
        if is_paid:
            services.mark_paid(order=placed, actor=barista())
        for _step in range(steps):
            services.advance_order(order=placed, actor=barista())
        return placed

    touches = [
        (barista_client, "advance", True, 0, "undo", {}),
        (barista_client, "advance", True, 2, "undo", {}),
        (barista_client, "paid", False, 0, "unpaid", {}),
        (barista_client, "paid", False, 1, "unpaid", {}),
        (barista_client, "hand-over", False, 2, "undo-hand-over", {}),
        (barista_client, "gone", False, 2, "undo", {"reason": "left"}),
        (barista_client, "cancel", False, 0, "restore", {"reason": "wrong ticket"}),
        (barista_client, "cancel", True, 0, "restore", {"reason": "wrong ticket"}),
        (barista_client, "no-show", True, 2, "restore", {}),
        (manager_client, "refund", True, 0, "undo-refund", {"reason": "cold"}),
        (manager_client, "refund", True, 1, "not-refunded", {"reason": "cold", "then": "keep"}),
        (manager_client, "refund", True, 3, "not-refunded", {"reason": "cold"}),
    ]
    for client, action, is_paid, steps, undo, fields in touches:
        placed = fresh(is_paid=is_paid, steps=steps)
        before = state(placed), Stock.objects.get().available
        answer = touch(client, placed, action, **fields)
        assert undo_offered(answer) == undo, action
        placed.refresh_from_db()
        assert state(placed) != before[0]
        undone = touch(client, placed, undo)
        assert (state(placed), Stock.objects.get().available) == before, action
        assert undo_offered(undone) == ""
    assert check_books() == []


def test_a_toast_says_where_the_money_is_and_how_much(barista_client: Client, manager_client: Client) -> None:
    roll = croissant()
    steps = [
        (barista_client, "paid", {}, "New · ¥32 paid"),
        (barista_client, "unpaid", {}, "New · ¥32 unpaid"),
        (barista_client, "advance", {}, "In preparation · ¥32 unpaid"),
        (barista_client, "advance", {}, "Ready · ¥32 unpaid"),
        (barista_client, "gone", {"reason": "On the house"}, "Picked up · ¥32 · On the house"),
        (barista_client, "paid", {}, "Picked up · ¥32 paid"),
        (manager_client, "refund", {"reason": "cold"}, "Picked up · ¥32 given back"),
    ]
    placed = order(wanted(roll, quantity=2))
    for client, action, fields, said in steps:
        answer = touch(client, placed, action, **fields)
        assert toast_words(answer) == f"{placed.number} · {said}", action
        placed.refresh_from_db()
    kept, free = order(wanted(roll)), order(wanted(item("water", price="0.00")))
    assert toast_words(touch(barista_client, free, "advance")) == f"{free.number} · In preparation"
    assert toast_words(touch(barista_client, kept, "cancel", reason="x")) == f"{kept.number} · Cancelled"


def test_what_a_barista_noted_as_given_back_is_a_managers_to_take_back(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    words = "Noted by mistake? A manager takes it back."
    services.cancel_order(order=placed)
    noted = touch(barista_client, placed, "refund")
    assert (undo_offered(noted), toast_words(noted).endswith(words)) == ("", True)
    ticket = f"{BAR}{placed.token}/"
    assert words in text_of(barista_client.get(ticket))
    assert words not in text_of(manager_client.get(ticket))
    Order.objects.update(payment_status="paid")
    placed.refresh_from_db()
    noted = touch(manager_client, placed, "refund")
    assert (undo_offered(noted), words in toast_words(noted)) == ("not-refunded", False)
    OrderEvent.objects.filter(to_status="refunded").update(at=timezone.now() - timedelta(days=3))
    assert words not in text_of(barista_client.get(ticket))  # the time limit for a manager is over


def test_paid_on_the_wrong_ticket_moves_no_status_when_undone(barista_client: Client) -> None:
    placed = order()
    services.advance_order(order=placed, actor=barista())
    touch(barista_client, placed, "paid")
    touch(barista_client, placed, "unpaid")
    assert state(placed) == ("preparing", "unpaid")
    touch(barista_client, placed, "paid")
    assert state(placed) == ("preparing", "paid")


def test_a_refund_noted_by_mistake_is_the_managers_to_take_back(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    act(manager_client, placed, "refund", reason="cold", then="keep")
    placed.refresh_from_db()
    with nothing_written():
        assert act(barista_client, placed, "not-refunded").status_code == 403
    assert "Refund noted by mistake" in text_of(manager_client.get(f"{BAR}{placed.token}/"))
    act(manager_client, placed, "not-refunded")
    assert state(placed) == ("pending", "paid")


def test_a_payment_noted_long_ago_is_not_a_baristas_to_take_back(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    OrderEvent.objects.filter(to_status="paid").update(at=timezone.now() - timedelta(minutes=11))
    with nothing_written():
        page = act(barista_client, placed, "unpaid")
    assert page.status_code == 409
    assert "ask a manager" in text_of(page)
    assert "Payment noted by mistake" not in text_of(barista_client.get(f"{BAR}{placed.token}/"))
    act(manager_client, placed, "unpaid")
    assert state(placed) == ("pending", "unpaid")


def test_much_later_a_superuser_says_why(manager_client: Client, placed: Order) -> None:
    OrderEvent.objects.filter(to_status="paid").update(at=timezone.now() - timedelta(days=3))
    owner = client_of(User.objects.create_superuser("owner"))
    with nothing_written():
        assert act(manager_client, placed, "unpaid").status_code == 409
        assert "Give a reason." in text_of(act(owner, placed, "unpaid"))
    act(owner, placed, "unpaid", reason_words="found by the accountant")
    assert state(placed) == ("pending", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "found by the accountant"
