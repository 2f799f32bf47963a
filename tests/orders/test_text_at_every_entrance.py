"""Checkout and API clean a name, a note and a phone number alike; texts that staff type are cleaned the same way."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from menu.models import Item
from orders.models import Order, OrderEvent
from tests.harness.factories import americano, client_of, manager, nothing_written, order
from tests.menu.admin_page import Page
from tests.orders.customer import a_device, add, hidden_inputs

pytestmark = pytest.mark.django_db

ENTRANCES = ["checkout", "api"]
FIELDS = {"customer_name": "Ada", "phone": "", "fulfilment": "to_go", "note": ""}


def send(entrance: str, **written: str) -> HttpResponse:
    fields = FIELDS | written
    if not Item.objects.exists():
        americano()
    if entrance == "api":
        body = json.dumps({"coffee_type": "americano"} | fields)
        return Client().post("/api/orders", body, content_type="application/json", headers={"accept-language": "en"})
    device = a_device()
    add(device, Item.objects.get())
    return device.post("/en/checkout/", hidden_inputs(device.get("/en/checkout/")) | fields)


def placed(response: HttpResponse) -> Order:
    assert response.status_code in (201, 302), response.content.decode()
    return Order.objects.latest("pk")


def refused(entrance: str, name: str, text: str) -> str:
    with nothing_written():
        response = send(entrance, **{name: text})
    assert response.status_code == 422
    if entrance == "api":
        return str(response.json()["error"]["fields"][name])
    found = re.search(rf'id="id_{name}_error"><p class="field__error">([^<]*)</p></div>', response.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("mark", ["\u200f", "\u200b", "\ufeff", "\u00ad", "\u2060", "\t", "\u00a0"], ids=ascii)
def test_harmless_marks_are_removed_from_a_name_and_a_note(entrance: str, mark: str) -> None:
    one = placed(send(entrance, customer_name=f"{mark}王芳{mark}", note=f"{mark}less ice{mark}"))
    assert (one.customer_name, one.note) == ("王芳", "less ice")


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_an_optional_note_of_invisible_marks_is_none(entrance: str) -> None:
    assert placed(send(entrance, note="\u200f\ufeff")).note == ""


@pytest.mark.few_cases(8)
@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("text", ["\u202eevil", "Bob\U000e0041\U000e0042", "Z" + "\u0335" * 30, "a\x07b"], ids=ascii)
@pytest.mark.parametrize("name", ["customer_name", "note"])
def test_a_harmful_text_is_refused_in_the_same_words(entrance: str, name: str, text: str) -> None:
    other = next(one for one in ENTRANCES if one != entrance)
    message = refused(entrance, name, text)
    assert "cannot be written down" in message or message == "At most 5 marks fit on one letter."
    assert refused(other, name, text) == message == escape(message)


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_length_is_counted_without_what_is_removed(entrance: str) -> None:
    one = placed(send(entrance, customer_name="🐼" * 60 + "\u200b" * 40, note="\ufeff" * 9 + "长" * 200))
    assert (one.customer_name, one.note) == ("🐼" * 60, "长" * 200)
    assert refused(entrance, "customer_name", "a" * 61)
    assert refused(entrance, "note", "长" * 201)


# The phone number

NUMBER = "+8613800138000"


@pytest.mark.few_cases(6)
@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "\u202a+86 138 0013 8000\u202c",  # as address books copy it
        "１３８００１３８０００",
        "＋８６-138-0013-8000",
        "138\u200b0013\u00ad8000\ufeff",
        "\u200f138\t0013\u00a08000",
        "+86 (138) 0013.8000",
        "١٣٨٠٠١٣٨٠٠٠",
        "\u2066138 0013 8000\u2069" + " " * 40,
    ],
    ids=ascii,
)
def test_a_phone_number_is_taken_however_it_is_written(entrance: str, written: str) -> None:
    assert placed(send(entrance, phone=written)).phone == NUMBER


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("written", ["", " ", "\u200b", "\u202a\u202c"], ids=ascii)
def test_no_phone_number_is_none(entrance: str, written: str) -> None:
    assert placed(send(entrance, phone=written)).phone == ""


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("written", ["call me", "12", "1" * 41, "138\x00013", "\ud83d13800138000"[1:] + "9" * 12])
def test_what_is_no_phone_number_is_refused(entrance: str, written: str) -> None:
    assert refused(entrance, "phone", written)


# A retry

KEYED: dict[str, Any] = {
    "customer_name": "王芳",
    "coffee_type": "americano",
    "note": "less ice",
    "phone": "13800138000",
}


@pytest.mark.parametrize(
    "again",
    [
        {"customer_name": "\u200f王芳\ufeff"},
        {"note": "less\u00a0 ice\u200b"},
        {"phone": "\u202a+86 138-0013-8000\u202c"},
    ],
)
def test_an_invisible_mark_makes_no_other_order_of_a_retry(client: Client, again: dict[str, str]) -> None:
    americano()
    answers = [
        client.post("/api/orders", json.dumps(body), "application/json", headers={"idempotency-key": "k-1"})
        for body in (KEYED, KEYED | again)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Order.objects.count() == 1


# Staff


def test_what_staff_write_is_cleaned_too() -> None:
    drink, one = americano(), order()
    client = client_of(manager())
    page = Page(client, f"/admin/menu/item/{drink.pk}/change/")
    assert page.enter(name_en="\ufeffCaffe\u0301\u200b  Americano", name_zh_hans="美式\u00ad咖啡").is_saved()
    drink.refresh_from_db()
    assert (drink.name_en, drink.name_zh_hans) == ("Caffé Americano", "美式咖啡")
    chosen = {"action": "cancel", "_selected_action": str(one.pk), "index": "0"}
    client.post("/admin/orders/order/", chosen | {"reason": "\u200fno\u00a0milk", "apply": "1"})
    client.post(f"/admin/bar/{one.token}/cancel/", {"seen": "pending", "reason": "\u200fno\u00a0milk"})
    assert set(OrderEvent.objects.exclude(reason="").values_list("reason", flat=True)) == {"no milk"}
