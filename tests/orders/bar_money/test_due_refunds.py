"""Refunds that are due stay listed on the barista board."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders import services
from orders.audit import check_books
from orders.models import Order, OrderEvent
from tests.harness.factories import barista, client_of, croissant, nothing_written, order, wanted
from tests.orders.bar.touches import BAR, HTMX, act, state
from tests.orders.bar_money.tickets import DAY, ready, touch, undo_offered
from tests.orders.customer import text_of
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def repayments(page: HttpResponse) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="repayment-(\d+)"', page.content.decode())]


def test_what_a_customer_paid_and_cancelled_stays_on_the_board_until_it_is_given_back(
    barista_client: Client, placed: Order
) -> None:
    seen = re.search(r"\?seen=(\w+)", barista_client.get(BAR).content.decode())
    assert seen
    services.cancel_order(order=placed)
    board = barista_client.get(BAR, {"seen": seen[1]}, headers=HTMX)
    assert (board.status_code, repayments(board)) == (200, [placed.pk])
    words = text_of(board)
    for said in ("To give back", "¥32", "王芳", "Cancelled by the customer", "¥32 given back"):
        assert said in words
    given = touch(barista_client, placed, "refund")
    assert repayments(given) == []
    assert state(placed) == ("cancelled", "refunded")
    event = OrderEvent.objects.latest("pk")
    assert (event.to_status, event.actor) == ("refunded", barista())
    assert check_books() == []


@pytest.mark.parametrize("end", ["cancelled at the bar", "not picked up"])
def test_other_ends_are_given_back_by_a_manager(
    barista_client: Client, manager_client: Client, placed: Order, end: str
) -> None:
    if end == "not picked up":
        services.mark_no_show(order=ready(placed), actor=barista())
    else:
        services.cancel_order(order=placed, actor=barista(), reason="closing")
    assert repayments(barista_client.get(BAR)) == repayments(manager_client.get(BAR)) == [placed.pk]
    assert "A manager gives it back" in text_of(barista_client.get(BAR))
    with nothing_written():
        assert touch(barista_client, placed, "refund").status_code == 403
    assert touch(manager_client, placed, "refund").status_code == 200
    assert state(placed)[1] == "refunded"


def test_what_cost_nothing_and_what_was_not_paid_is_not_to_be_given_back(barista_client: Client) -> None:
    services.cancel_order(order=order())
    free = order(wanted(croissant(price="0.00")))
    services.mark_paid(order=free, actor=barista())
    services.cancel_order(order=free)
    assert repayments(barista_client.get(BAR)) == []


def test_the_days_list_says_who_gave_back_what(barista_client: Client, manager_client: Client, placed: Order) -> None:
    services.cancel_order(order=placed)
    assert repayments(barista_client.get(DAY)) == [placed.pk]
    act(barista_client, placed, "refund", reason="paid in cash")
    page = barista_client.get(DAY)
    assert repayments(page) == []
    row = text_of(page).partition("Given back 1")[2]
    for said in (str(placed.number), "¥32", "the-barista", "paid in cash"):
        assert said in row.partition("Handed over and not paid")[0]
    yesterday = timezone.localdate() - timedelta(days=1)
    assert "Given back 0" in text_of(barista_client.get(DAY, {"day": yesterday.isoformat()}))


def test_a_refund_that_was_corrected_and_noted_again_is_listed_once(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    services.cancel_order(order=placed)
    act(barista_client, placed, "refund", reason="by mistake")
    act(manager_client, placed, "not-refunded")
    act(barista_client, placed, "refund", reason="in cash")
    page = text_of(barista_client.get(DAY))
    assert "Given back 1" in page
    assert ("by mistake" in page, "in cash" in page) == (False, True)


def test_what_came_back_and_paid_is_not_undone_into_unpaid(barista_client: Client) -> None:
    placed = ready(order())
    act(barista_client, placed, "gone", reason="left")
    placed.refresh_from_db()
    assert undo_offered(touch(barista_client, placed, "paid")) == ""
    assert state(placed) == ("completed", "paid")


def test_a_debt_of_yesterday_is_still_in_todays_list(barista_client: Client, placed: Order) -> None:
    services.cancel_order(order=placed)
    long_ago = timezone.now() - timedelta(days=40)
    Order.objects.update(business_day=long_ago.date(), placed_at=long_ago, moved_at=long_ago)
    assert repayments(barista_client.get(DAY)) == repayments(barista_client.get(BAR)) == [placed.pk]


@pytest.mark.parametrize("day", ["", "tomorrow", "2999-01-01", "0001-01-01", "2026-02-30", "\x00"])
def test_a_day_that_is_none_is_refused_in_words(barista_client: Client, day: str) -> None:
    page = barista_client.get(DAY, {"day": day})
    assert page.status_code == 422
    assert b"field__error" in page.content


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_day_that_is_shown_stands_in_the_field_as_browsers_read_it(barista_client: Client, language: str) -> None:
    page = barista_client.get(DAY, headers={"accept-language": language}).content.decode()
    assert f'name="day" value="{timezone.localdate().isoformat()}"' in page


def test_the_days_list_is_for_those_who_work_the_bar(placed: Order) -> None:
    assert client_of(None).get(DAY).status_code == 302
    assert client_of(User.objects.create_user("visitor", is_staff=True)).get(DAY).status_code == 403
