"""The cart: a signed cookie on the customer's device. The server stores no cart, and trusts nothing in the cookie.

Every write goes through `write`, which also records the change, so that overlapping requests lose nothing
(`orders/cart/changes.py`).

A second, readable cookie holds count, sum and the count of each item for the page's scripts; the server ignores it.
"""

import re
import secrets
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from orders.cart import changes
from orders.cart.changes import CartChange
from orders.cart.line import CartLine, pack_line, unpack_line
from orders.placing.idempotency import fingerprint
from orders.placing.lines import MAX_LINE_QUANTITY, MAX_LINES
from orders.pricing import line_total, order_total

__all__ = ["Cart", "CartFull", "CartLine", "badge", "read", "settle", "write"]

COOKIE = "cart"
BADGE_COOKIE = "cart_badge"
SALT = "orders.cart"
KEPT_S = 24 * 3600
# Browsers drop a cookie over 4096 bytes with its name and attributes. The margin is for larger quantities and prices
# in a full cart.
MAX_BYTES = 3500
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class CartFull(Exception):
    """The cart has its 30 lines, or would not fit into a cookie."""


@dataclass(frozen=True)
class Cart:
    lines: tuple[CartLine, ...] = ()
    # The submission key (idempotency key) of the order placed from this cart: the same in every tab, new in the next
    # cart.
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    was_unreadable: bool = False

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def shown_total(self) -> Decimal:
        return order_total(line_total(line.shown_price, line.quantity) for line in self.lines)

    @property
    def seen(self) -> str:
        """A fingerprint of the cart's lines, so that a checkout orders only what it showed."""
        return fingerprint(sorted((line.key, line.quantity) for line in self.lines))[:16]

    def count_of(self, item_id: int) -> int:
        return sum(line.quantity for line in self.lines if line.item_id == item_id)

    def line(self, key: str) -> CartLine | None:
        return next((line for line in self.lines if line.key == key), None)

    def adding(self, line: CartLine) -> "Cart":
        """Return the cart with this line, added to an equal one. Raises CartFull."""
        for index, own in enumerate(self.lines):
            if own.key == line.key:
                quantity = min(own.quantity + line.quantity, MAX_LINE_QUANTITY)
                merged = replace(line, quantity=quantity)
                return replace(self, lines=(*self.lines[:index], merged, *self.lines[index + 1 :]))
        longer = replace(self, lines=(*self.lines, line))
        if len(longer.lines) > MAX_LINES or len(_pack(longer)) > MAX_BYTES:
            raise CartFull
        return longer

    def replacing(self, key: str, line: CartLine) -> "Cart":
        """Return the cart with this line instead of another, merged with an equal one. Raises CartFull."""
        equal = self.line(line.key) if line.key != key else None
        merged = line.with_quantity(line.quantity + equal.quantity) if equal else line
        kept = (own for own in self.lines if own != equal)
        changed = self.with_lines(merged if own.key == key else own for own in kept)
        if len(_pack(changed)) > MAX_BYTES:
            raise CartFull
        return changed

    def putting_back(self, line: CartLine, place: int) -> "Cart":
        """Return the cart with a line that was taken out, where it was. Raises CartFull."""
        longer = self.adding(line)
        if len(longer.lines) == len(self.lines):
            return longer
        return self.with_lines((*self.lines[:place], line, *self.lines[place:]))

    def with_quantity(self, key: str, quantity: int) -> "Cart":
        """Return the cart with another quantity of a line; 0 takes it out, an unknown line changes nothing."""
        lines = (replace(line, quantity=quantity) if line.key == key else line for line in self.lines)
        return self.with_lines(line for line in lines if line.quantity)

    def with_at_most(self, item_id: int, most: int) -> "Cart":
        """Return the cart with no more than `most` of an item, taken from its last lines first."""
        lines: list[CartLine] = []
        for line in self.lines:
            if line.item_id == item_id:
                line = replace(line, quantity=min(line.quantity, most))
                most -= line.quantity
            lines.append(line)
        return self.with_lines(line for line in lines if line.quantity)

    def without(self, ordered: Iterable[CartLine]) -> "Cart":
        """Return the cart without what was ordered, with a new submission key for its next order."""
        less = {line.choice: line.quantity for line in ordered}
        lines = (line.with_quantity(line.quantity - less.get(line.choice, 0)) for line in self.lines)
        return self.with_lines(line for line in lines if line.quantity).with_new_key()

    def merged_with(self, changes: Iterable[CartChange]) -> "Cart":
        """Merge these changes into the cart, additions first. Lines over the cart limit are dropped."""
        changes = list(changes)
        if not changes:
            return self
        cart = self
        for line in (line for change in changes for line in change.added):
            with suppress(CartFull):
                cart = cart.adding(line)
        less = Counter[str]()
        for change in changes:
            less.update(dict(change.removed))
            if change.closed_key == cart.key:
                cart = replace(cart, key=change.next_key)
        lines = (line.with_quantity(line.quantity - less[line.digest]) for line in cart.lines)
        return cart.with_lines(line for line in lines if line.quantity)

    def with_lines(self, lines: Iterable[CartLine]) -> "Cart":
        return replace(self, lines=tuple(lines))

    def with_new_key(self) -> "Cart":
        return Cart(self.lines)


def read(request: HttpRequest) -> Cart:
    """Return the device's cart with its pending changes; `was_unreadable` if the cookie is forged or unreadable."""
    return _read_cookie(request).merged_with(changes.pending(request))


def _read_cookie(request: HttpRequest) -> Cart:
    cookie = request.COOKIES.get(COOKIE)
    if not cookie:
        return Cart()
    try:
        return _unpack(signing.loads(cookie, salt=SALT, max_age=KEPT_S))
    except signing.SignatureExpired:
        return Cart()
    except (signing.BadSignature, ValueError, TypeError, ArithmeticError):
        return Cart(was_unreadable=True)


def _pack(cart: Cart) -> str:
    return signing.dumps([cart.key, *map(pack_line, cart.lines)], salt=SALT, compress=True)


def _unpack(kept: Any) -> Cart:
    """Return the cart that `_pack` signed.

    Raises ValueError, TypeError or ArithmeticError for the format of another release.
    """
    key, *lines = kept
    if not isinstance(key, str) or not KEY.fullmatch(key) or len(lines) > MAX_LINES:
        raise ValueError("not a cart")
    return Cart(tuple(unpack_line(*line) for line in lines), key)


def write(request: HttpRequest, response: HttpResponse, cart: Cart) -> HttpResponse:
    """Put the cart, derived from the one that `read` returned, into the response's cookies with its change."""
    old = read(request)
    change = changes.between(old.lines, cart.lines)
    if cart.key != old.key and _read_cookie(request).lines:
        change = replace(change, closed_key=old.key, next_key=cart.key)
    changes.record(request, response, change)
    if not cart.lines:
        response.delete_cookie(COOKIE, samesite="Lax")
        response.delete_cookie(BADGE_COOKIE, samesite="Lax")
        return response
    secure = settings.HTTPS
    response.set_cookie(COOKIE, _pack(cart), max_age=KEPT_S, httponly=True, secure=secure, samesite="Lax")
    response.set_cookie(BADGE_COOKIE, quote(badge(cart), safe="|:"), max_age=KEPT_S, secure=secure, samesite="Lax")
    return response


def settle(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Write the cart if changes are pending, so that they are merged before their cookies expire."""
    return write(request, response, read(request)) if changes.pending(request) else response


def badge(cart: Cart) -> str:
    """Return `<count>|<sum>|<item id>:<count>,…`. The cookie has it percent-encoded, or a comma would be quoted."""
    of_each = Counter[int]()
    for line in cart.lines:
        of_each[line.item_id] += line.quantity
    counts = ",".join(f"{item_id}:{count}" for item_id, count in of_each.items())
    return f"{cart.count}|{cart.shown_total}|{counts}" if cart.lines else ""
