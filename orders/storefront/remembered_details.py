"""The name and "here or to go" of the last order, for the next checkout: a signed cookie of this device.

If the customer unticks "remember", or presses "Forget", the cookie holds a refusal without a name.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse

from cafe.web.signed_cookie import SignedCookie
from orders.models import Order

COOKIE = "customer"
SALT = "orders.remembered"
KEPT_S = 90 * 24 * 3600
SIGNED = SignedCookie(COOKIE, SALT, KEPT_S)
REFUSED = ["", ""]


def details(request: HttpRequest) -> dict[str, Any]:
    """Return initial values of `CheckoutForm`: the remembered details, and whether "remember" is ticked."""
    name, fulfilment = _read(request)
    if not name:
        return {"remember": [name, fulfilment] != REFUSED}
    return {"customer_name": name, "fulfilment": fulfilment, "remember": True}


def remember(response: HttpResponse, order: Order) -> HttpResponse:
    return _write(response, [order.customer_name, order.fulfilment])


def refuse(response: HttpResponse) -> HttpResponse:
    """Delete the remembered details, and leave "remember" unticked in the next checkouts."""
    return _write(response, REFUSED)


def _read(request: HttpRequest) -> tuple[str, str | None]:
    """Return the name and the fulfilment; ("", None) without a valid cookie."""
    try:
        name, fulfilment = SIGNED.read(request)
    except (ValueError, TypeError):
        return "", None
    is_ours = isinstance(name, str) and fulfilment in ("", *Order.Fulfilment.values)
    return (name, fulfilment) if is_ours else ("", None)


def _write(response: HttpResponse, kept: list[str]) -> HttpResponse:
    SIGNED.set(response, kept)
    return response
