"""Merges concurrent cart writes.

Two requests that overlap start from the same cart cookie, and the later answer overwrites the cart of the earlier.
So each answer also records its change in a cookie with a name of its own, which no other answer overwrites:

1. `cart_change_<id>` holds what a request added and took out, and which submission key it closed.
2. `cart_merged` lists the ids of the changes that the cart cookie contains.
3. A change that is not listed is pending: it was overwritten. `cart.read` applies it, and the next write lists it.
4. A listed change is deleted `SETTLED_AFTER_S` after it was made: no answer that started before it is still due.

Changes are sums, so their order does not matter. `static/js/cart-writer.js` asks for a write when one is pending.
"""

import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from orders.cart.line import CartLine, pack_line, unpack_line

PREFIX = "cart_change_"
MERGED_COOKIE = "cart_merged"
SALT = "orders.cart_change"
SETTLED_AFTER_S = 60  # longer than the timeout of the edge for an answer
KEPT_S = 24 * 3600
# All cookies of a request are one header, which the edge and gunicorn read up to 16 KiB: a cart, the orders of the
# device, a staff session and these.
MAX_CHANGES = 40
MAX_BYTES = 5000
MAX_CHANGE_BYTES = 3900  # browsers drop a cookie over 4096 with its name and attributes
ID = re.compile(r"[0-9a-f]{14}")  # the time in seconds, then a random part


@dataclass(frozen=True)
class CartChange:
    """The change that one request made to the cart."""

    added: tuple[CartLine, ...] = ()
    removed: tuple[tuple[str, int], ...] = ()  # digest of a line, how many
    closed_key: str = ""
    next_key: str = ""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.closed_key)


def between(old: Sequence[CartLine], new: Sequence[CartLine]) -> CartChange:
    """Return the difference between the old and the new lines, as a change."""
    before = {line.key: line.quantity for line in old}
    after = {line.key: line.quantity for line in new}
    added = ((line, line.quantity - before.get(line.key, 0)) for line in new)
    removed = ((line.digest, line.quantity - after.get(line.key, 0)) for line in old)
    return CartChange(
        tuple(line.with_quantity(more) for line, more in added if more > 0),
        tuple((digest, less) for digest, less in removed if less > 0),
    )


def pending(request: HttpRequest) -> list[CartChange]:
    """Return the changes that the cart cookie does not contain, oldest first."""
    merged = request.COOKIES.get(MERGED_COOKIE, "").split(".")
    found = (_unpack(id_, request) for id_ in _ids(request)[:MAX_CHANGES] if id_ not in merged)
    return [change for change in found if change]


def record(request: HttpRequest, response: HttpResponse, change: CartChange) -> None:
    """Put a change into the response's cookies, and list all changes of the request as merged."""
    ids = _ids(request)
    kept = _unsettled(request, ids)
    for id_ in ids:
        if id_ not in kept:
            response.delete_cookie(PREFIX + id_, samesite="Lax")
    id_ = f"{int(time.time()):08x}{secrets.token_hex(3)}"
    packed = _pack(id_, change)
    if change and len(packed) <= MAX_CHANGE_BYTES:
        _set(response, PREFIX + id_, packed)
        kept.append(id_)
    if kept:
        _set(response, MERGED_COOKIE, ".".join(kept))
    elif MERGED_COOKIE in request.COOKIES:
        response.delete_cookie(MERGED_COOKIE, samesite="Lax")


def _unsettled(request: HttpRequest, ids: Iterable[str]) -> list[str]:
    """Return the ids of changes that an answer in flight may overwrite: the newest that fit into a header."""
    newest: list[str] = []
    size = 0
    for id_ in sorted(ids, reverse=True)[: MAX_CHANGES - 1]:
        size += len(PREFIX) + len(id_) + len(request.COOKIES[PREFIX + id_])
        if size > MAX_BYTES or time.time() - int(id_[:8], 16) > SETTLED_AFTER_S:
            break
        newest.insert(0, id_)
    return newest


def _ids(request: HttpRequest) -> list[str]:
    names = [name for name, value in request.COOKIES.items() if name.startswith(PREFIX) and value]
    return sorted(id_ for name in names if ID.fullmatch(id_ := name.removeprefix(PREFIX)))


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=KEPT_S, secure=settings.HTTPS, samesite="Lax")


def _pack(id_: str, change: CartChange) -> str:
    rows = [pack_line(line) for line in change.added]
    fields = [rows, change.removed, change.closed_key, change.next_key]
    return signing.dumps(fields, salt=SALT + id_, compress=True)


def _unpack(id_: str, request: HttpRequest) -> CartChange | None:
    """Return the change that `_pack` signed; None if it is forged, expired or in the format of another release."""
    try:
        fields: Any = signing.loads(request.COOKIES[PREFIX + id_], salt=SALT + id_, max_age=KEPT_S)
        rows, removed, closed_key, next_key = fields
        lines = tuple(unpack_line(*row) for row in rows)
        return CartChange(lines, tuple((str(digest), int(less)) for digest, less in removed), closed_key, next_key)
    except (signing.BadSignature, ValueError, TypeError, ArithmeticError):
        return None
