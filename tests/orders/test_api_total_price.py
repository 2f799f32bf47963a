"""`total_price` of an API client: a JSON number is compared in cents, rounded half up."""

import json
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client

from orders.models import Order
from tests.harness.factories import item, nothing_written

pytestmark = pytest.mark.django_db


def post(client: Client, total: str, *, price: str = "19.90", quantity: int = 3, key: str = "k-1") -> HttpResponse:
    """Order `quantity` of an item at this price; `total` goes into the JSON unchanged."""
    if not Order.objects.exists():
        item("iced-tea", price=price)
    body = {"customer_name": "王芳", "coffee_type": "iced-tea", "quantity": quantity, "total_price": "?"}
    text = json.dumps(body).replace('"?"', total)
    return client.post("/api/orders", text, content_type="application/json", headers={"idempotency-key": key})


def test_three_times_19_90_as_javascript_computes_it_goes_through(client: Client) -> None:
    assert repr(3 * 19.9) == "59.699999999999996"
    response = post(client, "59.699999999999996")
    assert (response.status_code, response.json()["total_price"]) == (201, 59.7)
    assert Order.objects.get().total == Decimal("59.70")


@pytest.mark.parametrize(
    ("price", "quantity", "total"),
    [
        ("0.10", 3, repr(3 * 0.1)),
        ("1.10", 3, repr(3 * 1.1)),
        ("19.99", 7, repr(19.99 + 19.99 * 6)),
        ("4.35", 1, repr(4.35 * 100 / 100)),
        ("0.00", 1, repr(0.3 - 0.1 - 0.2)),
        ("0.00", 1, "-0.0"),
        ("8.61", 1, "8.605"),
        ("8.61", 1, "8.6149999"),
        ("999999.99", 1, "999999.990000000001"),
    ],
)
def test_a_total_within_half_a_cent_goes_through(client: Client, price: str, quantity: int, total: str) -> None:
    response = post(client, total, price=price, quantity=quantity)
    assert (response.status_code, response.json()["total_price"]) == (201, float(Decimal(price) * quantity))


@pytest.mark.parametrize(
    "total", ["59.705", "59.6949", "59.69", "59.71", "5970", "0", "-0.0", "1e-9", "9999999999.99"]
)
def test_a_total_that_is_another_one_in_cents_is_a_changed_price(client: Client, total: str) -> None:
    with nothing_written():
        response = post(client, total)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "price_changed")
    assert response.json()["error"]["fields"] == {"total_price": 59.7}
    assert "59.7" in response.json()["error"]["message"]


@pytest.mark.parametrize("total", ['"59.70"', "true", "-0.005", "-59.70", "1e400", "9999999999.995", "[59.7]"])
def test_what_is_no_amount_of_money_is_invalid(client: Client, total: str) -> None:
    with nothing_written():
        response = post(client, total)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid")
    assert response.json()["error"]["fields"].keys() == {"total_price"}


@pytest.mark.parametrize("total", ["NaN", "Infinity", "-Infinity", "59,70", "1e"])
def test_what_is_no_json_number_is_malformed(client: Client, total: str) -> None:
    with nothing_written():
        response = post(client, total)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "malformed")


def test_one_total_in_several_spellings_is_the_same_order(client: Client) -> None:
    first = post(client, "59.699999999999996")
    for total in ("59.7", "59.70", "5.97e1", "59.70000000000001"):
        again = post(client, total)
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert again.json() == first.json()
