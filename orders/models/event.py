"""The history of an order: one row for each move of its status or payment."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders import reasons
from orders.models.order import Order
from orders.models.statuses import MOVE_LABELS


class OrderEvent(models.Model):
    """One move of an order's status or payment; append-only."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events", verbose_name=_("order"))
    from_status = models.CharField(_("from"), max_length=20, blank=True)
    to_status = models.CharField(_("to"), max_length=20)
    # Null: the customer. PROTECT keeps the account while an event refers to it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("actor"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_label} → {self.to_label}"

    @property
    def from_label(self) -> str:
        return MOVE_LABELS.get(self.from_status, self.from_status)

    @property
    def to_label(self) -> str:
        return MOVE_LABELS.get(self.to_status, self.to_status)

    @property
    def why(self) -> str:
        return reasons.label_of(self.reason)
