"""The business day, and until when an ended order can be restored."""

from datetime import date, datetime

from django.utils import timezone

from orders.models import Order, PaymentStatus


def business_day(at: datetime | None = None) -> date:
    """Return the business day of a moment (default: now)."""
    return timezone.localdate(at)


def can_restore(order: Order) -> bool:
    """Return whether staff may restore a cancelled or no-show order: on the day it ended, unless it was refunded.

    `services.restore_order` refuses it as well while another open order has its number.
    """
    is_today = business_day(order.moved_at) >= business_day()
    return order.can_be_restored and is_today and order.payment_status != PaymentStatus.REFUNDED
