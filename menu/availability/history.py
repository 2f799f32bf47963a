"""History of availability: who changed a switch, a price or a stock count, when and why (an append-only table)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from menu.availability import reasons
from menu.fields import translated

# The fields of an item or an option whose changes are recorded. Those in NEEDS_REASON change only with a reason.
RECORDED = ("is_available", "is_listed", "price", "price_delta")
NEEDS_REASON = ("is_available", "is_listed")
NO_REASON = gettext_lazy("Say why: pick a reason or write one.")


class AvailabilityChange(models.Model):
    """One change of availability or price; append-only. Names are copies: the item or option may be deleted later."""

    class What(models.TextChoices):
        IS_AVAILABLE = "is_available", gettext_lazy("available")
        IS_LISTED = "is_listed", gettext_lazy("on the menu")
        PRICE = "price", gettext_lazy("price")
        PRICE_DELTA = "price_delta", gettext_lazy("price difference")
        COUNT = "count", gettext_lazy("count")
        DAILY = "daily", gettext_lazy("each morning")
        ADDED = "added", gettext_lazy("was added")
        REMOVED = "removed", gettext_lazy("was removed")

    at = models.DateTimeField(gettext_lazy("at"), default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=gettext_lazy("actor"),
    )
    item_id = models.PositiveBigIntegerField(gettext_lazy("item id"), null=True)
    option_id = models.PositiveBigIntegerField(gettext_lazy("option id"), null=True)
    name_en = models.CharField(gettext_lazy("name (English)"), max_length=60)
    name_zh_hans = models.CharField(gettext_lazy("name (Chinese)"), max_length=60)
    what = models.CharField(gettext_lazy("what"), max_length=20, choices=What.choices)
    before = models.CharField(gettext_lazy("before"), max_length=20, blank=True)
    after = models.CharField(gettext_lazy("after"), max_length=20, blank=True)
    reason = models.CharField(gettext_lazy("reason"), max_length=reasons.MAX_REASON_LENGTH, blank=True)

    name = translated("name")

    class Meta:
        verbose_name = gettext_lazy("change of availability")
        verbose_name_plural = gettext_lazy("changes of availability")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_what_display()}"


@dataclass(frozen=True)
class Why:
    """The person who changes something, and their reason."""

    actor: User | None
    reason: str = ""


def record(thing: Any, what: str, before: Any, after: Any, why: Why) -> None:
    """Insert one change of an item or an option. Call it in the transaction that makes the change."""
    AvailabilityChange.objects.create(
        actor=why.actor,
        reason=why.reason,
        what=what,
        before=_written(before),
        after=_written(after),
        name_en=thing.name_en,
        name_zh_hans=thing.name_zh_hans,
        **{f"{thing._meta.model_name}_id": thing.pk},
    )


def changes_in(form: Any) -> Iterable[tuple[str, Any, Any]]:
    """Yield what a valid form of an item or an option changes: field, the database's value, the new one."""
    for name in RECORDED:
        if name in form.cleaned_data and form.initial.get(name) != form.cleaned_data[name]:
            yield name, form.initial.get(name), form.cleaned_data[name]


def record_changes(form: Any, why: Why) -> None:
    for what, before, after in changes_in(form):
        record(form.instance, what, before, after, why)


def check_reason(forms: Iterable[Any], data: Mapping[str, Any], *, removes: bool = False) -> None:
    """Raise ValidationError when one of these forms takes something off sale, or puts it on, and `data` has no
    reason; and for a reason that is refused. `removes`: rows are deleted, too, which also needs a reason."""
    reason = reasons.reason_in(data)
    changed = {what for form in forms if form.instance.pk for what, *_values in changes_in(form)}
    if (removes or changed.intersection(NEEDS_REASON)) and not reason:
        raise ValidationError(str(NO_REASON), "no_reason")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
