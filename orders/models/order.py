"""Orders with their lines and events. `orders.services` alone writes status and payment."""

import secrets
from decimal import Decimal
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from menu.dietary.allergens import UNSTATED, DietaryInfo
from menu.fields import LANGUAGE_SUFFIXES, AsciiKeyField, AsciiSlugField, translated
from menu.options.labels import label
from orders import reasons
from orders.models.statuses import (
    BACK,
    CUSTOMER_TRANSITIONS,
    NOT_HANDED_OVER,
    OPEN,
    PATIENCE_S,
    REPAYMENT_IS_SEEN_S,
    RESTORED,
    UNDO_IS_SEEN_S,
    PaymentStatus,
    Status,
)
from orders.pricing import line_total


def new_token() -> str:
    """Return 128 random bits as 22 ASCII characters."""
    return secrets.token_urlsafe(16)


_ANY = "TOKEN"  # a placeholder for the token in the cached address of an order


@lru_cache(maxsize=16)
def _order_address(language: str, _prefix: str) -> str:
    """Return the address of an order, with `_ANY` as its token. The cache key is the language and SCRIPT_NAME."""
    with override(language):
        return reverse("orders:order", args=[_ANY])


class Order(models.Model):
    class Fulfilment(models.TextChoices):
        HERE = "here", _("For here")
        TO_GO = "to_go", _("To go")

    token = AsciiKeyField(_("token"), max_length=22, unique=True, default=new_token, editable=False)
    number = models.PositiveIntegerField(_("number"), help_text=_("Called at the bar; unique on its day."))
    business_day = models.DateField(_("business day"))
    # Null: another open order had the same number when the unique constraint on `open_number` was introduced.
    holds_number = models.BooleanField(null=True, default=True, db_default=True, editable=False)
    open_number = models.GeneratedField(
        expression=Case(When(Q(holds_number=True, status__in=OPEN), then=F("number"))),
        output_field=models.PositiveIntegerField(null=True),
        db_persist=False,
    )
    customer_name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    fulfilment = models.CharField(
        _("here or to go"), max_length=10, choices=Fulfilment.choices, default=Fulfilment.TO_GO
    )
    language = models.CharField(_("language"), max_length=10, default=settings.LANGUAGE_CODE)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    payment_status = models.CharField(
        _("payment"), max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    submission_key = AsciiKeyField(_("submission key"), max_length=200, unique=True, null=True, editable=False)
    submission_hash = AsciiKeyField(_("submission hash"), max_length=64, blank=True, editable=False)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now, db_index=True)
    moved_at = models.DateTimeField(_("last moved"), default=timezone.now)

    was_placed_before = False  # set by `services.place_order`: an earlier call with the same key placed it

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-id"]
        indexes = [models.Index(fields=["status", "payment_status", "placed_at"], name="order_status_payment")]
        permissions = [("work_bar", _("Can work the bar")), ("refund_order", _("Can refund an order"))]
        constraints = [
            models.UniqueConstraint(fields=["business_day", "number"], name="order_number_once_a_day"),
            models.UniqueConstraint(fields=["open_number"], name="order_number_open_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="order_status_known"),
            models.CheckConstraint(condition=Q(payment_status__in=PaymentStatus.values), name="order_payment_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    def get_absolute_url(self) -> str:
        return _order_address(self.language, get_script_prefix()).replace(_ANY, self.token)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def tells_contents(self) -> bool:
        """True if the allergens of at least one line are known; if not, the pages show nothing about allergens."""
        return any(line.contents != UNSTATED for line in self.lines.all())

    @property
    def advance_label(self) -> str:
        """The label of the barista board's button for the next status; "" if there is none."""
        words = {Status.PENDING: _("Start"), Status.PREPARING: _("Ready"), Status.READY: _("Picked up")}
        return str(words.get(Status(self.status), ""))

    @property
    def age_left(self) -> int:
        """How much of the waiting time `PATIENCE_S` is left, in percent; the barista board's script updates it."""
        waited_s = (timezone.now() - self.placed_at).total_seconds()
        return max(0, round(100 - 100 * waited_s / PATIENCE_S))

    @property
    def can_go_back(self) -> bool:
        return self.status in BACK

    @property
    def is_settled(self) -> bool:
        """True when polling may stop: the order ended, and the time to undo that or to give money back is over."""
        waited_s = (timezone.now() - self.moved_at).total_seconds()
        is_seen_s = REPAYMENT_IS_SEEN_S if self.is_owed_back else UNDO_IS_SEEN_S
        return not self.is_open and waited_s > is_seen_s

    @property
    def is_owed_back(self) -> bool:
        """True while the café holds money for an order that it did not hand over."""
        return self.status in NOT_HANDED_OVER and self.payment_status == PaymentStatus.PAID and self.total > 0

    @property
    def is_payment_open(self) -> bool:
        """True while payment is due for an order that was handed over, or still may be."""
        is_unpaid = self.payment_status in (PaymentStatus.UNPAID, PaymentStatus.WRITTEN_OFF)
        return is_unpaid and self.total > 0 and self.status not in NOT_HANDED_OVER

    @property
    def is_handed_over_for_money(self) -> bool:
        """True when the next move forward hands over an order that is not paid yet."""
        return self.status == Status.READY and self.is_payment_open

    @property
    def written_off_because(self) -> str:
        """The stored reason of its write-off; "" if it is not written off. Reads the order's events."""
        if self.payment_status != PaymentStatus.WRITTEN_OFF:
            return ""
        ends = [event for event in self.events.all() if event.to_status == PaymentStatus.WRITTEN_OFF]
        return ends[-1].reason if ends else ""

    @property
    def payment_words(self) -> str:
        """What staff read about its payment: its status, or the reason of its write-off."""
        why, words = self.written_off_because, str(self.get_payment_status_display())
        if not why or why in reasons.READY_MADE:
            return reasons.label_of(why) or words
        return f"{words} · {why}"

    @property
    def can_be_restored(self) -> bool:
        return self.status in RESTORED

    @property
    def can_be_cancelled_by_customer(self) -> bool:
        return Status.CANCELLED in CUSTOMER_TRANSITIONS.get(Status(self.status), set())


class OrderLine(models.Model):
    """One line as it was sold: names, options, price and allergens are copies that no menu change affects."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    item_id = models.PositiveBigIntegerField(_("item id"))
    item_slug = AsciiSlugField(_("item slug"), max_length=60, db_index=False)
    name_en = models.CharField(_("name (English)"), max_length=60)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=60)
    # An option also has its group's name (group_en, group_zh_hans) if its own is ambiguous: `menu.options.labels`.
    options = models.JSONField(_("options"), default=list, help_text="[{id, name_en, name_zh_hans, price_delta}, …]")
    # Of the item with its options. A release that does not know these columns writes the defaults: nothing is stated.
    allergens = models.CharField(_("allergens"), max_length=150, blank=True, default="", db_default="")
    allergens_are_stated = models.BooleanField(
        _("this list of allergens is complete"), default=False, db_default=False
    )
    unit_price = models.DecimalField(_("unit price"), max_digits=10, decimal_places=2)
    quantity = models.PositiveIntegerField(_("quantity"))
    was_counted = models.BooleanField(_("was counted"), default=False)

    name = translated("name")

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="order_line_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def total(self) -> Decimal:
        return line_total(self.unit_price, self.quantity)

    @property
    def option_names(self) -> list[str]:
        """The chosen options in the active language, as they were called when the line was sold."""
        own = LANGUAGE_SUFFIXES.get(get_language() or "", "zh_hans")
        return [label(option[f"name_{own}"], option.get(f"group_{own}", "")) for option in self.options]

    @property
    def contents(self) -> DietaryInfo:
        """The allergens of the item with its options, as they were stated when the line was sold."""
        return DietaryInfo(self.allergens, self.allergens_are_stated)
