"""A cookie keeps the name and "here or to go" of a device's last order, if its customer wants it."""

import re

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.models import Order
from orders.storefront import remembered_details
from tests.harness.factories import americano, nothing_written
from tests.orders.customer import a_device, add, hidden_inputs, place, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    americano()
    return a_device()


def checkout(client: Client) -> HttpResponse:
    add(client, Item.objects.get())
    return client.get("/en/checkout/")


def filled_in(page: HttpResponse) -> tuple[str, str, bool]:
    """Return the checkout's name, its "here or to go", and whether its box "remember" is ticked."""
    source = page.content.decode()
    [field] = re.findall(r'<input[^>]*name="customer_name"[^>]*>', source)
    name = re.search(r'value="([^"]*)"', field)
    [chosen] = re.findall(r'name="fulfilment" value="(\w+)" required checked', source)
    [tick] = re.findall(r'<input[^>]*name="remember"[^>]*>', source)
    return name[1] if name else "", chosen, "checked" in tick


def order(client: Client, **written: str) -> HttpResponse:
    """Place an order and return the next checkout."""
    add(client, Item.objects.get())
    place(client, **{"customer_name": "Mei", "fulfilment": "here", "remember": "on"} | written)
    return checkout(client)


def test_a_first_checkout_is_empty_and_ticked(client: Client) -> None:
    assert filled_in(checkout(client)) == ("", "to_go", True)


def test_the_next_checkout_is_filled_in_and_says_why(client: Client) -> None:
    page = order(client)
    assert filled_in(page) == ("Mei", "here", True)
    assert "Filled in from your last order." in text_of(page)


def test_phone_and_note_are_not_remembered(client: Client) -> None:
    page = order(client, phone="13800138000", note="no sugar")
    assert "13800138000" not in page.content.decode()
    assert "no sugar" not in page.content.decode()


def test_the_last_order_s_name_counts(client: Client) -> None:
    order(client)
    assert filled_in(order(client, customer_name="Li", fulfilment="to_go")) == ("Li", "to_go", True)


def test_without_the_tick_nothing_is_remembered_and_the_tick_stays_off(client: Client) -> None:
    page = order(client, remember="")
    assert filled_in(page) == ("", "to_go", False)
    assert signing.loads(client.cookies[remembered_details.COOKIE].value, salt=remembered_details.SALT) == ["", ""]


def test_taking_the_tick_away_forgets(client: Client) -> None:
    order(client)
    assert filled_in(order(client, remember="")) == ("", "to_go", False)


def test_forget_forgets_and_keeps_the_cart(client: Client) -> None:
    order(client)
    with nothing_written():
        response = client.post("/en/checkout/forget/")
    assert response["Location"] == "/en/checkout/"
    page = client.get("/en/checkout/")
    assert filled_in(page) == ("", "to_go", False)
    assert "Filled in" not in text_of(page)
    assert "1 × Americano" in text_of(page)


def test_forget_by_its_address_leads_to_the_checkout(client: Client) -> None:
    order(client)
    assert client.get("/en/checkout/forget/")["Location"] == "/en/checkout/"
    assert filled_in(client.get("/en/checkout/"))[0] == "Mei"


def test_a_refused_checkout_remembers_nothing(client: Client) -> None:
    page = checkout(client)
    form = hidden_inputs(page) | {"customer_name": "Mei", "phone": "no", "fulfilment": "here", "remember": "on"}
    with nothing_written():
        response = client.post("/en/checkout/", form)
    assert response.status_code == 422
    assert remembered_details.COOKIE not in response.cookies


def test_the_cookie_is_hidden_from_scripts_and_lasts_90_days(client: Client) -> None:
    order(client)
    cookie = client.cookies[remembered_details.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 90 * 24 * 3600)


def test_the_name_is_on_no_other_page(client: Client) -> None:
    order(client)
    for path in ("", "item/americano/", "cart/", "board/"):
        assert "Mei" not in client.get(f"/en/{path}").content.decode()


def signed(kept: object) -> str:
    return signing.dumps(kept, salt=remembered_details.SALT)


@pytest.mark.parametrize(
    "value",
    ["", "x", "a:b:c", signed(1), signed([]), signed(["Mei"]), signed([1, "here"]), signed(["Mei", "home"])],
    ids=range(8),  # signatures contain the time, and each pytest worker must collect the same test ids
)
def test_a_cookie_that_is_not_ours_fills_in_nothing(client: Client, value: str) -> None:
    client.cookies[remembered_details.COOKIE] = value
    assert filled_in(checkout(client)) == ("", "to_go", True)


def test_what_a_repeated_order_says_comes_first(client: Client) -> None:
    order(client)
    client.post("/en/cart/change/", {"line": str(Item.objects.get().pk), "quantity": "0"})
    first = Order.objects.get()
    client.cookies[remembered_details.COOKIE] = signed(["Somebody", "to_go"])
    client.post(f"/en/order/{first.token}/again/")
    assert filled_in(client.get("/en/checkout/"))[:2] == ("Mei", "here")
