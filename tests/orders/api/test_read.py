"""GET `/api/orders` and one order against the API contract."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from orders.services import cancel_order
from tests.harness.factories import americano, croissant, latte, option, order, wanted
from tests.orders.api.requests import ADDRESSES, assert_refused, course, post

pytestmark = pytest.mark.django_db


OF_AN_ORDER = {
    "id", "customer_name", "coffee_type", "quantity", "total_price", "order_time", "status", "lines",
}  # fmt: skip


# The order list


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_order_in_the_list_has_exactly_the_contracts_keys(client: Client, path: str) -> None:
    milk, roll = latte(), croissant()
    placed = order(
        wanted(milk, "Large", "Cream", quantity=2),
        wanted(roll, quantity=3),
        customer_name="王小明",
        phone="+8613800138000",
        note="secret",
    )
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=1, stale-if-error=86400"
    assert "Vary" not in response
    assert not response.cookies
    [shown] = response.json()
    moment = shown.pop("order_time")
    large, cream = option(milk, "Large"), option(milk, "Cream")
    assert shown == {
        "id": placed.pk,
        "customer_name": "王**",
        "coffee_type": "拿铁、黄油可颂",
        "quantity": 5,
        "total_price": 118.0,
        "status": "pending",
        "lines": [
            {
                "item": "latte",
                "name": "拿铁",
                "name_en": "Latte",
                "name_zh_hans": "拿铁",
                "options": [
                    {
                        "id": large.pk,
                        "name": "大杯",
                        "name_en": "Large",
                        "name_zh_hans": "大杯",
                        "price_delta": 6.0,
                    },
                    {
                        "id": cream.pk,
                        "name": "奶油",
                        "name_en": "Cream",
                        "name_zh_hans": "奶油",
                        "price_delta": 4.0,
                    },
                ],
                "unit_price": 35.0,
                "quantity": 2,
            },
            {
                "item": "croissant",
                "name": "黄油可颂",
                "name_en": "Butter Croissant",
                "name_zh_hans": "黄油可颂",
                "options": [],
                "unit_price": 16.0,
                "quantity": 3,
            },
        ],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", moment)
    assert abs((datetime.fromisoformat(moment) - placed.placed_at).total_seconds()) < 1


def test_no_token_phone_or_note_is_anywhere_in_the_list(client: Client) -> None:
    placed = order(customer_name="王小明", phone="+8613800138000", note="no sugar", submission_key="a-key")
    text = client.get("/api/orders").content.decode()
    for secret in (placed.token, "13800138000", "no sugar", "a-key", "小明"):
        assert secret not in text


def test_an_emoji_name_is_masked_to_its_first_character(client: Client) -> None:
    order(customer_name="🐼熊猫")
    assert client.get("/api/orders").json()[0]["customer_name"] == "🐼**"


def test_there_are_no_orders_at_first(client: Client) -> None:
    assert client.get("/api/orders").json() == []


def test_the_twenty_newest_come_newest_first(client: Client) -> None:
    placed = [order() for _number in range(21)]
    ids = [shown["id"] for shown in client.get("/api/orders").json()]
    assert ids == [one.pk for one in reversed(placed)][:20]


def test_a_total_is_a_number_with_two_decimals_at_most(client: Client) -> None:
    americano(price="18.35")
    post(client, course(quantity=3, total_price=55.05))
    text = client.get("/api/orders").content.decode()
    assert '"total_price": 55.05' in text
    assert '"unit_price": 18.35' in text


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_next_get_shows_a_new_order(client: Client, path: str) -> None:
    americano()
    assert client.get(path).json() == []
    for _time in range(3):
        placed = post(client, course(), path).json()
        assert client.get(path).json()[0]["id"] == placed["order_id"]


def test_both_addresses_answer_alike(client: Client) -> None:
    order()
    assert client.get("/orders").content == client.get("/api/orders").content


def test_the_list_is_the_same_in_every_language(client: Client) -> None:
    order()
    english = client.get("/api/orders", headers={"accept-language": "en"})
    chinese = client.get("/api/orders", headers={"accept-language": "zh-CN"})
    assert english.content == chinese.content


def test_the_list_takes_two_queries(client: Client, django_assert_num_queries: Any) -> None:
    for _number in range(3):
        order()
    with django_assert_num_queries(2):
        client.get("/api/orders")


def test_head_answers_as_get_without_the_body(client: Client) -> None:
    order()
    response = client.head("/api/orders")
    assert (response.status_code, response.content) == (200, b"")


# One order


def test_one_order_says_its_status_and_no_secrets(client: Client) -> None:
    placed = order(customer_name="王小明", phone="+8613800138000", note="no sugar")
    response = client.get(f"/api/orders/{placed.token}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    shown = response.json()
    assert shown.keys() == OF_AN_ORDER | {"number", "payment_status", "fulfilment"}
    assert (shown["id"], shown["status"], shown["number"]) == (placed.pk, "pending", placed.number)
    assert (shown["payment_status"], shown["fulfilment"]) == ("unpaid", "to_go")
    cancel_order(order=placed)
    assert client.get(f"/api/orders/{placed.token}").json()["status"] == "cancelled"


@pytest.mark.parametrize("token", ["nothing", "1", "%00", "é", "拿铁", "🐼", "a" * 2000, "%FF", "' OR 1=1", "%"])
def test_an_unknown_token_is_not_found(client: Client, token: str) -> None:
    order()
    assert_refused(client.get(f"/api/orders/{token}"), 404, "not_found", {})


def test_a_token_is_told_from_its_other_case(client: Client) -> None:
    token = order().token
    assert client.get(f"/api/orders/{token.swapcase()}").status_code == 404
