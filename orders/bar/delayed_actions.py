"""Delayed requests of the barista board: touches queued by an offline tablet, or kept during a new sign-in."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import selectors
from orders.bar.actions import ACTION_LABELS
from orders.errors import NotAllowedNow
from orders.models import Order, PaymentStatus, Status

KEEP_S = 120  # after that a tablet drops a queued touch, and tells the barista that it was not sent
KEPT_ACTIONS = {"advance"}
SLACK_S = 30  # on top of KEEP_S: how long a request may be in flight before it counts as unanswered


def refuse_if_changed(request: HttpRequest, order: Order, action: str) -> None:
    """Refuse a touch that a tablet has queued (`kept_for_s`, in seconds) if it no longer applies.

    It does not if another person is signed in, it is too old, its action needs a connection, or it would hand over an
    order that is not paid. The caller compares the order's status, as for every touch. Raises NotAllowedNow.
    """
    by, kept_for_s = request.POST.get("by"), request.POST.get("kept_for_s")
    if by is not None and by != str(request.user.pk):
        raise NotAllowedNow(_("Somebody else is signed in now."))
    if kept_for_s is None:
        return
    if not (kept_for_s.isascii() and kept_for_s.isdigit() and int(kept_for_s[:9]) <= KEEP_S):
        raise NotAllowedNow(_("It was pressed more than two minutes ago."))
    if action not in KEPT_ACTIONS:
        raise NotAllowedNow(_("That is only done while there is a connection."))
    is_handed_over = order.status == request.POST.get("seen") == Status.READY
    if is_handed_over and order.payment_status != PaymentStatus.PAID:
        raise NotAllowedNow(_("Order %(number)s is not paid.") % {"number": order.number})


def has_arrived(request: HttpRequest, order: Order) -> bool:
    """Return whether a queued touch was already applied: its first request arrived, only the response was lost."""
    if "kept_for_s" not in request.POST:
        return False
    last = order.events.filter(to_status__in=Status.values).last()
    if last is None or (timezone.now() - last.at).total_seconds() > KEEP_S + SLACK_S:
        return False
    moved = (last.from_status, last.to_status, last.actor_id)
    return moved == (request.POST.get("seen"), order.status, request.user.pk)


def in_words(token: str, action: str, seen: str) -> str:
    """Return an order's number and the label of the button that was pressed, such as "207 · Ready"."""
    order = selectors.order_with_token(token)
    step = Order(status=seen).advance_label if action == "advance" and seen in Status.values else ""
    return f"{order.number if order else '–'} · {ACTION_LABELS.get(action) or step or action}"
