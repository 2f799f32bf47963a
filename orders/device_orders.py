"""Ownership of orders: a signed cookie holds the tokens of the last 20 orders placed on this device.

Anybody with an order's address may view the order; only the device that placed it may cancel or reorder it.
"""

from django.http import HttpRequest, HttpResponse

from cafe.web.signed_cookie import SignedCookie
from orders.models import Order

COOKIE = "my_orders"
SALT = "orders.device"
KEPT_S = 90 * 24 * 3600
MAX_TOKENS = 20
SIGNED = SignedCookie(COOKIE, SALT, KEPT_S)


def tokens(request: HttpRequest) -> list[str]:
    """Return this device's order tokens, newest first; empty if the cookie is missing, expired or forged."""
    kept = SIGNED.read(request)
    return [token for token in kept if isinstance(token, str) and token.isascii()] if isinstance(kept, list) else []


def owns(request: HttpRequest, order: Order) -> bool:
    return order.token in tokens(request)


def remember(request: HttpRequest, response: HttpResponse, order: Order) -> HttpResponse:
    kept = [order.token, *(token for token in tokens(request) if token != order.token)][:MAX_TOKENS]
    SIGNED.set(response, kept)
    return response
