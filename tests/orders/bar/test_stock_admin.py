"""The stock admin: counts, and who may change them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orders import services
from orders.models import Order, Stock, StockMove
from tests.harness.factories import americano, barista, client_of, croissant, manager, nothing_written, order, wanted
from tests.orders.bar.touches import BAR, STOCK, act

pytestmark = pytest.mark.django_db


def test_a_barista_sets_a_count_which_leaves_a_move(barista_client: Client) -> None:
    roll = croissant()
    assert barista_client.get(f"{STOCK}add/").status_code == 200
    response = barista_client.post(
        f"{STOCK}add/", {"how": "set", "item": roll.pk, "available": "12", "reason": "baked"}
    )
    assert response["Location"] == STOCK
    stock, move = Stock.objects.get(), StockMove.objects.get()
    assert (stock.item_id, stock.available) == (roll.pk, 12)
    assert (move.delta, move.reason, move.actor) == (12, "baked", barista())
    assert barista_client.get(STOCK).status_code == 200
    page = barista_client.get(f"{STOCK}{stock.pk}/change/")
    assert 'value="12"' in page.content.decode()
    barista_client.post(
        f"{STOCK}{stock.pk}/change/", {"how": "set", "item": roll.pk, "available": "", "reason": "enough"}
    )
    assert not Stock.objects.exists()
    assert StockMove.objects.latest("pk").delta == -12


@pytest.mark.parametrize(
    "wrong", [{"available": "-1"}, {"available": "1.5"}, {"available": "1000001"}, {"reason": ""}]
)
def test_a_wrong_count_is_refused(barista_client: Client, wrong: dict[str, str]) -> None:
    roll = croissant(stock=5)
    with nothing_written():
        response = barista_client.post(
            f"{STOCK}add/", {"how": "set", "item": roll.pk, "available": "1", "reason": "x"} | wrong
        )
    assert response.status_code == 200


def test_an_item_that_never_was_is_not_counted(barista_client: Client) -> None:
    with nothing_written():
        for id_ in ("999999", "", "abc", str(2**70)):
            assert (
                barista_client.post(f"{STOCK}add/", {"item": id_, "available": "1", "reason": "x"}).status_code == 200
            )


def test_one_who_may_not_count_sets_nothing() -> None:
    client = client_of(User.objects.create_user("visitor", is_staff=True))
    roll = croissant(stock=5)
    with nothing_written():
        assert client.get(f"{STOCK}add/").status_code == 403
        form = {"item": roll.pk, "available": "1", "reason": "x"}
        assert client.post(f"{STOCK}add/", form).status_code == 403
        assert client.post(f"{STOCK}{Stock.objects.get().pk}/change/", form).status_code == 403


def test_nobody_without_an_account_sets_a_count() -> None:
    roll = croissant(stock=5)
    with nothing_written():
        for path in (f"{STOCK}add/", f"{STOCK}{Stock.objects.get().pk}/change/"):
            response = client_of(None).post(path, {"item": roll.pk, "available": "1", "reason": "x"})
            assert response.status_code in (302, 403)


def test_counts_and_moves_are_never_deleted_in_the_admin(manager_client: Client) -> None:
    croissant(stock=5)
    stock, move = Stock.objects.get(), StockMove.objects.get()
    client = client_of(User.objects.create_superuser("root"))
    with nothing_written():
        for one in (manager_client, client):
            for path in (f"{STOCK}{stock.pk}/delete/", f"/admin/orders/stockmove/{move.pk}/delete/"):
                assert one.post(path, {"post": "yes"}).status_code == 403
            for path, pk in ((STOCK, stock.pk), ("/admin/orders/stockmove/", move.pk)):
                one.post(path, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})


def test_the_admin_of_every_order_model_opens(manager_client: Client) -> None:
    order(wanted(americano(stock=3)))
    for model in ("order", "stock", "stockmove"):
        assert manager_client.get(f"/admin/orders/{model}/").status_code == 200
    assert (
        manager_client.get(f"/admin/orders/stockmove/{StockMove.objects.latest('pk').pk}/change/").status_code == 200
    )


@pytest.mark.parametrize("token", ["", "nothing", "é", "拿铁", "%00", "<script>"])
def test_an_undo_of_nothing_is_not_offered(barista_client: Client, placed: Order, token: str) -> None:
    page = barista_client.get(f"{BAR}?moved={token}")
    assert page.status_code == 200
    assert b"/undo/" not in page.content


def test_without_a_script_the_board_offers_the_undo_as_well(barista_client: Client, placed: Order) -> None:
    page = barista_client.get(act(barista_client, placed, "advance")["Location"]).content.decode()
    assert f"{BAR}{placed.token}/undo/" in page


@pytest.mark.parametrize("action", ["cancel", "refund"])
def test_a_reason_has_to_be_given(manager_client: Client, placed: Order, action: str) -> None:
    services.mark_paid(order=placed, actor=manager())
    with nothing_written():
        page = act(manager_client, placed, action, reason="  ")
    assert page.status_code == 409
    assert "Give a reason." in page.content.decode()


def test_a_count_that_is_not_there_is_not_found(barista_client: Client) -> None:
    for key in ("999999", "abc"):
        assert barista_client.get(f"{STOCK}{key}/change/").status_code == 404
