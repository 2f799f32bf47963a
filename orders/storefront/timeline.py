"""The timeline of an order as its page shows it: each step, when it was reached, and the steps to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from menu.money import money
from orders.models import Order, OrderEvent, PaymentStatus, Status
from orders.reasons import ON_THE_HOUSE, TAKEN_BY_ANOTHER

WAY = (Status.PENDING, Status.PREPARING, Status.READY, Status.COMPLETED)

# What a customer reads instead of a demand to pay, by the reason that staff gave for the write-off.
WRITE_OFF_MESSAGES: dict[str, Any] = {
    ON_THE_HOUSE: gettext_lazy("Nothing to pay: it is on the house."),
    TAKEN_BY_ANOTHER: gettext_lazy("Somebody else took this order. Please tell us at the counter."),
}


@dataclass(frozen=True)
class Step:
    status: str
    label: str
    at: datetime | None
    is_current: bool

    @property
    def is_done(self) -> bool:
        return self.at is not None


def label_of(status: str) -> str:
    """Return the word a customer reads for a status."""
    return {
        Status.PENDING: _("Received"),
        Status.PREPARING: _("Being made"),
        Status.READY: _("Ready at the bar"),
        Status.COMPLETED: _("Picked up"),
        Status.CANCELLED: _("Cancelled"),
        Status.NO_SHOW: _("Not picked up"),
    }[Status(status)]


def label(order: Order) -> str:
    """Return the word a customer reads for their order's status; if somebody else took it, that it was taken."""
    return _(TAKEN_BY_ANOTHER) if order.written_off_because == TAKEN_BY_ANOTHER else label_of(order.status)


def excuse(order: Order) -> str:
    """Return what a customer reads if the order was written off for a reason that leaves nothing to pay; else ""."""
    return WRITE_OFF_MESSAGES.get(order.written_off_because, "")


def payment_sentence(order: Order) -> str:
    """Return what a customer reads about the money of their order."""
    words = {"total": money(order.total), "number": order.number}
    if order.is_owed_back:
        return _("You get %(total)s back: ask at the counter, with your number %(number)s.") % words
    if order.payment_status == PaymentStatus.REFUNDED:
        return _("%(total)s was given back to you.") % words
    if order.payment_status == PaymentStatus.PAID:
        return _("Paid. Thank you.")
    if not order.is_payment_open:
        return _("Nothing to pay.")
    if order.is_open:
        return _("%(total)s to pay at the counter, now or when you pick it up.") % words
    return str(excuse(order)) or _("%(total)s is not paid yet: please pay at the counter.") % words


def steps(order: Order, events: Iterable[OrderEvent]) -> list[Step]:
    """Return the timeline of an order with the time of each step reached; a step that was undone has no time.

    A restored order keeps the times of its earlier steps. An order that is ended again has the time of its last end.
    """
    reached: dict[str, datetime] = {}
    for event in events:
        status = event.to_status
        if status in WAY:
            so_far = WAY[: WAY.index(Status(status)) + 1]
            reached = {step: at for step, at in reached.items() if step in so_far}
            reached.setdefault(status, event.at)
        elif status in Status.values:
            reached[status] = event.at
    way = WAY if order.status in WAY else (*(step for step in WAY if step in reached), Status(order.status))
    labels = {status: label_of(status) for status in way} | {order.status: label(order)}
    return [Step(status, labels[status], reached.get(status), is_current=status == order.status) for status in way]
