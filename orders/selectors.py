"""Reads of orders and stock."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, Q, QuerySet, Value
from django.utils import timezone

from cafe import cache, prepared
from orders.errors import KeyReused
from orders.models import NOT_HANDED_OVER, OPEN, Order, OrderEvent, PaymentStatus, Status, Stock

NEWEST = 20
# How far the clocks of two instances may differ before a count of tomorrow is more than a midnight between them.
MAX_CLOCK_SKEW = timedelta(minutes=5)

# The newest orders as programs read them; every service forgets them once it has committed.
RECENT = cache.Recent("orders")


def sold_out_item_ids() -> "QuerySet[Stock, int]":
    """Return the ids of counted items of which none is left today; registered with `menu.sold_out`."""
    today = timezone.localdate()
    is_due = Q(daily__isnull=False, counted_on__lt=today)
    gone = (Q(available=0) & ~is_due) | (Q(daily=0) & is_due)
    return Stock.objects.filter(gone).values_list("item_id", flat=True)


def counts_ahead(using: str = DEFAULT_DB_ALIAS) -> "QuerySet[Stock]":
    """Return the daily counts of a day that is still to come, by more than clocks may differ.

    Such a count was reset before the date went back: a clock or TIME_ZONE was corrected. It is full again only on the
    day after its own, unless somebody takes it as today's (`services.set_stock`).
    """
    latest = timezone.localdate(timezone.now() + MAX_CLOCK_SKEW)
    return Stock.objects.using(using).filter(daily__isnull=False, counted_on__gt=latest)


def order_for_submission(key: str | None, submission_hash: str, *, waits: bool = False) -> Order | None:
    """Return the order that this submission key has placed, if any. Raises KeyReused if it was with other data.

    With `waits`, in a transaction, a transaction that is placing it now is waited for: None is then certain.
    """
    order = order_with_key(key, waits=waits)
    if order and order.submission_hash != submission_hash:
        raise KeyReused(order)
    return order


def order_with_key(key: str | None, *, waits: bool = False) -> Order | None:
    if not key or not key.isascii():
        return None
    orders = Order.objects.select_for_update() if waits else Order.objects
    return orders.filter(submission_key=key).first()


def order_with_token(token: str) -> Order | None:
    """Return the order with its lines; three queries with `steps`."""
    if not token.isascii():
        return None
    return Order.objects.filter(token=token).prefetch_related("lines").first()


def newest_orders() -> "QuerySet[Order]":
    return Order.objects.order_by("-placed_at", "-id").prefetch_related("lines")[:NEWEST]


def orders_of_device(tokens: Collection[str]) -> "QuerySet[Order]":
    return Order.objects.filter(token__in=tokens).prefetch_related("lines")


def bar_queue() -> "QuerySet[Order]":
    """Return every open order with its lines, oldest first: two queries, whatever the queue.

    Each says by `is_count_ahead` whether a daily count is of a day that is still to come.
    """
    orders = Order.objects.filter(status__in=OPEN).order_by("placed_at", "id").prefetch_related("lines")
    return orders.annotate(is_count_ahead=Exists(counts_ahead()))


def numbers_on_board() -> tuple[list[int], list[int]]:
    """Return the numbers in preparation, oldest first, and those that are ready, newest first."""
    shown = Order.objects.filter(status__in=[Status.PREPARING, Status.READY])
    rows = list(shown.order_by("moved_at", "id").values_list("number", "status"))
    preparing = [number for number, status in rows if status == Status.PREPARING]
    ready = [number for number, status in reversed(rows) if status == Status.READY]
    return preparing, ready


def events(order: Order) -> list[OrderEvent]:
    return list(order.events.all())


def _numbers(candidates: Any, **own: Any) -> "QuerySet[Order, Any]":
    return Order.objects.order_by().filter(number__in=candidates, **own).values_list("number", Value(False))


def _key_and_taken(key: Any, day: Any, candidates: Any) -> "QuerySet[Order, Any]":
    with_key = Order.objects.order_by().filter(submission_key=key).values_list("number", Value(True))
    of_the_day = _numbers(candidates, business_day=day)
    is_open = Order.objects.order_by().filter(open_number__in=candidates).values_list("open_number", Value(False))
    is_owed_back = _numbers(candidates, status__in=NOT_HANDED_OVER, payment_status=PaymentStatus.PAID)
    return with_key.union(of_the_day, is_open, is_owed_back, all=True)


_key_and_numbers = prepared.Read(_key_and_taken)


def key_and_numbers(key: str, day: date, candidates: Collection[int]) -> tuple[bool, int | None]:
    """Return whether an order has this submission key, and the first of these numbers that is free, or None.

    A number is taken by an order of this business day, and by an order of any day that the bar or the board shows:
    it is open, or its money is still to be given back. One statement, of four that each have their index.
    """
    rows = _key_and_numbers(key=key, day=day, candidates=list(candidates))
    taken = {number for number, has_key in rows if not has_key}
    free = next((number for number in candidates if number not in taken), None)
    return any(has_key for _number, has_key in rows), free


def is_number_taken(order: Order) -> bool:
    """True if the number of this order, which is closed, is now that of an open one."""
    return Order.objects.filter(open_number=order.number).exclude(pk=order.pk).exists()
