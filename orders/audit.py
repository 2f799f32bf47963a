"""Consistency check of orders, events, counts and stock moves.

One transaction reads the database as of one moment, in pages of `PAGE` rows, and writes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from django.db import models, transaction
from django.db.models import Count, Sum

from orders.models import (
    ALLOWED_TRANSITIONS,
    Order,
    OrderEvent,
    PaymentStatus,
    Status,
    Stock,
    StockMove,
)
from orders.permissions import statuses_for
from orders.pricing import order_total

ALIAS = "maintenance"  # no statement limit, and REPEATABLE READ on MariaDB and MySQL (settings.DATABASES)
PAGE = 1000

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Finding:
    """One inconsistency: `where` names the record, `what` the fault. `str` returns one line for an operator."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check_books() -> list[Finding]:
    """Return every inconsistency found; an empty list if there is none. May run at any time."""
    with transaction.atomic(using=ALIAS):
        return list(
            chain(
                _counts(),
                _counts_closed(),
                _orders(),
                _twice("submission_key"),
                _twice("business_day", "number"),
                _twice("open_number"),
            )
        )


def _counts() -> Iterator[Finding]:
    """Check that the count of each counted item is the sum of its stock moves."""
    for stocks in _pages(Stock.objects.using(ALIAS)):
        moved = dict(
            StockMove.objects.using(ALIAS)
            .filter(item_id__in=[stock.item_id for stock in stocks])
            .order_by()
            .values_list("item_id")
            .annotate(Sum("delta"))
        )
        for stock in stocks:
            total = moved.get(stock.item_id, 0)
            if stock.available != total:
                what = f"the count is {stock.available}, but its moves add up to {total}"
                yield Finding(f"stock of item {stock.item_id}", what)


def _counts_closed() -> Iterator[Finding]:
    """Check that the stock moves of an item without a count add up to 0: its closing move was written."""
    moves = StockMove.objects.using(ALIAS).exclude(item_id__in=Stock.objects.using(ALIAS).values("item_id"))
    for item_id, total in moves.order_by().values_list("item_id").annotate(total=Sum("delta")).exclude(total=0):
        yield Finding(f"stock of item {item_id}", f"nobody counts it, but its moves add up to {total}, not to 0")


def _orders() -> Iterator[Finding]:
    orders = Order.objects.using(ALIAS).prefetch_related("lines", "events", "stock_moves")
    for page in _pages(orders):
        for order in page:
            for check in CHECKS:
                for what in check(order):
                    yield Finding(f"order {order.pk} (number {order.number} of {order.business_day})", what)


def _total_is_sum_of_lines(order: Order) -> Iterator[str]:
    lines = list(order.lines.all())
    total = order_total(line.total for line in lines)
    if not lines:
        yield "it has no lines"
    elif order.total != total:
        yield f"its total is {order.total}, but its lines add up to {total}"


def _claims_match_lines(order: Order) -> Iterator[str]:
    """Check the stock moves of each item of the order.

    An item that was counted when the order was placed has one claim for the sum of its lines. Then returns (the
    order was cancelled) and claims (it was restored) alternate.
    """
    need, pieces = Counter[int](), Counter[int]()
    for line in order.lines.all():
        pieces[line.item_id] += line.quantity
        need[line.item_id] += line.quantity if line.was_counted else 0
    moves: dict[int, list[int]] = defaultdict(list)
    for move in sorted(order.stock_moves.all(), key=lambda move: move.pk):
        moves[move.item_id].append(move.delta)
    for item_id in [item_id for item_id in pieces.keys() | moves.keys() if need[item_id] or moves[item_id]]:
        claims = [delta for delta in moves[item_id] if delta < 0]
        returns = [delta for delta in moves[item_id] if delta > 0]
        # Restoring an order sets `was_counted` to False if the item is no longer counted; its earlier moves remain.
        counted = need[item_id] or (pieces[item_id] if returns else 0)
        times = len(claims) if returns else bool(counted)
        if claims != [-counted] * times or len(claims) > len(returns) + 1:
            yield f"item {item_id}: {need[item_id]} were counted off, but its moves are {claims}"
        is_in_turns = moves[item_id] == ([-counted, counted] * len(claims))[: len(moves[item_id])]
        may_be_back = len(claims) > len(returns) or order.status == Status.CANCELLED or not need[item_id]
        if returns and not (is_in_turns and may_be_back):
            yield f"item {item_id}: moves back to stock {returns} do not fit an order that is {order.status}"


def _status_was_reached(order: Order) -> Iterator[str]:
    """Check that the events are allowed moves, each from where the last ended, up to the order's current state."""
    status, payment = "", str(PaymentStatus.UNPAID)
    for event in order.events.all():
        if event.to_status in PaymentStatus.values:
            if event.from_status != payment or not _is_payment_allowed(event, status):
                yield f"event {event.pk}: payment moved {_move(event)} when it was {payment}"
            payment = event.to_status
        else:
            if event.from_status != status or not _is_allowed(event):
                yield f"event {event.pk}: status moved {_move(event)} when it was {status or 'new'}"
            status = event.to_status
    if status != order.status:
        yield f"its status is {order.status}, but its events end at {status or 'nothing'}"
    if payment != order.payment_status:
        yield f"its payment is {order.payment_status}, but its events end at {payment}"


CHECKS: tuple[Callable[[Order], Iterator[str]], ...] = (
    _total_is_sum_of_lines,
    _claims_match_lines,
    _status_was_reached,
)


def _move(event: OrderEvent) -> str:
    return f"{event.from_status or 'nothing'} → {event.to_status}"


def _is_allowed(event: OrderEvent) -> bool:
    if not event.from_status:
        return event.to_status == Status.PENDING
    known = event.from_status in Status.values
    return known and event.to_status in ALLOWED_TRANSITIONS[Status(event.from_status)]


def _is_payment_allowed(event: OrderEvent, status: str) -> bool:
    if event.from_status not in PaymentStatus.values:
        return False
    return status in statuses_for(PaymentStatus(event.from_status), PaymentStatus(event.to_status))


def _twice(*fields: str) -> Iterator[Finding]:
    """Find duplicates in unique fields: a unique index that was dropped or corrupted lets them in."""
    orders = Order.objects.using(ALIAS).order_by().exclude(**{f"{fields[0]}__isnull": True})
    for row in orders.values(*fields).annotate(times=Count("pk")).filter(times__gt=1):
        where = " and ".join(f"{field} {row[field]}" for field in fields)
        yield Finding(where, f"{row['times']} orders have it")


def _pages(rows: "models.QuerySet[Row]") -> Iterator[list[Row]]:
    """Yield lists of at most `PAGE` rows in primary key order (keyset pagination), to bound the memory used."""
    last = 0
    while page := list(rows.order_by("pk").filter(pk__gt=last)[:PAGE]):
        yield page
        last = page[-1].pk
