"""What is scarce: reading counts, and moving them by conditional UPDATE. Called inside a service's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from cafe import prepared
from orders.attempts import Conflict
from orders.errors import Shortage, SoldOut
from orders.models import Order, Stock, StockMove
from orders.sale import Sale

_take = prepared.Update(
    lambda pk, day, least, delta: (
        Stock.objects.filter(pk=pk, counted_on=day, available__gte=least),
        {"available": F("available") + delta},
    )
)
_reset = prepared.Update(
    lambda pk, day, available, daily, morning, today, at: (
        Stock.objects.filter(pk=pk, counted_on=day, available=available, daily=daily),
        {"available": morning, "counted_on": today, "counting_since": at},
    )
)


@dataclass(frozen=True)
class Change:
    """A change of one count. `stock` is the row as it was read; it is matched again when it is written."""

    stock: Stock
    delta: int
    at: datetime
    today: date

    @property
    def resets(self) -> int | None:
        """The delta of the daily reset that this change writes first, if it is due."""
        stock = self.stock
        return (stock.daily or 0) - stock.available if stock.is_due(self.today) else None


def changes_to_claim(need: Mapping[int, int], sales: Sequence[Sale], now: datetime) -> list[Change]:
    """Return the claims on the counted items, in the order of their keys.

    Raises SoldOut with every shortage seen, and Conflict at midnight, when another program is a day ahead.
    """
    today = timezone.localdate(now)
    items = {sale.item.id: sale.item for sale in sales}
    stocks = sorted((item.stock for item in items.values() if item.stock), key=lambda stock: stock.pk)
    if any(stock.daily is not None and stock.counted_on > today for stock in stocks):
        raise Conflict
    shortages = [
        Shortage(stock.item_id, items[stock.item_id].slug, items[stock.item_id].name, stock.left(today))
        for stock in stocks
        if stock.left(today) < need[stock.item_id]
    ]
    if shortages:
        raise SoldOut(shortages=shortages)
    return [Change(stock, -need[stock.item_id], now, today) for stock in stocks]


def changes_to_give_back(order: Order, now: datetime) -> list[Change]:
    """Return the changes that undo an order's claims on the counts it claimed from. A count that was begun or reset
    since, or is due to be, is another one: yesterday's croissant does not come back."""
    back: dict[int, int] = {}
    for line in order.lines.all():
        if line.was_counted:
            back[line.item_id] = back.get(line.item_id, 0) + line.quantity
    stocks = Stock.objects.filter(item_id__in=back).order_by("pk")
    today = timezone.localdate(now)
    return [
        Change(stock, back[stock.item_id], now, today)
        for stock in stocks
        if stock.counting_since <= order.placed_at and not stock.is_due(today)
    ]


def moves_of(changes: Sequence[Change], reason: str, order: Order, actor: User | None = None) -> list[dict[str, Any]]:
    """Return the `StockMove`s that remember these changes, by column."""
    moves: list[dict[str, Any]] = []
    who = actor.pk if actor else None
    for change in changes:
        item_id = change.stock.item_id
        if change.resets is not None:
            moves.append({"item_id": item_id, "delta": change.resets, "reason": StockMove.RESET})
        moves.append(
            {"item_id": item_id, "delta": change.delta, "reason": reason, "order_id": order.pk, "actor_id": who}
        )
    return moves


def write(changes: Sequence[Change], *before: prepared.Written) -> None:
    """Write the counts in their order, after what is to be written before them: in one round trip.

    Raises Conflict for a row that is no longer as it was read.
    """
    matched = prepared.send(*before, *map(claim, changes))
    if not all(matched[len(matched) - len(changes) :]):
        raise Conflict


def claim(change: Change) -> prepared.Written:
    """Return the conditional UPDATE of one count; it matches 1 row, or 0 when somebody was faster."""
    stock = change.stock
    if change.resets is None:
        return _take(pk=stock.pk, day=stock.counted_on, least=-change.delta, delta=change.delta)
    return _reset(
        pk=stock.pk,
        day=stock.counted_on,
        available=stock.available,
        daily=stock.daily,
        morning=(stock.daily or 0) + change.delta,
        today=change.today,
        at=change.at,
    )
