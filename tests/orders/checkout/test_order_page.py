"""The order's page: its status, cancelling, reordering and polling."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from menu.models import Item
from orders.models import UNDO_IS_SEEN_S, Order, Stock
from orders.services import advance_order, cancel_order, mark_no_show, mark_paid, undo_order
from tests.harness.factories import barista, croissant, nothing_written
from tests.orders.checkout.pages import add, check_out, form_of, lines, poll, submit, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_of(placed: Order) -> Iterator[str]:
    return f"/en/order/{placed.token}/"


def test_cancelling_while_pending_gives_back_the_stock(client: Client, placed: Order, page_of: str) -> None:
    assert "Cancel this order" in text_of(client.get(page_of))
    assert client.post(f"{page_of}cancel/")["Location"] == page_of
    placed.refresh_from_db()
    assert placed.status == "cancelled"
    assert Stock.objects.get().available == 5
    with nothing_written():
        assert client.post(f"{page_of}cancel/")["Location"] == page_of, "pressed twice, it is cancelled all the same"


def test_another_device_may_watch_but_not_cancel_nor_order_again(
    other_device: Client, placed: Order, page_of: str
) -> None:
    page = text_of(other_device.get(page_of))
    assert str(placed.number) in page
    for words in ("王小明", "no sugar", "Cancel this order", "Order this again"):
        assert words not in page
    for action in ("cancel", "again"):
        with nothing_written():
            response = other_device.post(f"{page_of}{action}/")
        assert response["Location"] == f"{page_of}?notice=other"
        assert lines(other_device) == []
    assert "Only the device that placed this order can do that." in text_of(other_device.get(response["Location"]))


def test_cancelling_after_the_start_is_refused(client: Client, placed: Order, page_of: str) -> None:
    advance_order(order=placed, actor=barista())
    assert "Cancel this order" not in text_of(client.get(page_of))
    with nothing_written():
        response = client.post(f"{page_of}cancel/")
    assert response["Location"] == f"{page_of}?notice=late"
    assert "It is too late to cancel this order" in text_of(client.get(response["Location"]))


@pytest.mark.few_cases(9)
@pytest.mark.parametrize("token", ["nothing", "a" * 22, "a" * 2000, "é", "拿铁", "%00", "%ff", "0", "-"])
@pytest.mark.parametrize("action", ["", "cancel/", "again/"])
def test_an_unknown_token_is_not_found(client: Client, placed: Order, token: str, action: str) -> None:
    with nothing_written():
        response = (client.post if action else client.get)(f"/en/order/{token}/{action}")
    assert response.status_code == 404


@pytest.mark.parametrize("action", ["cancel/", "again/"])
def test_a_link_changes_nothing(client: Client, placed: Order, page_of: str, action: str) -> None:
    with nothing_written():
        assert client.get(f"{page_of}{action}")["Location"] == page_of


def test_ordering_again_fills_the_cart(client: Client, placed: Order, page_of: str) -> None:
    with nothing_written():
        assert client.post(f"{page_of}again/")["Location"] == "/en/checkout/"
    assert lines(client) == [(Item.objects.get().pk, (), 2, Decimal("16.00"))]


def test_an_unchanged_order_is_polled_without_a_page(client: Client, page_of: str) -> None:
    response = poll(client, page_of, "pending.unpaid")
    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response["Cache-Control"]


def test_a_changed_order_is_polled_as_a_fragment(client: Client, placed: Order, page_of: str) -> None:
    advance_order(order=placed, actor=barista())
    response = poll(client, page_of, "pending.unpaid")
    assert response.status_code == 200
    assert response.content.lstrip().startswith(b'<div class="order-state')
    assert "Being made" in text_of(response)
    assert "?seen=preparing.unpaid" in response.content.decode()
    mark_paid(order=placed, actor=barista())
    assert poll(client, page_of, "preparing.unpaid").status_code == 200
    assert poll(client, page_of, "preparing.paid").status_code == 204


def test_a_pick_up_may_be_undone_so_its_page_goes_on_polling_for_a_while(
    client: Client, placed: Order, page_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _step in range(3):
        advance_order(order=placed, actor=barista())
    assert poll(client, page_of, "ready.unpaid").status_code == 200
    assert poll(client, page_of, "completed.unpaid").status_code == 204
    undo_order(order=placed, actor=barista())
    assert "Ready!" in text_of(poll(client, page_of, "completed.unpaid"))
    advance_order(order=placed, actor=barista())
    later = timezone.now() + timedelta(seconds=UNDO_IS_SEEN_S + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    response = poll(client, page_of, "completed.unpaid")
    assert response.status_code == 286
    assert b"hx-get" not in response.content


@pytest.mark.parametrize("end", ["cancelled", "no_show"])
def test_a_closed_order_ends_the_polling_once_its_end_is_not_undone_any_more(
    client: Client, placed: Order, page_of: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if end == "cancelled":
        cancel_order(order=placed)
    else:
        advance_order(order=placed, actor=barista())
        advance_order(order=placed, actor=barista())
        mark_no_show(order=placed, actor=barista())
    assert poll(client, page_of, "pending.unpaid").status_code == 200
    assert poll(client, page_of, f"{end}.unpaid").status_code == 204
    later = timezone.now() + timedelta(seconds=UNDO_IS_SEEN_S + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for seen in ("pending.unpaid", f"{end}.unpaid"):
        response = poll(client, page_of, seen)
        assert response.status_code == 286
        assert b"hx-get" not in response.content
    assert b"hx-get" not in client.get(page_of).content


def test_the_orders_page_takes_three_queries(client: Client, page_of: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        client.get(page_of)


@pytest.mark.parametrize("notice", ["<script>", "nothing", "%00", "拿铁"])
def test_a_notice_that_is_none_of_ours_is_not_shown(client: Client, page_of: str, notice: str) -> None:
    page = client.get(page_of, {"notice": notice})
    assert page.status_code == 200
    assert 'class="notice"' not in page.content.decode()


def test_a_name_is_shown_as_text(client: Client) -> None:
    add(client, croissant())
    response = submit(client, form_of(check_out(client), customer_name="<script>alert(1)</script>"))
    page = client.get(response["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
