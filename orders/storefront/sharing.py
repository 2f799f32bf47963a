"""An order's page for others: its number and how far it is, and nothing else.

The address that is shared holds no token but the order's day and number, signed: nothing is kept for it, and the
token, whose page shows what was ordered, cannot be got from it. When SECRET_KEY is replaced, old addresses last as
long as the old key stands in SECRET_KEY_FALLBACKS.
"""

from datetime import datetime

from django.core import signing
from django.urls import reverse

from orders.models import Order

DAY, SEPARATOR = "%Y%m%d", "-"


def _signer() -> signing.Signer:
    return signing.Signer(salt="orders.sharing", sep=".")


def shared_address(order: Order) -> str:
    day_and_number = f"{order.business_day:{DAY}}{SEPARATOR}{order.number}"
    return reverse("orders:shared_order", args=[_signer().sign(day_and_number)])


def shared_order(code: str) -> Order | None:
    """Return the order that a shared address names; None for an address that is not ours."""
    try:
        day, number = _signer().unsign(code).split(SEPARATOR)
        of_one = {"business_day": datetime.strptime(day, DAY).date(), "number": int(number)}
    except (signing.BadSignature, ValueError):
        return None
    return Order.objects.filter(**of_one).first()
