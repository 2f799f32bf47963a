"""What is scarce: reading counts, and moving them by conditional UPDATE. Called inside a service's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

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


@dataclass(frozen=True)
class Change:
    """A change of one count. `stock` is the row as it was read; it is matched again when it is written."""

    stock: Stock
    delta: int
    at: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

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
    return [Change(stock, -need[stock.item_id], now) for stock in stocks]


def changes_to_give_back(order: Order, now: datetime) -> list[Change]:
    """Return the changes that undo an order's claims on the counts it claimed from. A count that was begun or reset
    since, or is due to be, is another one: yesterday's croissant does not come back."""
    back: dict[int, int] = {}
    for line in order.lines.all():
        if line.was_counted:
            back[line.item_id] = back.get(line.item_id, 0) + line.quantity
    stocks = Stock.objects.filter(item_id__in=back).order_by("pk")
    return [
        Change(stock, back[stock.item_id], now)
        for stock in stocks
        if stock.counting_since <= order.placed_at and not stock.is_due(timezone.localdate(now))
    ]


def moves_of(changes: Sequence[Change], reason: str, order: Order, actor: User | None = None) -> list[StockMove]:
    """Return the moves that remember these changes."""
    moves: list[StockMove] = []
    for change in changes:
        item_id = change.stock.item_id
        if change.resets is not None:
            moves.append(StockMove(item_id=item_id, delta=change.resets, reason=StockMove.RESET))
        moves.append(StockMove(item_id=item_id, delta=change.delta, reason=reason, order=order, actor=actor))
    return moves


def move(changes: Sequence[Change]) -> None:
    """Write the counts. Raises Conflict for a row that is no longer as it was read."""
    for change in changes:
        if not claim(change):
            raise Conflict


def claim(change: Change) -> int:
    """Write one count by one conditional UPDATE; return how many rows matched: 1, or 0 when somebody was faster."""
    stock = change.stock
    if change.resets is None:
        return _take(pk=stock.pk, day=stock.counted_on, least=-change.delta, delta=change.delta)
    morning = (stock.daily or 0) + change.delta
    row = Stock.objects.filter(pk=stock.pk, counted_on=stock.counted_on)
    return row.filter(available=stock.available, daily=stock.daily).update(
        available=morning, counted_on=change.today, counting_since=change.at
    )
