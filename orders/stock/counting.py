"""Stock counts by staff: set, add to, confirm or end a count. The helpers run inside a service's transaction."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from menu.availability import history
from menu.availability.history import AvailabilityChange, Why
from menu.models import Item
from orders.errors import Invalid, NotAllowedNow
from orders.models import Stock, StockMove
from orders.transactions import run_in_transaction

MAX_STOCK = 1_000_000


class Unset(Enum):
    """Sentinel of an argument: leave the value as it is."""

    UNSET = "keep"


UNSET = Unset.UNSET


def check_count(count: int | None) -> None:
    """Raise Invalid for a count that is not between 0 and `MAX_STOCK`; None passes."""
    if count is not None and not 0 <= count <= MAX_STOCK:
        raise Invalid(_("A count is between 0 and 1,000,000."))


def locked_stock(item: Item, expected: int | Unset | None, now: datetime) -> Stock | None:
    """Return the stock row of an item, locked until the transaction ends; None if the item is not counted.

    Raises NotAllowedNow if the number left is not `expected`.
    """
    stock = Stock.objects.select_for_update().filter(item_id=item.pk).first()
    left = stock.left(timezone.localdate(now)) if stock else None
    if expected is not UNSET and expected != left:
        words = _("nobody counts") if left is None else str(left)
        raise NotAllowedNow(_("The count has changed meanwhile (now: %(left)s). Look again.") % {"left": words})
    return stock


def count_to_begin_with(stock: Stock | None, count: int | None, daily: int | Unset | None) -> int | None:
    """Return `count`; if it is None and the item is not counted yet, the daily count to begin with.

    Raises Invalid for an item that is counted and would get a daily count without a count.
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
    daily: int | Unset | None,
    why: Why,
    now: datetime,
    is_todays: bool,
) -> Stock | None:
    """Write the count of a locked stock row, its stock move and its history entry; a `count` of None ends the count.

    `counted_on` goes back only with `is_todays`. Returns the stock, or None if the item is no longer counted.
    """
    if stock is None and count is None:
        return None
    today = timezone.localdate(now)
    before = (stock.left(today), stock.daily) if stock else (None, None)
    delta = (count or 0) - (stock.available if stock else 0)
    stock = stock or Stock(item_id=item.pk, counting_since=now, counted_on=today)
    if stock.is_due(today):
        stock.counting_since = now
    stock.daily = stock.daily if daily is UNSET else daily
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
    """End the count of an item before it is deleted. Its history and its stock moves stay; the moves add up to 0."""
    now = timezone.now()
    set_count(item, locked_stock(item, UNSET, now), None, None, why, now, False)


def _remember(item: Item, delta: int, counting_since: datetime, why: Why, now: datetime) -> None:
    StockMove.objects.create(
        item_id=item.pk, delta=delta, reason=why.reason, actor=why.actor, at=now, counting_since=counting_since
    )


def _record_count(item: Item, before: tuple[Any, Any], after: tuple[Any, Any], why: Why) -> None:
    """Write a history entry for each of count and daily count that changed; if neither, one for a confirmed count."""
    if before[1] != after[1]:
        history.record(item, AvailabilityChange.What.DAILY, before[1], after[1], why)
    if before[0] != after[0] or before[1] == after[1]:
        history.record(item, AvailabilityChange.What.COUNT, before[0], after[0], why)


def set_stock(
    *,
    item: Item,
    available: int | Unset | None,
    reason: str,
    actor: User | None = None,
    daily: int | Unset | None = UNSET,
    expected: int | Unset | None = UNSET,
    is_todays: bool = False,
) -> Stock | None:
    """Set the count of an item and write its stock move, also one of 0.

    `available`: the new count; None stops counting and writes the closing move, but an item that is not counted yet
    begins with `daily`; UNSET confirms what is left.
    `daily`: the count of each morning; None: the count continues from day to day; UNSET: unchanged.
    `expected`: the number that the caller saw left; None: the item was not counted; UNSET: not compared.
    `is_todays`: date a count of a later day (`selectors.counts_ahead`) today; else it keeps its date.

    Returns the stock, or None if the item is no longer counted. Raises Invalid for a count out of range, and for an
    item that is counted and would get a `daily` without a count; NotAllowedNow if the number left is not `expected`;
    Unavailable, NotKnownYet.
    """
    for count in (available, daily):
        check_count(None if count is UNSET else count)

    def attempt() -> Stock | None:
        now = timezone.now()
        stock = locked_stock(item, expected, now)
        left = stock.left(timezone.localdate(now)) if stock else None
        count = count_to_begin_with(stock, left if available is UNSET else available, daily)
        return set_count(item, stock, count, daily, Why(actor, reason), now, is_todays)

    return run_in_transaction(attempt)


def restock(
    *,
    item: Item,
    quantity: int,
    reason: str,
    actor: User | None = None,
    daily: int | Unset | None = UNSET,
    expected: int | Unset | None = UNSET,
    is_todays: bool = False,
) -> Stock | None:
    """Add `quantity` to the count of an item, even if some were sold meanwhile, and write the stock move.

    The other arguments are those of `set_stock`. Raises Invalid (also if the item is not counted), NotAllowedNow,
    Unavailable, NotKnownYet.
    """
    if not 1 <= quantity <= MAX_STOCK:
        raise Invalid(_("Add a whole number from 1 on."))

    def attempt() -> Stock | None:
        now = timezone.now()
        stock = locked_stock(item, expected, now)
        if stock is None:
            raise Invalid(_("%(item)s is not counted; set a count first.") % {"item": item.name})
        count = stock.left(timezone.localdate(now)) + quantity
        check_count(count)
        return set_count(item, stock, count, daily, Why(actor, reason), now, is_todays)

    return run_in_transaction(attempt)
