"""What a person may do now with an order on the barista board: the buttons of a ticket and of the repayment list."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from menu.money import money
from orders import permissions, selectors
from orders.bar.actions import CORRECTED_PAYMENT, can_undo
from orders.models import Order, OrderEvent, PaymentStatus, Status
from orders.permissions import Permission, Role
from orders.services import Staff


@dataclass(frozen=True)
class TicketChoices:
    """What one person may do with one order; one query for its events."""

    order: Order
    actor: Staff

    @cached_property
    def _events(self) -> list[OrderEvent]:
        return selectors.events(self.order)

    def _payment(self, after: PaymentStatus) -> Permission:
        return permissions.permission(self.actor, self.order, after, self._events)

    @property
    def can_pay(self) -> bool:
        return self.order.is_payment_open and self._payment(PaymentStatus.PAID).is_granted

    @cached_property
    def unpaid(self) -> Permission:
        """Whether this person may set a payment or a write-off that was noted by mistake back to unpaid."""
        return self._payment(PaymentStatus.UNPAID)

    @property
    def can_write_off(self) -> bool:
        return self.order.total > 0 and self._payment(PaymentStatus.WRITTEN_OFF).is_granted

    @property
    def can_hand_over_unpaid(self) -> bool:
        return self.order.is_handed_over_for_money

    @property
    def can_refund(self) -> bool:
        return not self.order.is_owed_back and self._payment(PaymentStatus.REFUNDED).is_granted

    @property
    def can_give_back(self) -> bool:
        return self.order.is_owed_back and self._payment(PaymentStatus.REFUNDED).is_granted

    @property
    def can_correct_refund(self) -> bool:
        is_refunded = self.order.payment_status == PaymentStatus.REFUNDED
        return is_refunded and self._payment(PaymentStatus.PAID).is_granted

    @property
    def forms(self) -> set[str]:
        """The actions for which the ticket asks a reason, each in a collapsed form."""
        shown = {
            "cancel": self.order.is_open,
            "refund": self.can_refund,
            "write-off": self.can_write_off,
            "unpaid": self.unpaid.is_granted and self.unpaid.asks_reason,
        }
        return {action for action, is_shown in shown.items() if is_shown}

    @property
    def is_refund_a_managers_to_correct(self) -> bool:
        return _is_refund_a_managers_to_correct(self.order, self.actor, self._events)

    @property
    def can_restore(self) -> bool:
        return permissions.can_restore(self.order)


@dataclass(frozen=True)
class Refused:
    """A form of the ticket that was refused: its action, the error message and the submitted data."""

    action: str
    problem: str
    sent: QueryDict


@dataclass(frozen=True)
class Repayment:
    """Money that the café holds for an order that ended, and whether this person may note that it was given back.

    The order's events have to be prefetched.
    """

    order: Order
    actor: Staff

    @property
    def is_by_customer(self) -> bool:
        return permissions.was_cancelled_by_customer(self.order, self._events)

    @property
    def is_no_show(self) -> bool:
        return self.order.status == Status.NO_SHOW

    @property
    def ended_at(self) -> datetime:
        return self.order.moved_at

    @property
    def can_give_back(self) -> bool:
        return permissions.permission(self.actor, self.order, PaymentStatus.REFUNDED, self._events).is_granted

    @cached_property
    def _events(self) -> list[OrderEvent]:
        return list(self.order.events.all())


@dataclass(frozen=True)
class Toast:
    """The message that the barista board shows once after a move of an order.

    `asked_undo` names the action that undoes the move, "" if none does. `undo` is "" also if this person may not.
    """

    order: Order
    actor: Staff
    asked_undo: str = ""

    @cached_property
    def undo(self) -> str:
        return self.asked_undo if can_undo(self.asked_undo, self.order, self.actor) else ""

    @property
    def words(self) -> str:
        return " · ".join(filter(None, (str(self.order), str(self.order.get_status_display()), self._money)))

    @cached_property
    def asks_manager(self) -> bool:
        """True after a refund that a manager may undo, but not this person."""
        is_refund = CORRECTED_PAYMENT.get(self.asked_undo) == PaymentStatus.PAID
        events = selectors.events(self.order) if is_refund else []
        return is_refund and _is_refund_a_managers_to_correct(self.order, self.actor, events)

    @property
    def _money(self) -> str:
        """The state of the payment with the order's total; "" if no money is due, held or returned."""
        order, total = self.order, {"total": money(self.order.total)}
        if order.is_owed_back:
            return _("%(total)s to give back") % total
        if order.payment_status == PaymentStatus.REFUNDED:
            return _("%(total)s given back") % total
        if not order.total or (order.payment_status == PaymentStatus.UNPAID and not order.is_payment_open):
            return ""
        if order.payment_status == PaymentStatus.WRITTEN_OFF:
            return f"{total['total']} · {order.payment_words}"
        is_paid = order.payment_status == PaymentStatus.PAID
        return (_("%(total)s paid") if is_paid else _("%(total)s unpaid")) % total


def _is_refund_a_managers_to_correct(order: Order, actor: Staff, events: list[OrderEvent]) -> bool:
    """Return whether a manager may still undo the order's refund, and this person may not."""
    if order.payment_status != PaymentStatus.REFUNDED:
        return False
    own = permissions.permission(actor, order, PaymentStatus.PAID, events)
    managers = permissions.permission_of(Role.MANAGER, order, PaymentStatus.PAID, events)
    return managers.is_granted and not own.is_granted
