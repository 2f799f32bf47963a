"""Idempotent replay: a header marks a repeated answer, and the request fingerprint is the same in every release."""

import dataclasses
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from orders.api.parsing import OrderRequest, read_order_request
from orders.models import Order, Status
from orders.placing.idempotency import fingerprint, fingerprint_of_checkout, fingerprint_of_request
from orders.placing.lines import ApiLineRequest, LineRequest
from orders.storefront.forms import CheckoutForm
from tests.harness.factories import americano, nothing_written, order, wanted

pytestmark = pytest.mark.django_db

COURSE = {"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": 18.00}
REPLAYED = "Idempotent-Replayed"


def post(client: Client, body: Any, **headers: str) -> HttpResponse:
    return client.post("/api/orders", json.dumps(body), content_type="application/json", headers=headers)


def is_replayed(answer: HttpResponse) -> bool:
    assert answer.headers.get(REPLAYED) in (None, "true")
    return REPLAYED in answer.headers


# The header


def test_a_key_that_comes_again_a_day_later_is_answered_as_a_repeat(client: Client) -> None:
    americano()
    first = post(client, COURSE, idempotency_key="k-1")
    yesterday = timezone.now() - timedelta(days=1)
    Order.objects.update(
        placed_at=yesterday,
        moved_at=yesterday,
        business_day=timezone.localdate(yesterday),
        status=Status.COMPLETED,
    )
    with nothing_written():
        second = post(client, COURSE, idempotency_key="k-1")
    assert (first.status_code, is_replayed(first)) == (201, False)
    assert (second.status_code, is_replayed(second)) == (201, True)
    assert second.content == first.content


def test_every_repeat_is_marked(client: Client) -> None:
    americano()
    answers = [post(client, COURSE, idempotency_key="k-1") for _time in range(3)]
    assert [is_replayed(answer) for answer in answers] == [False, True, True]


def test_orders_without_a_key_or_with_a_new_one_are_not_marked(client: Client) -> None:
    americano()
    answers = [post(client, COURSE), post(client, COURSE), *(post(client, COURSE, idempotency_key=k) for k in "ab")]
    assert [is_replayed(answer) for answer in answers] == [False] * 4
    assert Order.objects.count() == 4


def test_a_refusal_and_an_order_after_it_are_not_marked(client: Client) -> None:
    americano()
    refused = post(client, COURSE | {"total_price": 1}, idempotency_key="k-1")
    assert (refused.status_code, is_replayed(refused)) == (409, False)
    assert not is_replayed(post(client, COURSE, idempotency_key="k-1"))
    reused = post(client, COURSE | {"note": "x"}, idempotency_key="k-1")
    assert (reused.status_code, is_replayed(reused)) == (422, False)


def test_a_repeat_after_the_menu_has_changed_is_marked(client: Client) -> None:
    """A refusal at pricing looks the idempotency key up once more, and finds the placed order."""
    drink = americano()
    post(client, COURSE, idempotency_key="k-1")
    drink.delete()
    assert is_replayed(post(client, COURSE, idempotency_key="k-1"))


def test_place_order_tells_whether_the_order_was_placed_before() -> None:
    drink = americano()
    placed = [order(wanted(drink), submission_key="k", submission_hash="h") for _time in range(2)]
    assert placed[0] == placed[1]
    assert [one.was_placed_before for one in placed] == [False, True]
    assert not order(wanted(drink)).was_placed_before


# The request fingerprint. The digits were computed by the first release: the orders it placed keep them.

REQUESTS: list[tuple[dict[str, Any], str]] = [
    (
        {"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": Decimal("18.00")},
        "6b2b86b4839efd95a1bfcedf439e747bf0c1af2e07aec638732064d6892023a6",
    ),
    (
        {"customer_name": "Ada", "coffee_type": "latte"},
        "3ef28ae9118b70f78bf160d543cbdd6be6886c95c8d56972c6232964bd4ffd6d",
    ),
    (
        {
            "customer_name": "O'Brien",
            "coffee_type": "Flat White",
            "quantity": 2,
            "total_price": 50,
            "fulfilment": "here",
            "note": 'no "sugar"',
            "phone": "13800138000",
        },
        "23eef305e88b34838eae2a0b32352648266644bc6860855b1e1da56aba3a5de4",
    ),
    (
        {
            "customer_name": "李雷",
            "lines": [{"item": "latte", "options": [3, 5], "quantity": 2}, {"item": "croissant"}],
            "fulfilment": "here",
            "note": "少冰",
            "phone": "+86 138 0013 8000",
            "total_price": Decimal("84.0"),
        },
        "eaea16af7a7efc2440611ac39a78606095077e880cdedb24fcacc6a8616830b6",
    ),
    (
        {"customer_name": "🐼", "lines": [{"item": 'It\'s "tea"', "options": [7]}]},
        "9ac6d3bc946dcbb1060ffa0521f8a528aa5a621c023f5c3870c44233537b8400",
    ),
    # Blanks and letters that a later release stores differently.
    (
        {"customer_name": "Mei  Li", "coffee_type": "latte", "note": "no\u3000ice"},
        "dde6b7614f27d4d4120036211b72f01695052c6e0cabe3e777cdc763b5102dbc",
    ),
    (
        {"customer_name": "王\u3000芳", "coffee_type": "latte", "note": "less\u00a0ice,  please"},
        "2685f8b90507c26e23e77f1dbc8cf0c8f96029d6d93819f2b9377795c5432f2a",
    ),
    (
        {"customer_name": "Rene\u0301", "coffee_type": "latte", "note": "cafe\u0301"},
        "38a69bd61a43c9389f47f67fd3c51c5ec40e10693eae110423e20694fbf84e04",
    ),
]
CHECKOUTS = [
    (
        {"customer_name": "王芳", "phone": "", "fulfilment": "to_go", "note": "", "expected_total": "25.00"},
        [LineRequest(7, (), 1)],
        "6aaf65d597285b2f818f66431799e420c5ffb9e31936d92e209ce362bf755aba",
    ),
    (
        {
            "customer_name": " O'Brien ",
            "phone": "13800138000",
            "fulfilment": "here",
            "note": 'no "sugar"',
            "expected_total": "84.00",
        },
        [LineRequest(7, (3, 5), 2), LineRequest(9, None, 1)],
        "7dc217d47dc527460705811890494ac801363727b0de69a534a3d3520687200b",
    ),
    (
        {
            "customer_name": "Rene\u0301",
            "phone": "",
            "fulfilment": "to_go",
            "note": "less\u00a0ice,  please",
            "expected_total": "25.00",
        },
        [LineRequest(7, (), 1)],
        "3efce492a410aed3d7043558fa1764edee309369eb5a65bd9cd2a1fb9f29812d",
    ),
]


def checkout_form(data: dict[str, str]) -> CheckoutForm:
    form = CheckoutForm(data | {"submission_key": "a" * 20})
    assert form.is_valid(), form.errors
    return form


def checkout_fields(data: dict[str, str]) -> dict[str, Any]:
    return {name: checkout_form(data).cleaned_data[name] for name in data}


@pytest.mark.parametrize(("body", "digits"), REQUESTS)
def test_a_request_has_the_digits_of_the_first_release(body: dict[str, Any], digits: str) -> None:
    assert fingerprint_of_request(read_order_request(body)) == digits


@pytest.mark.parametrize(("data", "lines", "digits"), CHECKOUTS)
def test_a_checkout_has_the_digits_of_the_first_release(
    data: dict[str, str], lines: list[LineRequest], digits: str
) -> None:
    assert fingerprint_of_checkout(checkout_fields(data), lines, checkout_form(data).as_sent) == digits


@dataclasses.dataclass(frozen=True)
class LaterRequest(OrderRequest):
    """A request with fields that a later release may add."""

    pick_up: str = ""
    coupons: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class LaterLine(ApiLineRequest):
    is_decaf: bool = False


def later(**fields: Any) -> str:
    body, _digits = REQUESTS[0]
    return fingerprint_of_request(LaterRequest(**vars(read_order_request(body)), **fields))


def test_a_later_field_of_a_request_counts_only_when_it_is_set() -> None:
    assert later() == REQUESTS[0][1]
    assert len({later(), later(pick_up="08:00"), later(pick_up="08:15"), later(coupons=("TEN",))}) == 4


def test_a_later_field_of_a_line_counts_only_when_it_is_set() -> None:
    request = read_order_request(REQUESTS[0][0])
    [line] = request.lines

    def with_line(is_decaf: bool) -> str:
        lines = (LaterLine(**vars(line), is_decaf=is_decaf),)
        return fingerprint_of_request(dataclasses.replace(request, lines=lines))

    assert with_line(is_decaf=False) == REQUESTS[0][1]
    assert with_line(is_decaf=True) != REQUESTS[0][1]


def test_a_later_field_of_the_checkout_counts_only_when_it_is_set() -> None:
    data, lines, digits = CHECKOUTS[0]
    fields = checkout_fields(data)
    sent = checkout_form(data).as_sent
    assert fingerprint_of_checkout(fields | {"pick_up": "", "has_agreed": False, "tip": None}, lines, sent) == digits
    assert fingerprint_of_checkout(fields | {"pick_up": "08:00"}, lines, sent) != digits


def test_a_printed_object_is_no_data() -> None:
    with pytest.raises(TypeError):
        fingerprint([object()])
