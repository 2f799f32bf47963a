"""An order's page for others: its number and how far it is, and nothing else.

The address that is shared holds no token but the order's key, signed: nothing is kept for it, and the token, whose
page shows what was ordered, cannot be got from it. When SECRET_KEY is replaced, old addresses last as long as the old
key stands in SECRET_KEY_FALLBACKS.
"""

import re

from django.core import signing
from django.urls import reverse

from orders.models import Order

KEY = re.compile(r"[1-9][0-9]{0,17}")


def _signer() -> signing.Signer:
    return signing.Signer(salt="orders.sharing", sep=".")


def shared_address(order: Order) -> str:
    return reverse("orders:shared_order", args=[_signer().sign(str(order.pk))])


def shared_order(code: str) -> Order | None:
    """Return the order that a shared address names; None for an address that is not ours."""
    try:
        key = _signer().unsign(code)
    except signing.BadSignature:
        return None
    return Order.objects.filter(pk=int(key)).first() if KEY.fullmatch(key) else None
