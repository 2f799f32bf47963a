"""The business day of the shop, in its time zone."""

from datetime import date, datetime

from django.utils import timezone


def business_day(at: datetime | None = None) -> date:
    """Return the business day of a moment (default: now)."""
    return timezone.localdate(at)
