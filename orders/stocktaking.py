"""What staff count: a count set, added to, confirmed or ended. Called inside a service's transaction."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from menu import availability
from menu.availability import AvailabilityChange, Why
from menu.models import Item
from orders.errors import Invalid, NotAllowedNow
from orders.models import Stock, StockMove

MOST_COUNTED = 1_000_000


class Keep(Enum):
    """The word for "as it is"."""

    KEEP = "keep"


KEEP = Keep.KEEP


def check_count(count: int | None) -> None:
    """Raise Invalid for a count that is no count."""
    if count is not None and not 0 <= count <= MOST_COUNTED:
        raise Invalid(_("A count is between 0 and 1,000,000."))


def locked_stock(item: Item, expected: int | Keep | None, now: datetime) -> Stock | None:
    """Return the stock of an item, locked until the transaction ends; None when nobody counts it.

    Raises NotAllowedNow when what is left is not what was expected.
    """
    stock = Stock.objects.select_for_update().filter(item_id=item.pk).first()
    left = stock.left(timezone.localdate(now)) if stock else None
    if expected is not KEEP and expected != left:
        words = _("nobody counts") if left is None else str(left)
        raise NotAllowedNow(_("The count has changed meanwhile (now: %(left)s). Look again.") % {"left": words})
    return stock


def count_to_begin_with(stock: Stock | None, count: int | None, daily: int | Keep | None) -> int | None:
    """Return the count that staff ask for: an item that nobody counts begins with its daily count when there is none.

    Raises Invalid for no count beside a daily one of an item that is counted.
    """
    if count is not None or not isinstance(daily, int):
        return count
    if stock:
        raise Invalid(_("To stop counting, empty “each morning” as well. To go on, enter a count."))
    return daily


def set_count(
    item: Item,
    stock: Stock | None,
    count: int | None,
    daily: int | Keep | None,
    why: Why,
    now: datetime,
    is_todays: bool,
) -> Stock | None:
    """Write the count of a locked stock, its move and its line in the history; None ends the counting.

    The day of a count goes back only with `is_todays`. Return the stock, or None when nobody counts any more.
    """
    if stock is None and count is None:
        return None
    today = timezone.localdate(now)
    before = (stock.left(today), stock.daily) if stock else (None, None)
    delta = (count or 0) - (stock.available if stock else 0)
    stock = stock or Stock(item_id=item.pk, counting_since=now, counted_on=today)
    if stock.is_due(today):
        stock.counting_since = now
    stock.daily = stock.daily if daily is KEEP else daily
    _remember(item, delta, stock.counting_since, why, now)
    _record_count(item, before, (count, None if count is None else stock.daily), why)
    if count is None:
        stock.delete()
        return None
    stock.available, stock.counted_on = count, today if is_todays else max(stock.counted_on, today)
    stock.save()
    return stock


def counts_of(items: Iterable[Item]) -> list[Stock]:
    return list(Stock.objects.filter(item__in=[item.pk for item in items]).select_related("item"))


def stop_counting(item: Item, why: Why) -> None:
    """End the count of an item that is about to be deleted: its moves and its history stay, and add up to nothing."""
    now = timezone.now()
    set_count(item, locked_stock(item, KEEP, now), None, None, why, now, False)


def _remember(item: Item, delta: int, counting_since: datetime, why: Why, now: datetime) -> None:
    StockMove.objects.create(
        item_id=item.pk, delta=delta, reason=why.reason, actor=why.actor, at=now, counting_since=counting_since
    )


def _record_count(item: Item, before: tuple[Any, Any], after: tuple[Any, Any], why: Why) -> None:
    """Write into the history which of count and daily count changed; a count that was confirmed, as well."""
    if before[1] != after[1]:
        availability.record(item, AvailabilityChange.What.DAILY, before[1], after[1], why)
    if before[0] != after[0] or before[1] == after[1]:
        availability.record(item, AvailabilityChange.What.COUNT, before[0], after[0], why)
