"""The idempotency key and the refusals of `/api/orders`."""

from typing import Any

import pytest
from django.test import Client

from menu.models import Item
from orders.models import Order, Stock
from orders.services import set_stock
from tests.harness.factories import americano, croissant, nothing_written
from tests.orders.api.requests import ADDRESSES, assert_refused, course, post

pytestmark = pytest.mark.django_db


# Idempotency key


def test_the_same_key_and_data_is_the_same_order(client: Client) -> None:
    roll = croissant(stock=1)
    body = course("croissant", 1, 16)
    first = post(client, body, idempotency_key="k-1")
    with nothing_written():
        second = post(client, body, idempotency_key="k-1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert Stock.objects.get(item=roll).available == 0


def test_the_same_key_answers_the_same_after_the_menu_has_changed(client: Client) -> None:
    drink = americano()
    first = post(client, course(), idempotency_key="k-1")
    Item.objects.filter(pk=drink.pk).update(price="99", is_listed=False)
    with nothing_written():
        second = post(client, course(), idempotency_key="k-1")
    assert second.status_code == 201
    assert second.json() == first.json()


def test_the_order_of_the_keys_and_the_zeros_of_a_number_are_not_data(client: Client) -> None:
    americano()
    first = post(client, course(), idempotency_key="k-1")
    text = '{"total_price": 18, "quantity": 1, "coffee_type": "美式咖啡", "customer_name": " 缓存测试 "}'
    with nothing_written():
        second = client.post("/api/orders", text, content_type="application/json", headers={"idempotency-key": "k-1"})
    assert second.status_code == 201
    assert second.json() == first.json()


@pytest.mark.parametrize("other", [{"quantity": 2, "total_price": 36}, {"customer_name": "b"}, {"note": "x"}])
def test_the_same_key_with_other_data_is_refused(client: Client, other: dict[str, Any]) -> None:
    americano(stock=5)
    post(client, course(), idempotency_key="k-1")
    with nothing_written():
        response = post(client, course(**other), idempotency_key="k-1")
    assert_refused(response, 422, "key_reused", {})


def test_a_key_is_told_from_its_other_case(client: Client) -> None:
    americano()
    first = post(client, course(), idempotency_key="k-a").json()
    second = post(client, course(), idempotency_key="K-A").json()
    assert first["order_id"] != second["order_id"]


def test_a_refusal_is_not_remembered_under_its_key(client: Client) -> None:
    roll = croissant(stock=0)
    body = course("croissant", 1, 16)
    assert_refused(post(client, body, idempotency_key="k-1"), 409, "sold_out")
    set_stock(item=roll, available=1, reason="baked")
    assert post(client, body, idempotency_key="k-1").status_code == 201


def test_without_a_key_each_post_is_a_new_order(client: Client) -> None:
    americano()
    assert post(client, course()).json()["order_id"] != post(client, course()).json()["order_id"]
    assert Order.objects.count() == 2


# Refusals


def test_sold_out_is_refused(client: Client) -> None:
    croissant(stock=1)
    with nothing_written():
        response = post(client, course("croissant", 2, 32))
    assert_refused(response, 409, "sold_out", {"croissant": 1})


def test_an_item_switched_off_is_sold_out(client: Client) -> None:
    americano(is_available=False)
    with nothing_written():
        response = post(client, course())
    assert_refused(response, 409, "sold_out", {"americano": 0})


def test_an_unlisted_item_is_unknown(client: Client) -> None:
    americano(is_listed=False)
    with nothing_written():
        response = post(client, course())
    assert_refused(response, 422, "unknown_item")
    assert response.json()["error"]["fields"].keys() == {"lines.0"}


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused_by_name(client: Client, path: str, method: str) -> None:
    with nothing_written():
        response = getattr(client, method)(path)
    assert_refused(response, 405, "method_not_allowed", {})
    assert response["Allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/api/menu", "/api/health", "/health", "/api/cache/stats", "/cache/stats"])
def test_addresses_to_read_take_no_post(client: Client, path: str) -> None:
    response = post(client, {}, path)
    assert_refused(response, 405, "method_not_allowed", {})
    assert response["Allow"] == "GET"


UNKNOWN = ["/api", "/api/", "/api/nothing", "/api/orders/", "/api/menu/", "/api/orders/a/b", "/api/en/", "/api/拿铁"]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address_under_api_is_a_json_404(client: Client, path: str, method: str) -> None:
    assert_refused(getattr(client, method)(path), 404, "not_found", {})


@pytest.mark.parametrize("path", ["/api", "/api/orders", "/orders", "/health", "/cache/stats", "/api/nothing"])
def test_programs_are_never_redirected_to_https(client: Client, settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code in (200, 404)
