"""Payment moves follow one table: from which payment, in which order status, by which role, and until when."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from orders import permissions, services
from orders.errors import Invalid, NotAllowedNow
from orders.models import Order, OrderEvent, PaymentStatus, Status
from tests.harness.factories import americano, barista, croissant, manager, nothing_written, order, wanted
from tests.orders.customer import a_device, add, place

pytestmark = pytest.mark.django_db

LIVE = {"pending", "preparing", "ready", "completed"}
ENDED = {"cancelled", "no_show"}
# Every payment move, and the order statuses that allow it.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("unpaid", "paid"): LIVE,
    ("paid", "unpaid"): LIVE | ENDED,
    ("paid", "refunded"): LIVE | ENDED,
    ("refunded", "paid"): LIVE | ENDED,
    ("unpaid", "written_off"): {"completed"},
    ("written_off", "paid"): {"completed"},
    ("written_off", "unpaid"): {"completed"},
}
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [NOON]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def boss() -> User:
    return User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("owner")


def set_up(status: str, payment: str) -> Order:
    placed = order()
    Order.objects.filter(pk=placed.pk).update(status=status, payment_status=payment)
    placed.refresh_from_db()
    return placed


@pytest.mark.few_cases(32)
@pytest.mark.parametrize(("before", "after"), list(product(PaymentStatus.values, PaymentStatus.values)))
@pytest.mark.parametrize("status", Status.values)
def test_the_table_alone_says_which_move_there_is(status: str, before: str, after: str) -> None:
    placed = set_up(status, before)
    if status not in ALLOWED.get((before, after), set()):
        with nothing_written(), pytest.raises(NotAllowedNow):
            services.move_payment(order=placed, to=PaymentStatus(after), actor=boss())
        return
    services.move_payment(order=placed, to=PaymentStatus(after), actor=boss(), reason="why")
    stored = Order.objects.get()
    assert (stored.status, stored.payment_status, placed.payment_status) == (status, after, after)
    event = OrderEvent.objects.latest("pk")
    assert (event.from_status, event.to_status, event.actor, event.reason) == (before, after, boss(), "why")


# Roles and time limits

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SOON, LATER, TOMORROW_NIGHT, AFTER = 9 * MINUTE, 11 * MINUTE, DAY + timedelta(hours=11), DAY + timedelta(hours=13)


def noted(placed: Order, *moves: Callable[..., Order]) -> Order:
    for move in moves:
        move(order=placed, actor=barista())
    placed.refresh_from_db()
    return placed


def completed() -> Order:
    return noted(order(), *[services.advance_order] * 3)


def no_show(placed: Order) -> Order:
    return noted(placed, services.advance_order, services.advance_order, services.mark_no_show)


def written_off() -> Order:
    placed = completed()
    return services.move_payment(order=placed, to=PaymentStatus.WRITTEN_OFF, actor=barista(), reason="gone")


def paid() -> Order:
    return noted(order(), services.mark_paid)


def refunded() -> Order:
    return services.refund_order(order=paid(), actor=manager(), reason="cold")


def cancelled_by_customer() -> Order:
    placed = paid()
    services.cancel_order(order=placed)
    return placed


def cancelled_then_restored_and_cancelled_by_staff() -> Order:
    placed = cancelled_by_customer()
    services.restore_order(order=placed, actor=barista())
    services.cancel_order(order=placed, actor=barista())
    return placed


YES, NO, WITH_REASON = (True, False), (False, False), (True, True)
# Setup of the order, its payment move, the delay; for barista, manager, superuser: (is allowed, needs a reason).
RULES: list[tuple[Callable[[], Order], str, timedelta, tuple[Any, Any, Any]]] = [
    (order, "paid", timedelta(0), (YES, YES, YES)),
    (order, "paid", 40 * DAY, (YES, YES, YES)),
    (paid, "unpaid", SOON, (YES, YES, YES)),
    (paid, "unpaid", LATER, (NO, YES, YES)),
    (paid, "unpaid", TOMORROW_NIGHT, (NO, YES, YES)),
    (paid, "unpaid", AFTER, (NO, NO, WITH_REASON)),
    (cancelled_by_customer, "unpaid", SOON, (YES, YES, YES)),
    (paid, "refunded", 40 * DAY, ((False, True), WITH_REASON, WITH_REASON)),
    (cancelled_by_customer, "refunded", 40 * DAY, (YES, YES, YES)),
    (cancelled_then_restored_and_cancelled_by_staff, "refunded", SOON, (NO, YES, YES)),
    (lambda: noted(paid(), services.cancel_order), "refunded", SOON, (NO, YES, YES)),
    (lambda: no_show(paid()), "refunded", SOON, (NO, YES, YES)),
    (refunded, "paid", SOON, (NO, YES, YES)),
    (refunded, "paid", TOMORROW_NIGHT, (NO, YES, YES)),
    (refunded, "paid", AFTER, (NO, NO, NO)),
    (completed, "written_off", 40 * DAY, (WITH_REASON, WITH_REASON, WITH_REASON)),
    (written_off, "paid", 40 * DAY, (YES, YES, YES)),
    (written_off, "unpaid", 40 * DAY, (YES, YES, YES)),
]


@pytest.mark.parametrize(("begin", "after", "waited", "expected"), RULES)
def test_each_move_has_its_people_and_its_time(
    clock: list[datetime], begin: Callable[[], Order], after: str, waited: timedelta, expected: tuple[Any, ...]
) -> None:
    placed = begin()
    clock[0] += waited
    events = list(placed.events.all())
    granted = [
        permissions.permission(person, placed, PaymentStatus(after), events)
        for person in (barista(), manager(), boss())
    ]
    assert tuple((one.is_granted, one.asks_reason) for one in granted) == expected


def test_the_ten_minutes_begin_with_the_latest_payment(clock: list[datetime]) -> None:
    placed = paid()
    clock[0] += 30 * MINUTE
    services.move_payment(order=placed, to=PaymentStatus.UNPAID, actor=manager())
    services.mark_paid(order=placed, actor=barista())
    clock[0] += SOON
    assert permissions.permission(barista(), placed, PaymentStatus.UNPAID, list(placed.events.all())).is_granted


def test_an_account_that_does_not_work_the_bar_moves_no_payment() -> None:
    visitor, placed = User.objects.create_user("visitor", is_staff=True), order()
    assert not permissions.permission(visitor, placed, PaymentStatus.PAID, []).is_granted
    with nothing_written(), pytest.raises(PermissionDenied):
        services.mark_paid(order=placed, actor=visitor)


def test_the_service_itself_refuses_who_may_not_refund() -> None:
    placed = paid()
    for cancel in (False, True):
        with nothing_written(), pytest.raises(PermissionDenied):
            services.refund_order(order=placed, actor=barista(), reason="cold", cancel=cancel)
        with nothing_written(), pytest.raises(Invalid):
            services.refund_order(order=placed, actor=manager(), cancel=cancel)
    # An order that was read before it was paid is no way around the rule.
    placed.payment_status = PaymentStatus.UNPAID
    with nothing_written(), pytest.raises(PermissionDenied):
        services.refund_order(order=placed, actor=barista(), reason="cold", cancel=True)


# The payment sentence on the order page, and refunds that are due


@pytest.mark.parametrize(
    ("status", "payment", "sentence"),
    [
        ("pending", "unpaid", "¥18 to pay at the counter, now or when you pick it up."),
        ("completed", "unpaid", "¥18 is not paid yet: please pay at the counter."),
        ("completed", "written_off", "¥18 is not paid yet: please pay at the counter."),
        ("cancelled", "unpaid", "Nothing to pay."),
        ("no_show", "unpaid", "Nothing to pay."),
        ("ready", "paid", "Paid. Thank you."),
        ("completed", "paid", "Paid. Thank you."),
        ("cancelled", "paid", "You get ¥18 back: ask at the counter, with your number 207."),
        ("no_show", "paid", "You get ¥18 back: ask at the counter, with your number 207."),
        ("cancelled", "refunded", "¥18 was given back to you."),
        ("preparing", "refunded", "¥18 was given back to you."),
    ],
)
def test_the_order_page_says_what_becomes_of_the_money(client: Any, status: str, payment: str, sentence: str) -> None:
    placed = set_up(status, payment)
    Order.objects.update(number=207)
    page = client.get(f"/en/order/{placed.token}/").content.decode()
    [read] = re.findall(r'<p class="order-state__pay[^"]*">(.*?)</p>', page)
    assert read == sentence


@pytest.mark.parametrize(
    ("end", "label"), [(services.cancel_order, "Cancelled"), (services.mark_no_show, "Not picked up")]
)
def test_an_order_that_ends_twice_says_its_second_end(client: Any, end: Any, label: str) -> None:
    placed = order()
    if end is services.mark_no_show:
        for _step in range(2):
            services.advance_order(order=placed, actor=barista())
    for _time in range(2):
        end(order=placed, actor=barista())
        page = client.get(f"/en/order/{placed.token}/").content.decode()
        assert re.findall(r'aria-current="step"><span class="steps__label">(.*?)</span> <time', page) == [label]
        services.restore_order(order=placed, actor=barista())
        page = client.get(f"/en/order/{placed.token}/").content.decode()
        assert label not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Cancel order 207? You get ¥18 back"), ("zh-hans", "要取消 207 号订单吗？ 将退还您 ¥18")],
)
def test_the_question_before_a_cancel_says_what_becomes_of_the_money(language: str, words: str) -> None:
    device = a_device()
    add(device, americano())
    placed = place(device)
    Order.objects.update(number=207)
    address = f"/{language}/order/{placed.token}/"
    assert "¥18 back" not in device.get(address).content.decode()
    services.mark_paid(order=placed, actor=barista())
    [question] = re.findall(r'sure__question">(.*?)</p>', device.get(address).content.decode())
    assert question.startswith(words)


def test_what_costs_nothing_is_neither_open_nor_owed_back(client: Any) -> None:
    placed = order(wanted(americano(price="0.00")))
    page = client.get(f"/en/order/{placed.token}/").content.decode()
    assert '<p class="order-state__pay">Nothing to pay.</p>' in page
    Order.objects.update(status="cancelled", payment_status="paid")
    assert not Order.objects.get().is_owed_back


def test_a_page_goes_on_asking_while_money_is_to_be_given_back(client: Any, clock: list[datetime]) -> None:
    placed = order(wanted(croissant()))
    services.mark_paid(order=placed, actor=barista())
    services.cancel_order(order=placed)
    poll = {"seen": "cancelled.paid"}
    address = f"/en/order/{placed.token}/"
    clock[0] += 59 * MINUTE
    assert client.get(address, poll, headers={"hx-request": "true"}).status_code == 204
    services.move_payment(order=placed, to=PaymentStatus.REFUNDED, actor=barista())
    told = client.get(address, poll, headers={"hx-request": "true"})
    assert told.status_code == 286
    assert "¥16 was given back to you." in told.content.decode()
