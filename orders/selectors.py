"""Reads of orders and stock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, Max, Q, QuerySet, Value, prefetch_related_objects
from django.utils import timezone

from cafe.caching.generation_cache import GenerationCache
from cafe.db import compiled_queries
from orders.errors import KeyReused
from orders.models import NOT_HANDED_OVER, OPEN, Order, OrderEvent, PaymentStatus, Status, Stock

NEWEST = 20
FOUND_DAYS = 7  # for how many days an order is found by its number
# How far the clocks of two instances may differ: around midnight one instance may already count for tomorrow.
MAX_CLOCK_SKEW = timedelta(minutes=5)

# The order list of the API; every service invalidates it after its commit.
RECENT = GenerationCache("orders")


def sold_out_item_ids() -> "QuerySet[Stock, int]":
    """Return the ids of counted items of which none is left today; registered with `menu.availability.sold_out`."""
    today = timezone.localdate()
    is_due = Q(daily__isnull=False, counted_on__lt=today)
    gone = (Q(available=0) & ~is_due) | (Q(daily=0) & is_due)
    return Stock.objects.filter(gone).values_list("item_id", flat=True)


def counts_ahead(using: str = DEFAULT_DB_ALIAS) -> "QuerySet[Stock]":
    """Return the daily counts dated after today, by more than `MAX_CLOCK_SKEW`.

    Such a count was reset before the date went back: a clock or TIME_ZONE was corrected. Its next reset is due on the
    day after its own date, unless staff set it as today's (`services.set_stock`, `is_todays`).
    """
    latest = timezone.localdate(timezone.now() + MAX_CLOCK_SKEW)
    return Stock.objects.using(using).filter(daily__isnull=False, counted_on__gt=latest)


def order_for_submission(key: str | None, submission_hash: str, *, waits: bool = False) -> Order | None:
    """Return the order that this submission key has placed, or None. Raises KeyReused if it was with other data.

    `waits` locks the row (SELECT … FOR UPDATE; needs a transaction). The read then waits for a transaction that is
    placing the order now, so None is certain.
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
    """Return the order with its lines, or None: two queries. A timeline (`steps`) takes a third for the events."""
    if not token.isascii():
        return None
    return Order.objects.filter(token=token).prefetch_related("lines").first()


def newest_orders() -> "QuerySet[Order]":
    return Order.objects.order_by("-placed_at", "-id").prefetch_related("lines")[:NEWEST]


def orders_of_device(tokens: Collection[str]) -> "QuerySet[Order]":
    return Order.objects.filter(token__in=tokens).prefetch_related("lines")


@dataclass(frozen=True)
class BarQueue:
    open: Sequence[Order]
    owed_back: Sequence[Order]
    is_count_ahead: bool  # a daily count is dated after today (`counts_ahead`)

    @property
    def shown(self) -> list[Order]:
        return [*self.open, *self.owed_back]


def bar_queue() -> BarQueue:
    """Return every open order, oldest first, and the orders whose money is to be given back, with their lines.

    Two queries for a queue of any length, also an empty one; one more for the events of the orders owed back.
    """
    is_shown = Q(status__in=OPEN) | _owed_back()
    shown = Order.objects.filter(is_shown).order_by("placed_at", "id").prefetch_related("lines")
    orders = list(shown.annotate(is_count_ahead=Exists(counts_ahead())))
    owed_back = sorted((order for order in orders if not order.is_open), key=lambda order: order.moved_at)
    prefetch_related_objects(owed_back, "events")
    is_count_ahead = any(order.is_count_ahead for order in orders) if orders else counts_ahead().exists()
    return BarQueue([order for order in orders if order.is_open], owed_back, is_count_ahead)


def orders_owed_back() -> "QuerySet[Order]":
    """Return the orders whose money is to be given back, with their events; the oldest debt first."""
    return Order.objects.filter(_owed_back()).order_by("moved_at", "id").prefetch_related("events")


def _owed_back() -> Q:
    return Q(status__in=NOT_HANDED_OVER, payment_status=PaymentStatus.PAID, total__gt=0)


def orders_numbered(number: int) -> "QuerySet[Order]":
    """Return the orders of today and of the week before with this number, the newest first, with their events."""
    days = [timezone.localdate() - timedelta(days=n) for n in range(FOUND_DAYS + 1)]
    found = Order.objects.filter(business_day__in=days, number=number)
    return found.order_by("-placed_at", "-id").prefetch_related("events")


def handed_over_unpaid(day: date) -> "QuerySet[Order]":
    """Return the orders of a business day, with their events, that were handed over and are unpaid or written off."""
    payments = [PaymentStatus.UNPAID, PaymentStatus.WRITTEN_OFF]
    handed_over = Order.objects.filter(business_day=day, status=Status.COMPLETED, total__gt=0)
    return handed_over.filter(payment_status__in=payments).order_by("moved_at", "id").prefetch_related("events")


def ended_orders(day: date) -> "QuerySet[Order]":
    """Return the orders of a business day that were cancelled or not picked up, the latest first."""
    return Order.objects.filter(business_day=day, status__in=NOT_HANDED_OVER).order_by("-moved_at", "-id")


def refunds_of(day: date) -> "QuerySet[OrderEvent]":
    """Return the refund events of this day, of orders that are still refunded.

    If a refund was noted by mistake and then noted again, only the order's last refund event is returned.
    """
    start, end = (timezone.make_aware(datetime.combine(day + timedelta(days=n), time.min)) for n in (0, 1))
    given_back = OrderEvent.objects.filter(
        order__payment_status=PaymentStatus.REFUNDED,
        order__status__in=Status.values,  # every status: the index `order_status_payment` starts with this column
        to_status=PaymentStatus.REFUNDED,
        at__gte=start,
        at__lt=end,
    )
    latest = given_back.order_by().values("order").annotate(latest=Max("id")).values("latest")
    given_back = OrderEvent.objects.filter(id__in=latest)
    return given_back.select_related("order", "actor").order_by("at", "id")


def numbers_on_board() -> tuple[list[int], list[int]]:
    """Return the numbers in preparation, oldest first, and those that are ready, newest first."""
    shown = Order.objects.filter(status__in=[Status.PREPARING, Status.READY])
    rows = list(shown.order_by("moved_at", "id").values_list("number", "status"))
    preparing = [number for number, status in rows if status == Status.PREPARING]
    ready = [number for number, status in reversed(rows) if status == Status.READY]
    return preparing, ready


def events(order: Order) -> list[OrderEvent]:
    return list(order.events.all())


def _numbers(candidates: Any, shown: Q) -> "QuerySet[Order, Any]":
    return Order.objects.order_by().filter(shown, number__in=candidates).values_list("number", Value(False))


def _key_and_taken(key: Any, day: Any, day_before: Any, candidates: Any) -> "QuerySet[Order, Any]":
    with_key = Order.objects.order_by().filter(submission_key=key).values_list("number", Value(True))
    may_be_owed_again = Q(business_day=day_before, payment_status=PaymentStatus.REFUNDED)  # refund may be undone
    of_the_day = _numbers(candidates, Q(business_day=day) | may_be_owed_again)
    is_open = Order.objects.order_by().filter(open_number__in=candidates).values_list("open_number", Value(False))
    is_owed_back = _numbers(candidates, Q(status__in=NOT_HANDED_OVER, payment_status=PaymentStatus.PAID))
    return with_key.union(of_the_day, is_open, is_owed_back, all=True)


_key_and_numbers = compiled_queries.Read(_key_and_taken)


def key_known_and_free_number(key: str, day: date, candidates: Collection[int]) -> tuple[bool, int | None]:
    """Return whether an order has this submission key, and the first of these numbers that is free, or None.

    A number is taken by an order of this business day, and by an order of any day that the barista board or the
    customers' board shows: it is open, or its money is owed back. An order of the day before that was refunded also
    keeps its number, because the refund may be undone. One query: a UNION of four SELECTs, each with an index.
    """
    rows = _key_and_numbers(key=key, day=day, day_before=day - timedelta(days=1), candidates=list(candidates))
    taken = {number for number, has_key in rows if not has_key}
    free = next((number for number in candidates if number not in taken), None)
    return any(has_key for _number, has_key in rows), free


def is_number_taken(order: Order) -> bool:
    """Return whether another, open order now has the number of this closed order."""
    return Order.objects.filter(open_number=order.number).exclude(pk=order.pk).exists()
