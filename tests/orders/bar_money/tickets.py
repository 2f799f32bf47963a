"""Orders in each state of payment, and how the barista board shows them."""

import re

from django.http import HttpResponse
from django.test import Client

from orders import services
from orders.models import Order
from tests.harness.factories import barista
from tests.orders.bar.touches import BAR, HTMX
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

DAY = f"{BAR}day/"


def ready(placed: Order) -> Order:
    for _step in range(2):
        services.advance_order(order=placed, actor=barista())
    return placed


def touch(client: Client, placed: Order, action: str, **fields: str) -> HttpResponse:
    """Post an action of a ticket, as the board's script does."""
    form = {"seen": placed.status} | fields
    return client.post(f"{BAR}{placed.token}/{action}/", form, headers=HTMX)


def undo_offered(page: HttpResponse) -> str:
    toast = page.content.decode().partition('id="toast"')[2]
    found = re.search(r'data-action="([\w-]+)"', toast)
    return found[1] if found else ""
