"""The share link of an order. Its page shows the order's number and timeline, and nothing else.

The link holds the order's day and number, signed, and not its token: nothing is stored for the link, and it does not
reveal the token, whose page shows what was ordered. When SECRET_KEY is replaced, old links work as long as the old
key is in SECRET_KEY_FALLBACKS.
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
    """Return the order that the code of a share link names; None for a forged code."""
    try:
        day, number = _signer().unsign(code).split(SEPARATOR)
        of_one = {"business_day": datetime.strptime(day, DAY).date(), "number": int(number)}
    except (signing.BadSignature, ValueError):
        return None
    return Order.objects.filter(**of_one).first()
