"""A script that asks for JSON gets the next address as JSON; every other request is redirected."""

import pytest
from django.test import Client

from orders.models import Order
from orders.services import set_stock
from tests.harness.factories import americano, croissant, nothing_written
from tests.orders.checkout.pages import add, check_out, form_of, lines

pytestmark = pytest.mark.django_db


AS_SCRIPT = {"accept": "application/json, text/html;q=0.9"}


def test_a_script_is_told_where_its_order_is_with_the_same_cookies(client: Client) -> None:
    add(client, americano())
    response = client.post("/en/checkout/", form_of(check_out(client)), headers=AS_SCRIPT)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == {"location": f"/en/order/{Order.objects.get().token}/"}
    assert "no-store" in response["Cache-Control"]
    assert lines(client) == []
    assert client.get("/en/orders/mine/").context["orders"]


def test_a_script_that_asks_again_is_told_the_same_order(client: Client) -> None:
    add(client, americano())
    form = form_of(check_out(client))
    before = client.cookies["cart"].value
    first = client.post("/en/checkout/", form, headers=AS_SCRIPT).json()["location"]
    again = client.post("/en/checkout/", form, headers=AS_SCRIPT)
    assert again.json() == {"location": f"{first}?notice=before"}
    client.cookies["cart"] = before  # the answer, with its cookies, never came
    assert client.post("/en/checkout/", form, headers=AS_SCRIPT).json() == {"location": first}
    changed = client.post("/en/checkout/", form | {"note": "oat"}, headers=AS_SCRIPT)
    assert changed.json()["location"].startswith(first)
    assert Order.objects.count() == 1


def test_a_script_without_a_cart_is_told_to_go_to_the_cart(client: Client) -> None:
    form = {"submission_key": "x" * 22}
    assert client.post("/en/checkout/", form, headers=AS_SCRIPT).json() == {"location": "/en/cart/"}


def test_a_script_is_refused_with_the_page(client: Client) -> None:
    roll = croissant(stock=1)
    add(client, roll)
    form = form_of(check_out(client))
    set_stock(item=roll, available=0, reason="dropped")
    with nothing_written():
        response = client.post("/en/checkout/", form, headers=AS_SCRIPT)
    assert response.status_code == 409
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html, application/json",
        "*/*",
        "image/png",
    ],
)
def test_who_does_not_prefer_json_is_redirected(client: Client, accept: str) -> None:
    add(client, americano())
    response = client.post("/en/checkout/", form_of(check_out(client)), headers={"accept": accept})
    assert (response.status_code, response["Location"]) == (302, f"/en/order/{Order.objects.get().token}/")
