"""The order admin: actions on one and on several orders."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from orders import services
from orders.models import Order, OrderEvent, Stock, StockMove
from tests.harness.factories import barista, client_of, nothing_written, order
from tests.orders.bar.touches import ORDERS, STOCK, act, state

pytestmark = pytest.mark.django_db


REFUSED_REASONS = ["no\x07milk", "\u202eno milk", "\u200b", "\u034f"]


@pytest.mark.parametrize("reason", REFUSED_REASONS, ids=ascii)
def test_a_reason_is_refused_like_a_name_at_the_checkout(manager_client: Client, placed: Order, reason: str) -> None:
    chosen = {"action": "cancel", "_selected_action": str(placed.pk), "index": "0"}
    with nothing_written():
        page = act(manager_client, placed, "cancel", reason=reason)
        assert page.status_code == 409
        assert re.search("cannot be written down|nothing to be seen", page.content.decode())
        assert "errorlist" in manager_client.post(ORDERS, chosen | {"reason": reason}).content.decode()
        counted = {"item": "1", "how": "set", "available": "3", "shown": "7", "reason": reason}
        assert "errorlist" in manager_client.post(f"{STOCK}add/", counted).content.decode()


def test_an_order_in_admin_says_its_moves_in_the_language_of_its_reader(
    manager_client: Client, placed: Order
) -> None:
    services.cancel_order(order=placed, actor=barista(), reason="没有牛奶")
    move = StockMove.objects.latest("pk")
    pages = (f"{ORDERS}{placed.pk}/change/", "/admin/orders/stockmove/", f"/admin/orders/stockmove/{move.pk}/change/")
    words = (("新单", "已取消", "没有牛奶", "下单", "取消"), ("下单", "取消"), ("取消",))
    for address, said in zip(pages, words, strict=True):
        page = manager_client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        shown = {word.strip() for word in re.findall(r">([^<]+)<", page.partition('id="content-main"')[2])}
        assert not {"pending", "cancelled"} & shown
        assert set(said) <= shown, address


def run(client: Client, action: str, *orders: Order, **fields: str) -> HttpResponse:
    form = {"action": action, "_selected_action": [placed.pk for placed in orders]} | fields
    return client.post(ORDERS, form, follow=True)


# The order admin


def test_orders_are_shown_and_never_edited(barista_client: Client, manager_client: Client, placed: Order) -> None:
    superuser = client_of(User.objects.create_superuser("root"))
    for client in (barista_client, manager_client, superuser):
        page = client.get(f"{ORDERS}{placed.pk}/change/")
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert b'name="status"' not in page.content
        assert "Butter Croissant" in page.content.decode()
        assert client.get(f"{ORDERS}add/").status_code == 403
        with nothing_written():
            assert client.post(f"{ORDERS}{placed.pk}/change/", {"status": "completed"}).status_code == 403
            assert client.post(f"{ORDERS}{placed.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.few_cases(6)
@pytest.mark.parametrize("query", ["", "王芳", "🐼", "123", "é", "%00", "' OR 1=1"])
@pytest.mark.parametrize("model", ["order", "stock", "stockmove"])
def test_the_lists_can_be_searched_for_anything(
    manager_client: Client, placed: Order, model: str, query: str
) -> None:
    assert manager_client.get(f"/admin/orders/{model}/?q={query}").status_code == 200


def test_an_order_is_found_by_its_number_and_its_name(manager_client: Client, placed: Order) -> None:
    for query in (str(placed.number), "王"):
        assert f"{ORDERS}{placed.pk}/change/" in manager_client.get(ORDERS, {"q": query}).content.decode()
    assert f"{ORDERS}{placed.pk}/change/" not in manager_client.get(ORDERS, {"q": "nobody"}).content.decode()


def test_the_list_of_orders_takes_as_many_queries_for_30_as_for_3(manager_client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for count in (3, 27):
        for _number in range(count):
            order()
        with CaptureQueriesContext(connection) as captured:
            manager_client.get(ORDERS)
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_actions_move_orders_through_the_services(barista_client: Client) -> None:
    first, second = order(), order()
    for action, status in (("start", "preparing"), ("ready", "ready")):
        page = run(barista_client, action, first, second)
        assert "2 orders changed." in page.content.decode()
        assert state(first) == state(second) == (status, "unpaid")
    run(barista_client, "paid", first)
    page = run(barista_client, "complete", first, second).content.decode()
    assert f"Order {second.number} is not paid yet: take ¥18, or say why not." in page
    assert (state(first), state(second)) == (("completed", "paid"), ("ready", "unpaid"))
    run(barista_client, "no_show", second)
    run(barista_client, "restore", second)
    assert state(second) == ("ready", "unpaid")


def test_an_action_does_what_it_can_and_says_what_it_cannot(barista_client: Client) -> None:
    first, second = order(), order()
    services.cancel_order(order=second)
    page = run(barista_client, "start", first, second).content.decode()
    assert "1 order changed." in page
    assert f"Order {second.number} has moved on; that is no longer possible." in page
    assert (state(first)[0], state(second)[0]) == ("preparing", "cancelled")


def test_an_action_that_fits_none_writes_nothing(barista_client: Client, placed: Order) -> None:
    for action in ("ready", "complete", "no_show"):
        with nothing_written():
            assert run(barista_client, action, placed).status_code == 200


def test_cancelling_asks_for_a_reason_first(barista_client: Client, placed: Order) -> None:
    with nothing_written():
        page = run(barista_client, "cancel", placed).content.decode()
        assert 'name="reason"' in page
        assert f'name="_selected_action" value="{placed.pk}"' in page
        assert 'name="reason"' in run(barista_client, "cancel", placed, reason="").content.decode()
        assert 'name="reason"' in run(barista_client, "cancel", placed, reason="x" * 201).content.decode()
    run(barista_client, "cancel", placed, reason="closing early")
    assert state(placed) == ("cancelled", "unpaid")
    assert OrderEvent.objects.latest("pk").reason == "closing early"
    assert Stock.objects.get().available == 9


def test_refunding_in_the_admin_is_the_managers(
    barista_client: Client, manager_client: Client, placed: Order
) -> None:
    services.mark_paid(order=placed, actor=barista())
    with nothing_written():
        run(barista_client, "refund", placed, reason="cold")
        assert "And the order?" in run(manager_client, "refund", placed, reason="cold").content.decode()
    run(manager_client, "refund", placed, reason="cold", then="keep")
    assert state(placed) == ("pending", "refunded")
    other = order()
    services.mark_paid(order=other, actor=barista())
    run(manager_client, "refund", other, reason="cold", then="cancel")
    assert state(other) == ("cancelled", "refunded")


@pytest.mark.parametrize("action", ["start", "cancel", "paid", "refund", "delete_selected"])
def test_one_who_may_only_look_moves_nothing(placed: Order, action: str) -> None:
    from django.contrib.auth.models import Permission

    visitor = User.objects.create_user("visitor", is_staff=True)
    visitor.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = client_of(visitor)
    assert client.get(ORDERS).status_code == 200
    with nothing_written():
        run(client, action, placed, reason="x", post="yes")
