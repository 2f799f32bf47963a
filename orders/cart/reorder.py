"""Reorder: an order's lines as a cart, and its customer's details for the checkout of that cart.

A signed cookie names the cart (by its submission key) and the order. It applies only to that cart, and only on the
device that placed the order: the device's ownership is checked when the cookie is read.
"""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from cafe.web.signed_cookie import SignedCookie
from orders import device_orders, selectors
from orders.cart import cookie as carts
from orders.models import Order

COOKIE = "again"
SALT = "orders.again"
SIGNED = SignedCookie(COOKIE, SALT, carts.KEPT_S)


def lines_of(order: Order) -> tuple[carts.CartLine, ...]:
    """Return the order's lines as cart lines, at the prices they were sold at."""
    return tuple(
        carts.CartLine(line.item_id, tuple(option["id"] for option in line.options), line.quantity, line.unit_price)
        for line in order.lines.all()
    )


def details_of(order: Order) -> dict[str, Any]:
    """Return the customer's details by the field names of `CheckoutForm`."""
    return {name: getattr(order, name) for name in ("customer_name", "phone", "fulfilment", "note")}


def remember(response: HttpResponse, cart: carts.Cart, order: Order) -> HttpResponse:
    SIGNED.set(response, [cart.key, order.pk])
    return response


def repeated_order(request: HttpRequest, cart: carts.Cart) -> Order | None:
    """Return the order of this device that this cart reorders; None without one, or if the database is down."""
    try:
        key, order_id = SIGNED.read(request)
    except (ValueError, TypeError):
        return None
    if key != cart.key:
        return None
    try:
        return selectors.orders_of_device(device_orders.tokens(request)).filter(pk=order_id).first()
    except (OperationalError, InterfaceError):
        return None
