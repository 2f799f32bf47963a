"""The statuses of orders and payments, and the allowed moves of an order's status."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    PENDING = "pending", _("New")
    PREPARING = "preparing", _("In preparation")
    READY = "ready", _("Ready")
    COMPLETED = "completed", _("Picked up")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("Not picked up")


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("Unpaid")
    PAID = "paid", _("Paid")
    REFUNDED = "refunded", _("Refunded")
    WRITTEN_OFF = "written_off", _("Gone without paying")


# Every allowed move, by its exact from and to; `orders.services` writes each as UPDATE … WHERE status = from.
FORWARD = {
    Status.PENDING: Status.PREPARING,
    Status.PREPARING: Status.READY,
    Status.READY: Status.COMPLETED,
}
BACK = {after: before for before, after in FORWARD.items()}
ALLOWED_TRANSITIONS = {
    Status.PENDING: {Status.PREPARING, Status.CANCELLED},
    Status.PREPARING: {Status.READY, Status.PENDING, Status.CANCELLED},
    Status.READY: {Status.COMPLETED, Status.PREPARING, Status.CANCELLED, Status.NO_SHOW},
    Status.COMPLETED: {Status.READY},
    Status.CANCELLED: {Status.PENDING},
    Status.NO_SHOW: {Status.READY},
}
# The status to which an order that was ended by mistake is restored.
RESTORED = {Status.CANCELLED: Status.PENDING, Status.NO_SHOW: Status.READY}
MOVE_LABELS: dict[str, Any] = dict(Status.choices) | dict(PaymentStatus.choices)
CUSTOMER_TRANSITIONS = {Status.PENDING: {Status.CANCELLED}}
PATIENCE_S = 600
UNDO_IS_SEEN_S = 120
REPAYMENT_IS_SEEN_S = 3600
OPEN = (Status.PENDING, Status.PREPARING, Status.READY)
NOT_HANDED_OVER = (Status.CANCELLED, Status.NO_SHOW)
