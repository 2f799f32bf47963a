"""Stock claims: reads counts, and changes them by conditional UPDATE. Called inside a service's transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from cafe.db import compiled_queries
from orders.errors import Shortage, SoldOut
from orders.models import Order, Stock, StockMove
from orders.placing.lines import PricedLine
from orders.transactions import Conflict

_take = compiled_queries.Update(
    lambda pk, day, least, delta: (
        Stock.objects.filter(pk=pk, counted_on=day, available__gte=least),
        {"available": F("available") + delta},
    )
)
_reset = compiled_queries.Update(
    lambda pk, day, available, daily, morning, today, at: (
        Stock.objects.filter(pk=pk, counted_on=day, available=available, daily=daily),
        {"available": morning, "counted_on": today, "counting_since": at},
    )
)


@dataclass(frozen=True)
class Change:
    """A change of one count. `stock` is the row as it was read; the conditional UPDATE compares it again."""

    stock: Stock
    delta: int
    at: datetime
    today: date

    @property
    def resets(self) -> int | None:
        """The delta of the daily reset that this change writes first; None if no reset is due."""
        stock = self.stock
        return (stock.daily or 0) - stock.available if stock.is_due(self.today) else None

    @property
    def counting_since(self) -> datetime:
        """The start of the count that this change belongs to (`StockMove.counting_since`)."""
        return self.stock.counting_since if self.resets is None else self.at


def changes_to_claim(need: Mapping[int, int], sales: Sequence[PricedLine], now: datetime) -> list[Change]:
    """Return the claims on the counted items, in primary key order.

    A count dated after today is claimed without a reset: another instance is past midnight already, or the date was
    set back (`selectors.counts_ahead`). Raises SoldOut with every shortage seen.
    """
    items = {sale.item.id: sale.item for sale in sales}
    stocks = sorted((item.stock for item in items.values() if item.stock), key=lambda stock: stock.pk)
    return _claims_on(stocks, need, now, lambda item_id: (items[item_id].slug, items[item_id].name))


def _claims_on(
    stocks: Sequence[Stock], need: Mapping[int, int], now: datetime, called: Callable[[int], tuple[str, str]]
) -> list[Change]:
    """Return the claims on these counts; `called` returns slug and name of an item id. Raises SoldOut."""
    today = timezone.localdate(now)
    shortages = [
        Shortage(stock.item_id, *called(stock.item_id), stock.left(today))
        for stock in stocks
        if stock.left(today) < need[stock.item_id]
    ]
    if shortages:
        raise SoldOut(shortages=shortages)
    return [Change(stock, -need[stock.item_id], now, today) for stock in stocks]


def changes_to_give_back(order: Order, now: datetime) -> list[Change]:
    """Return the changes that undo an order's claims on the counts that it claimed from.

    Skip a count that was started or reset after the claim, or whose reset is due: it belongs to another day.
    """
    claims = _claims(order)
    stocks = Stock.objects.filter(item_id__in=[item_id for item_id, claim in claims.items() if claim.pieces])
    today = timezone.localdate(now)
    return [
        Change(stock, claims[stock.item_id].pieces, now, today)
        for stock in stocks.order_by("pk")
        if claims[stock.item_id].is_on(stock) and not stock.is_due(today)
    ]


def changes_to_claim_again(order: Order, now: datetime) -> list[Change]:
    """Return the claims of a restored order for the stock that it has given back.

    Lines of an item that is no longer counted get `was_counted` False. Raises SoldOut with every shortage.
    """
    returned = [item_id for item_id, claim in _claims(order).items() if not claim.pieces]
    if not returned:
        return []
    lines = {line.item_id: line for line in order.lines.all() if line.was_counted and line.item_id in returned}
    need = Counter[int]()
    for line in order.lines.all():
        need[line.item_id] += line.quantity if line.item_id in lines else 0
    stocks = list(Stock.objects.filter(item_id__in=lines).order_by("pk"))
    uncounted = lines.keys() - {stock.item_id for stock in stocks}
    order.lines.filter(item_id__in=uncounted).update(was_counted=False)
    return _claims_on(stocks, need, now, lambda item_id: (lines[item_id].item_slug, lines[item_id].name))


@dataclass(frozen=True)
class Claim:
    """An order's claim on the count of one item. `pieces`: the quantity it holds; 0 after it was given back.

    `at`: the time of its last claim. `counting_since`: identifies the count that it claimed from; None if an earlier
    release wrote the claim.
    """

    pieces: int
    at: datetime
    counting_since: datetime | None

    def is_on(self, stock: Stock) -> bool:
        """Return whether the claim was made on this count. Clocks matter only to a claim without `counting_since`."""
        if self.counting_since is None:
            return stock.counting_since <= self.at
        return stock.counting_since == self.counting_since


def _claims(order: Order) -> dict[int, Claim]:
    claims: dict[int, Claim] = {}
    moves = StockMove.objects.filter(order=order).order_by("pk")
    for item_id, delta, at, counting_since in moves.values_list("item_id", "delta", "at", "counting_since"):
        before = claims.get(item_id)
        if before is None or delta < 0:
            claims[item_id] = Claim((before.pieces if before else 0) - delta, at, counting_since)
        else:
            claims[item_id] = replace(before, pieces=before.pieces - delta)
    return claims


def moves_of(changes: Sequence[Change], reason: str, order: Order, actor: User | None = None) -> list[dict[str, Any]]:
    """Return the `StockMove`s of these changes and their resets, each as a dict by column."""
    moves: list[dict[str, Any]] = []
    who = actor.pk if actor else None
    for change in changes:
        of_count = {"item_id": change.stock.item_id, "counting_since": change.counting_since}
        if change.resets is not None:
            moves.append({"delta": change.resets, "reason": StockMove.RESET} | of_count)
        moves.append({"delta": change.delta, "reason": reason, "order_id": order.pk, "actor_id": who} | of_count)
    return moves


def write(changes: Sequence[Change], *before: compiled_queries.Statement) -> None:
    """Execute the statements `before`, then the UPDATE of each count in their order: in one round trip.

    Raises Conflict if another transaction has changed a row since it was read.
    """
    matched = compiled_queries.execute_batch(*before, *map(claim, changes))
    if not all(matched[len(matched) - len(changes) :]):
        raise Conflict


def claim(change: Change) -> compiled_queries.Statement:
    """Return the conditional UPDATE of one count; it matches 1 row, or 0 if another transaction changed it first."""
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
