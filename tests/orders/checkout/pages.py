"""What a customer does with the pages: add to the cart, check out, read the answer."""

import re
from decimal import Decimal
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.cart import cookie as carts
from tests.harness.factories import option

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def add(client: Client, what: Item, *options: str, language: str = "en", **fields: Any) -> HttpResponse:
    """Add an item with the options of these English names, as the item page's form does."""
    form: dict[str, Any] = {"item": what.pk, "chosen": "1", "quantity": "1"}
    for name in options:
        chosen = option(what, name)
        form.setdefault(f"group-{chosen.group_id}", []).append(chosen.pk)
    return client.post(f"/{language}/cart/add/", form | fields)


def lines(client: Client) -> list[tuple[int, tuple[int, ...], int, Decimal]]:
    """Return the lines of the client's cart cookie."""
    if not cookie(client):
        return []
    _key, *rows = signing.loads(cookie(client), salt=carts.SALT)
    return [(id_, tuple(options), quantity, Decimal(price)) for id_, options, quantity, price in rows]


def cookie(client: Client) -> str:
    return client.cookies["cart"].value if "cart" in client.cookies else ""


def form_of(page: HttpResponse, **fields: str) -> dict[str, str]:
    """Return the checkout form's fields as a customer fills it in, hidden ones included."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken", None)
    assert hidden.keys() == {"submission_key", "cart_seen", "expected_total"}
    return hidden | {"customer_name": "王芳", "phone": "", "fulfilment": "to_go", "note": ""} | fields


def check_out(client: Client, language: str = "en") -> HttpResponse:
    page = client.get(f"/{language}/checkout/")
    assert page.status_code == 200
    return page


def submit(client: Client, form: dict[str, str], language: str = "en") -> HttpResponse:
    return client.post(f"/{language}/checkout/", form)


def text_of(page: HttpResponse) -> str:
    """Return a page's visible text: no tags, scripts or drawings, whitespace collapsed."""
    words = re.sub(r"<svg.*?</svg>|<script.*?</script>|<[^>]*>", " ", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", words)


def line_key(client: Client) -> str:
    id_, options, _quantity, _price = lines(client)[0]
    return "-".join(map(str, (id_, *options)))


FORMS = ["cart/add/", "cart/change/", "cart/accept/", "cart/put-back/", "cart/settle/", "checkout/"]


def accept(client: Client) -> HttpResponse:
    seen = re.search(r'name="seen" value="(\w+)"', client.get("/en/cart/").content.decode())
    assert seen
    return client.post("/en/cart/accept/", {"seen": seen[1]})


def poll(client: Client, path: str, seen: str) -> HttpResponse:
    return client.get(path, {"seen": seen}, headers={"hx-request": "true"})
