"""What a person may do with an order at the bar now: which buttons a ticket and the list of repayments show."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from orders import lifecycle, selectors
from orders.lifecycle import Permission
from orders.models import Order, OrderEvent, PaymentStatus, Status
from orders.services import Staff


@dataclass(frozen=True)
class TicketChoices:
    """The choices of one person for one order; one query for its events."""

    order: Order
    actor: Staff

    @cached_property
    def _events(self) -> list[OrderEvent]:
        return selectors.events(self.order)

    def _payment(self, after: PaymentStatus) -> Permission:
        return lifecycle.permission(self.actor, self.order, after, self._events)

    @property
    def can_pay(self) -> bool:
        return self.order.is_payment_open and self._payment(PaymentStatus.PAID).is_granted

    @cached_property
    def unpaid(self) -> Permission:
        """ "Noted by mistake": of a payment, or of a write-off."""
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
    def can_restore(self) -> bool:
        return lifecycle.can_restore(self.order)


@dataclass(frozen=True)
class Repayment:
    """Money that the café holds for an order that ended, and whether this person may note that it was given back.

    The order's events have to be prefetched.
    """

    order: Order
    actor: Staff

    @property
    def is_by_customer(self) -> bool:
        return lifecycle.was_cancelled_by_customer(self.order, self._events)

    @property
    def is_no_show(self) -> bool:
        return self.order.status == Status.NO_SHOW

    @property
    def ended_at(self) -> datetime:
        return self.order.moved_at

    @property
    def can_give_back(self) -> bool:
        return lifecycle.permission(self.actor, self.order, PaymentStatus.REFUNDED, self._events).is_granted

    @cached_property
    def _events(self) -> list[OrderEvent]:
        return list(self.order.events.all())
