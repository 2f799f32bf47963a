"""Touches (form posts) on the barista board, by the staff of each role, and the state that they leave."""

import re

from django.http import HttpResponse
from django.test import Client

from orders.models import Order

BAR = "/admin/bar/"


ORDERS = "/admin/orders/order/"


STOCK = "/admin/orders/stock/"


HTMX = {"hx-request": "true"}


def act(client: Client, placed: Order, action: str, *, seen: str | None = None, **fields: str) -> HttpResponse:
    """Post an action for an order; `seen` is the order's status when the page was rendered."""
    form = {"seen": placed.status if seen is None else seen} | fields
    return client.post(f"{BAR}{placed.token}/{action}/", form)


def state(placed: Order) -> tuple[str, str]:
    placed.refresh_from_db()
    return placed.status, placed.payment_status


def columns(page: HttpResponse) -> list[list[int]]:
    parts = page.content.decode().split('<section class="bar__column')[1:]
    return [[int(number) for number in re.findall(r'<article [^>]*data-number="(\d+)"', part)] for part in parts]
