"""Helpers for tests of the HTML pages: a customer's device, its cart and checkout form, and a page's visible text."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.models import Order
from tests.harness.factories import option

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def a_device() -> Client:
    return Client(headers=SAME_ORIGIN)


def add(client: Client, what: Item, *options: str, quantity: int = 1) -> None:
    form: dict[str, Any] = {"item": what.pk, "chosen": "1", "quantity": quantity}
    for name in options:
        chosen = option(what, name)
        form.setdefault(f"group-{chosen.group_id}", []).append(chosen.pk)
    assert client.post("/en/cart/add/", form).status_code == 302


def hidden_inputs(page: HttpResponse) -> dict[str, str]:
    """Return the checkout form's hidden inputs, by name."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return {name: found[name] for name in ("submission_key", "cart_seen", "expected_total")}


def place(client: Client, **written: str) -> Order:
    """Submit the checkout of the current cart, and return the new order."""
    page = client.get("/en/checkout/")
    assert page.status_code == 200, page["Location"]
    form = {"customer_name": "王小明", "phone": "", "fulfilment": "here", "note": "no sugar"}
    placed = client.post("/en/checkout/", hidden_inputs(page) | form | written)
    assert placed.status_code == 302, text_of(placed)
    return Order.objects.latest("pk")


def text_of(page: HttpResponse) -> str:
    """Return a page's visible text: no tags, scripts or drawings, whitespace collapsed."""
    words = re.sub(r"<svg.*?</svg>|<script.*?</script>|<[^>]*>", " ", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", words)
