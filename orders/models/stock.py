"""What is scarce, and each change of it. `orders.services` alone writes it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class Stock(models.Model):
    """How many of an item are left; no row means that nobody counts.

    `counting_since` (counting begun, or the last reset) names this count: each of its moves copies it, and an order
    that is cancelled gives back only to the count that it claimed from. `counted_on` goes back only by staff.
    Stop counting before deleting an item: `services.set_stock` writes the closing move.
    """

    item = models.OneToOneField(
        "menu.Item", models.PROTECT, db_constraint=False, related_name="stock", verbose_name=_("item")
    )
    available = models.PositiveIntegerField(_("available"))
    daily = models.PositiveIntegerField(
        _("each morning"), null=True, blank=True, help_text=_("Empty: the count goes on from day to day.")
    )
    counted_on = models.DateField(_("counted on"), default=timezone.localdate)
    counting_since = models.DateTimeField(_("counting since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        ordering = ["item_id"]
        constraints = [models.CheckConstraint(condition=Q(available__gte=0), name="stock_not_negative")]

    def __str__(self) -> str:
        return f"{self.item}: {self.available}"

    def is_due(self, today: date) -> bool:
        """True from the start of a business day until its first claim, which writes the reset."""
        return self.daily is not None and self.counted_on < today

    def left(self, today: date) -> int:
        """How many can be sold on this business day: a count that is due for its reset counts as full."""
        return (self.daily or 0) if self.is_due(today) else self.available

    def is_ahead(self, today: date) -> bool:
        """True for a daily count of a day that is still to come: it was reset before the date went back."""
        return self.daily is not None and self.counted_on > today


class StockMove(models.Model):
    """One change of a count; append-only. A count is the sum of its moves."""

    ORDERED = "ordered"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    RESET = "reset"

    item_id = models.PositiveBigIntegerField(_("item id"), db_index=True)
    delta = models.IntegerField(_("change"))
    reason = models.CharField(_("reason"), max_length=200)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="stock_moves", verbose_name=_("order")
    )
    # Nobody is the customer. The account is kept while the books name it.
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
    # `Stock.counting_since` of the count that it belongs to; null for moves of the releases before.
    counting_since = models.DateTimeField(_("counting since"), null=True, editable=False)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.delta:+d}"
