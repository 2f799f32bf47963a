"""Actions of the barista board, and a repeated or outdated touch."""

import re

import pytest
from django.test import Client

from orders import services
from orders.models import Order, OrderEvent, Stock
from tests.harness.factories import barista, manager, nothing_written
from tests.orders.bar.touches import BAR, HTMX, act, columns, state

pytestmark = pytest.mark.django_db


def test_one_touch_moves_an_order_on(barista_client: Client, placed: Order) -> None:
    services.mark_paid(order=placed, actor=barista())
    for status in ("preparing", "ready", "completed"):
        response = act(barista_client, placed, "advance")
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, BAR)
        assert state(placed) == (status, "paid")
    assert OrderEvent.objects.latest("pk").actor == barista()


def test_a_touch_is_answered_with_the_board_and_an_undo(barista_client: Client, placed: Order) -> None:
    response = barista_client.post(f"{BAR}{placed.token}/advance/", {"seen": "pending"}, headers=HTMX)
    assert response.status_code == 200
    assert columns(response) == [[], [placed.number], []]
    assert f"{BAR}{placed.token}/undo/" in response.content.decode()
    assert act(barista_client, Order.objects.get(), "undo").status_code == 302
    assert state(placed) == ("pending", "unpaid")


@pytest.mark.few_cases(3)
@pytest.mark.parametrize("action", ["advance", "undo", "paid", "cancel", "no-show", "refund"])
def test_a_touch_on_an_old_page_moves_nothing(manager_client: Client, placed: Order, action: str) -> None:
    services.advance_order(order=placed, actor=barista())
    for seen in ("", "pending", "ready", "completed", "nonsense", "\x00", "制作"):
        with nothing_written():
            response = act(manager_client, placed, action, seen=seen)
        assert response.status_code == 409
        assert f"Order {placed.number} has moved on meanwhile." in response.content.decode()


def test_the_switch_on_a_refused_touch_leads_to_the_ticket(barista_client: Client, placed: Order) -> None:
    """The refusal's own address accepts POST only, so the language switch leads to the ticket."""
    refusal = act(barista_client, placed, "advance", seen="ready")
    assert refusal.status_code == 409
    assert f'name="next" value="{BAR}{placed.token}/"' in refusal.content.decode()


def test_a_touch_on_an_old_page_is_said_on_the_board(barista_client: Client, placed: Order) -> None:
    services.advance_order(order=placed, actor=barista())
    with nothing_written():
        response = barista_client.post(f"{BAR}{placed.token}/advance/", {"seen": "pending"}, headers=HTMX)
    assert response.status_code == 200
    assert f"Order {placed.number} has moved on meanwhile." in response.content.decode()


def test_an_order_is_marked_paid_once(barista_client: Client, placed: Order) -> None:
    act(barista_client, placed, "paid")
    assert state(placed) == ("pending", "paid")
    with nothing_written():
        assert act(barista_client, placed, "paid").status_code == 409


def test_cancelling_keeps_the_reason_and_gives_back_what_was_not_made(barista_client: Client, placed: Order) -> None:
    act(barista_client, placed, "cancel", reason=" milk is out ")
    assert state(placed) == ("cancelled", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "milk is out"
    assert Stock.objects.get().available == 9


@pytest.mark.parametrize(("fields", "left"), [({}, 7), ({"restock": "on"}, 9)])
def test_cancelling_after_the_start_is_waste_unless_ticked(
    barista_client: Client, placed: Order, fields: dict[str, str], left: int
) -> None:
    services.advance_order(order=placed, actor=barista())
    act(barista_client, placed, "cancel", reason="dropped", **fields)
    assert state(placed) == ("cancelled", "unpaid")
    assert Stock.objects.get().available == left


def test_a_reason_that_is_too_long_is_refused_and_an_emoji_kept(barista_client: Client, placed: Order) -> None:
    with nothing_written():
        page = act(barista_client, placed, "cancel", reason="🥛" * 201)
    assert (page.status_code, "A reason has at most 200 characters." in page.content.decode()) == (409, True)
    act(barista_client, placed, "cancel", reason="🥛" * 200)
    assert OrderEvent.objects.latest("pk").reason == "🥛" * 200


def test_nobody_came_for_it(barista_client: Client, placed: Order) -> None:
    with nothing_written():
        assert act(barista_client, placed, "no-show").status_code == 409
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    act(barista_client, placed, "no-show")
    assert state(placed) == ("no_show", "unpaid")


def test_only_a_manager_gives_money_back(barista_client: Client, manager_client: Client, placed: Order) -> None:
    services.mark_paid(order=placed, actor=barista())
    with nothing_written():
        assert act(barista_client, placed, "refund", reason="cold").status_code == 403
    assert "Give the money back" not in barista_client.get(f"{BAR}{placed.token}/").content.decode()
    assert "Give the money back" in manager_client.get(f"{BAR}{placed.token}/").content.decode()
    act(manager_client, placed, "refund", reason="cold", then="keep")
    assert state(placed) == ("pending", "refunded")
    event = OrderEvent.objects.latest("pk")
    assert (event.reason, event.actor) == ("cold", manager())


@pytest.mark.parametrize("action", ["nothing", "delete", "restock"])
def test_an_unknown_action_is_not_found(barista_client: Client, placed: Order, action: str) -> None:
    with nothing_written():
        assert act(barista_client, placed, action).status_code == 404


@pytest.mark.parametrize("token", ["nothing", "a" * 22, "é", "拿铁", "%00"])
def test_an_unknown_ticket_is_not_found(barista_client: Client, placed: Order, token: str) -> None:
    assert barista_client.get(f"{BAR}{token}/").status_code == 404
    with nothing_written():
        assert barista_client.post(f"{BAR}{token}/advance/", {"seen": "pending"}).status_code == 404


def test_a_link_moves_nothing(barista_client: Client, placed: Order) -> None:
    with nothing_written():
        assert barista_client.get(f"{BAR}{placed.token}/advance/").status_code == 405


def test_a_ticket_tells_what_happened(barista_client: Client, placed: Order) -> None:
    services.advance_order(order=placed, actor=barista())
    services.mark_paid(order=placed, actor=barista())
    services.cancel_order(order=placed, actor=barista(), reason="dropped")
    page = barista_client.get(f"{BAR}{placed.token}/").content.decode()
    events = re.findall(r"</time> (.*?)</li>", page)
    assert events == [
        "New",
        "New → In preparation · the-barista",
        "Unpaid → Paid · the-barista",
        "In preparation → Cancelled · the-barista · dropped",
    ]
