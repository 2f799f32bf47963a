"""Stock counts and each change of one. `orders.services` alone writes them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class Stock(models.Model):
    """How many of an item are left; an item without a row is not counted.

    `counting_since` (the start of counting, or the last reset) identifies this count: each of its moves copies it,
    and a cancelled order gives back only to the count that it claimed from. Only staff set `counted_on` back.
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
        """True if the daily reset is due: from the start of a business day until its first claim, which writes it."""
        return self.daily is not None and self.counted_on < today

    def left(self, today: date) -> int:
        """How many can be sold on this business day: the daily count if its reset is due."""
        return (self.daily or 0) if self.is_due(today) else self.available

    def is_ahead(self, today: date) -> bool:
        """True for a daily count dated after today: it was reset before the date went back."""
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
    # Null: the customer. PROTECT keeps the account while a move refers to it.
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
    # `Stock.counting_since` of the count that it belongs to; null for moves of earlier releases.
    counting_since = models.DateTimeField(_("counting since"), null=True, editable=False)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.delta:+d}"
