"""POST `/api/orders` against the API contract: the course's orders, prices, lines."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from menu.models import Item
from orders.models import Order, OrderLine
from tests.harness.factories import americano, croissant, latte, nothing_written, option
from tests.orders.api.requests import ADDRESSES, assert_refused, course, post

pytestmark = pytest.mark.django_db


OF_A_NEW_ORDER = {"order_id", "message", "number", "token", "status_url", "total_price"}


def basket(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"customer_name": "李雷", "lines": list(lines)} | fields


# The course's orders


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_courses_first_order_goes_through_as_written(client: Client, path: str) -> None:
    americano()
    response = post(client, course(), path)
    placed = Order.objects.get()
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "order_id": placed.pk,
        "message": "Order created successfully",
        "number": placed.number,
        "token": placed.token,
        "status_url": f"/zh-hans/order/{placed.token}/",
        "total_price": 18.0,
    }
    assert (placed.customer_name, placed.total, placed.status) == ("缓存测试", Decimal("18.00"), "pending")


def test_the_courses_second_order_takes_the_defaults_of_the_latte(client: Client) -> None:
    latte()
    response = post(client, course("拿铁", 2, 50.00))
    assert response.status_code == 201
    line = OrderLine.objects.get()
    assert (line.item_slug, line.quantity, line.unit_price) == ("latte", 2, Decimal("25.00"))
    assert [chosen["name_en"] for chosen in line.options] == ["Small"]


@pytest.mark.parametrize("word", ["latte", "Latte", "拿铁"])
def test_an_item_is_found_by_its_slug_or_its_name_in_either_language(client: Client, word: str) -> None:
    latte()
    assert post(client, course(word, 1, 25)).status_code == 201


def test_the_total_and_the_quantity_are_optional(client: Client) -> None:
    americano()
    response = post(client, {"customer_name": "a", "coffee_type": "americano"})
    assert response.status_code == 201
    assert response.json()["total_price"] == 18.0
    assert response.json().keys() == OF_A_NEW_ORDER


def test_the_address_of_a_new_order_opens_its_page(client: Client) -> None:
    americano()
    address = post(client, course()).json()["status_url"]
    assert client.get(address).status_code == 200


# Prices


@pytest.mark.parametrize("wrong", [17.99, 0, 18.01, 1800, 0.01])
def test_a_wrong_total_is_refused_with_the_right_one(client: Client, wrong: float) -> None:
    americano(stock=3)
    with nothing_written():
        response = post(client, course(total_price=wrong))
    assert_refused(response, 409, "price_changed", {"total_price": 18.0})


@pytest.mark.parametrize("right", ["18", "18.0", "18.00", "18.000", "1.8e1"])
def test_the_right_total_is_taken_however_it_is_written(client: Client, right: str) -> None:
    americano()
    body = json.dumps(course(total_price=0)).replace('"total_price": 0', f'"total_price": {right}')
    assert client.post("/api/orders", body, content_type="application/json").status_code == 201


def test_the_price_is_the_databases_at_once(client: Client) -> None:
    drink = americano()
    client.get("/api/menu")
    Item.objects.filter(pk=drink.pk).update(price="19.50")
    with nothing_written():
        response = post(client, course())
    assert_refused(response, 409, "price_changed", {"total_price": 19.5})
    assert post(client, course(total_price=19.5)).json()["total_price"] == 19.5


# Lines


def test_lines_with_options_are_priced_and_copied(client: Client) -> None:
    milk, roll = latte(), croissant()
    chosen = [option(milk, name).pk for name in ("Vanilla", "Large")]
    body = basket(
        {"item": "latte", "options": chosen, "quantity": 2},
        {"item": "croissant"},
        fulfilment="here",
        note="少冰",
        phone="13800138000",
        total_price=84.00,
    )
    response = post(client, body)
    assert response.status_code == 201
    assert response.json()["total_price"] == 84.0
    placed = Order.objects.get()
    assert (placed.fulfilment, placed.note, placed.phone) == ("here", "少冰", "+8613800138000")
    first, second = placed.lines.all()
    assert (first.item_id, first.unit_price, first.quantity) == (milk.pk, Decimal("34.00"), 2)
    assert [chosen["name_en"] for chosen in first.options] == ["Large", "Vanilla"]
    assert (second.item_id, second.unit_price, second.quantity, second.options) == (roll.pk, Decimal("16.00"), 1, [])


def test_in_lines_a_required_group_must_be_given(client: Client) -> None:
    latte()
    with nothing_written():
        response = post(client, basket({"item": "latte"}))
    assert_refused(response, 422, "invalid")
    assert response.json()["error"]["fields"].keys() == {"lines.0"}


def test_to_go_is_the_default(client: Client) -> None:
    americano()
    post(client, course())
    assert Order.objects.get().fulfilment == "to_go"
