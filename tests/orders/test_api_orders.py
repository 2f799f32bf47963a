"""`/api/orders` against the API contract, row by row."""

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.models import Order, OrderLine, Stock
from orders.services import cancel_order, set_stock
from tests.harness.factories import americano, croissant, latte, nothing_written, option, order, wanted

pytestmark = pytest.mark.django_db

ADDRESSES = ["/orders", "/api/orders"]
OF_AN_ORDER = {
    "id", "customer_name", "coffee_type", "quantity", "total_price", "order_time", "status", "lines",
}  # fmt: skip
OF_A_NEW_ORDER = {"order_id", "message", "number", "token", "status_url", "total_price"}


@pytest.fixture
def client() -> Client:
    """An API client: it sends no cookie and no CSRF token."""
    return Client(enforce_csrf_checks=True)


def course(
    coffee_type: str = "美式咖啡", quantity: int = 1, total_price: Any = 18.00, **fields: Any
) -> dict[str, Any]:
    """Return an order body in the course's format."""
    return {
        "customer_name": "缓存测试",
        "coffee_type": coffee_type,
        "quantity": quantity,
        "total_price": total_price,
    } | fields


def basket(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"customer_name": "李雷", "lines": list(lines)} | fields


def post(client: Client, body: Any, path: str = "/api/orders", **headers: str) -> HttpResponse:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def assert_refused(response: HttpResponse, status: int, code: str, fields: dict[str, Any] | None = None) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    error = response.json()["error"]
    assert response.json().keys() == {"error"}
    assert error.keys() == {"code", "message", "fields"}
    assert error["code"] == code
    assert error["message"]
    if fields is not None:
        assert error["fields"] == fields


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
