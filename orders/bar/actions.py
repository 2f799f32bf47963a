"""The actions of the barista board, by name in the URL: the service each calls, and the action that undoes it."""

from collections.abc import Callable

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from menu.money import money
from orders import permissions, selectors, services
from orders.errors import Invalid, NotAllowedNow
from orders.models import Order, PaymentStatus, Status
from orders.reasons import read_reason
from orders.services import Staff

# An action returns the name of the action that undoes it, or "".
Action = Callable[[Order, Staff, QueryDict], str]


def _advance(order: Order, actor: Staff, sent: QueryDict) -> str:
    check_paid(order)
    services.advance_order(order=order, actor=actor)
    return "undo"


def _undo(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.undo_order(order=order, actor=actor)
    return ""


def _hand_over(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.hand_over_paid(order=order, actor=actor)
    return "undo-hand-over"


def _undo_hand_over(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.undo_hand_over_paid(order=order, actor=actor)
    return ""


def _gone(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.hand_over_unpaid(order=order, actor=actor, reason=_given_reason(sent))
    return "undo"


def _cancel(order: Order, actor: Staff, sent: QueryDict) -> str:
    reason = _given_reason(sent)
    services.cancel_order(order=order, actor=actor, reason=reason, restock=_restock(order, sent))
    return "restore"


def _no_show(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.mark_no_show(order=order, actor=actor, reason=read_reason(sent))
    return "restore"


def _restore(order: Order, actor: Staff, sent: QueryDict) -> str:
    check_restore(order)
    services.restore_order(order=order, actor=actor, reason=read_reason(sent))
    return ""


def _refund(order: Order, actor: Staff, sent: QueryDict) -> str:
    """Note the refund; cancel an order that is not handed over yet, unless the form says to keep making it."""
    reason = read_reason(sent)
    cancels = order.is_open and sent.get("then", "cancel") == "cancel"
    restock = _restock(order, sent)
    services.refund_order(order=order, actor=actor, reason=reason, cancel=cancels, restock=restock)
    return "undo-refund" if cancels else "not-refunded"


def _undo_refund(order: Order, actor: Staff, sent: QueryDict) -> str:
    services.undo_refund_and_cancel(order=order, actor=actor)
    return ""


def _pay(order: Order, actor: Staff, sent: QueryDict) -> str:
    """Note the payment. It has no undo after a write-off: "unpaid" would not restore the write-off."""
    undo = "unpaid" if order.payment_status == PaymentStatus.UNPAID else ""
    services.mark_paid(order=order, actor=actor)
    return undo


def _moves_payment_to(after: PaymentStatus, undo: str = "") -> Action:
    def move(order: Order, actor: Staff, sent: QueryDict) -> str:
        services.move_payment(order=order, to=after, actor=actor, reason=read_reason(sent))
        return undo

    return move


ACTIONS: dict[str, Action] = {
    "advance": _advance,
    "undo": _undo,
    "hand-over": _hand_over,
    "undo-hand-over": _undo_hand_over,
    "gone": _gone,
    "paid": _pay,
    "unpaid": _moves_payment_to(PaymentStatus.UNPAID),
    "write-off": _moves_payment_to(PaymentStatus.WRITTEN_OFF, undo="unpaid"),
    "cancel": _cancel,
    "no-show": _no_show,
    "restore": _restore,
    "refund": _refund,
    "undo-refund": _undo_refund,
    "not-refunded": _moves_payment_to(PaymentStatus.PAID),
}
TAKES_MONEY = {"paid", "hand-over"}
# The label of each action; "advance" is labelled with the order's next status instead.
ACTION_LABELS = {
    "undo": _("One step back"),
    "hand-over": _("Take the money and hand over"),
    "undo-hand-over": _("Undo"),
    "gone": _("Gone without paying"),
    "paid": _("Take the money"),
    "unpaid": _("Payment noted by mistake"),
    "write-off": _("Gone without paying"),
    "cancel": _("Cancel this order"),
    "no-show": _("Not picked up"),
    "restore": _("Bring it back"),
    "refund": _("Give the money back"),
    "undo-refund": _("Undo"),
    "not-refunded": _("Refund noted by mistake"),
}
CORRECTED_PAYMENT = {
    "unpaid": PaymentStatus.UNPAID,
    "undo-hand-over": PaymentStatus.UNPAID,
    "not-refunded": PaymentStatus.PAID,
    "undo-refund": PaymentStatus.PAID,
}


def can_undo(undo: str, order: Order, actor: Staff) -> bool:
    """Return whether this person may undo the last move of the order with the action `undo`."""
    if undo == "undo":
        return order.can_go_back
    if undo == "restore":
        return permissions.can_restore(order)
    if undo not in CORRECTED_PAYMENT:
        return False
    allowed = permissions.permission(actor, order, CORRECTED_PAYMENT[undo], selectors.events(order))
    return allowed.is_granted and not allowed.asks_reason


def check_paid(order: Order) -> None:
    """Raise NotAllowedNow when the next step would hand over an order that nobody has paid."""
    if order.is_handed_over_for_money:
        words = {"number": order.number, "total": money(order.total)}
        raise NotAllowedNow(gettext("Order %(number)s is not paid yet: take %(total)s, or say why not.") % words)


def check_restore(order: Order) -> None:
    """Raise NotAllowedNow with the reason why an ended order cannot be brought back."""
    if not order.can_be_restored or permissions.can_restore(order):
        return
    if order.payment_status == PaymentStatus.REFUNDED:
        raise NotAllowedNow(gettext("Its money was given back already: take a new order."))
    raise NotAllowedNow(gettext("It ended on an earlier day: take a new order."))


def _given_reason(sent: QueryDict) -> str:
    reason = read_reason(sent)
    if not reason:
        raise Invalid(gettext("Give a reason."))
    return reason


def _restock(order: Order, sent: QueryDict) -> bool | None:
    return "restock" in sent if order.status != Status.PENDING else None
