"""An order once more: its lines as a cart, and what its customer wrote, kept for the checkout of that cart.

A signed cookie names the cart (by its submission key) and the order, which has to be of this device still when it is
read. So it means nothing to another cart or on another device.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from orders import device_orders, selectors
from orders.cart import cookie as carts
from orders.models import Order

COOKIE = "again"
SALT = "orders.again"


def lines_of(order: Order) -> tuple[carts.CartLine, ...]:
    """Return what was ordered, at the prices of that day."""
    return tuple(
        carts.CartLine(line.item_id, tuple(option["id"] for option in line.options), line.quantity, line.unit_price)
        for line in order.lines.all()
    )


def details_of(order: Order) -> dict[str, Any]:
    """Return what the customer wrote, as `CheckoutForm` calls it."""
    return {name: getattr(order, name) for name in ("customer_name", "phone", "fulfilment", "note")}


def remember(response: HttpResponse, cart: carts.Cart, order: Order) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        signing.dumps([cart.key, order.pk], salt=SALT),
        max_age=carts.KEPT_S,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )
    return response


def repeated_order(request: HttpRequest, cart: carts.Cart) -> Order | None:
    """Return the order of this device that this cart repeats, if it does and the database can be asked."""
    try:
        key, order_id = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=carts.KEPT_S)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if key != cart.key:
        return None
    try:
        return selectors.orders_of_device(device_orders.tokens(request)).filter(pk=order_id).first()
    except (OperationalError, InterfaceError):
        return None
