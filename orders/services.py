"""Every write of orders and stock. Each public function is one transaction; nothing else writes these tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from cafe import prepared
from menu.availability import Why
from menu.models import Item
from orders import counts, selectors
from orders.attempts import Conflict, in_doubt_while_locked, in_one_transaction
from orders.errors import Invalid, NotAllowedNow, OrderError, PriceChanged
from orders.models import (
    ALLOWED_MOVES,
    BACK,
    CUSTOMER_MOVES,
    FORWARD,
    OPEN,
    Order,
    OrderEvent,
    OrderLine,
    PaymentStatus,
    Status,
    Stock,
    StockMove,
    new_token,
)
from orders.numbers import drawn_numbers
from orders.sale import Asked, Sale, check_and_price, need_of, total_of
from orders.stocktaking import (
    KEEP,
    MOST_COUNTED,
    Keep,
    check_count,
    count_to_begin_with,
    locked_stock,
    set_count,
)

ORDERS, LINES = prepared.Insert(Order), prepared.Insert(OrderLine)
EVENTS, MOVES = prepared.Insert(OrderEvent), prepared.Insert(StockMove)

Staff = User


def place_order(
    *,
    lines: Asked,
    customer_name: str,
    phone: str = "",
    note: str = "",
    fulfilment: str = Order.Fulfilment.TO_GO,
    language: str = "zh-hans",
    submission_key: str | None = None,
    submission_hash: str = "",
    expected_total: Decimal | None = None,
) -> Order:
    """Place an order, or return the one that this submission key has already placed.

    In one transaction, started again as a whole (with jitter, for three seconds) when another one is in the way:

    1. Look the key up: the same key and hash is the same order.
    2. Read items and options from the database, check the rules, price the lines.
    3. Compare with the total the customer saw.
    4. Add up the need of each counted item.
    5. Insert the order with its unique key and number, its lines, its first event, its stock moves.
    6. Claim the stock by one conditional UPDATE an item, in the order of their keys; zero rows is sold out.

    A refusal at 2 to 4 looks the key up once more, and waits for whoever is placing it now: what is in the way may be
    this very order, sent twice or committed after its connection was lost.

    Raises Invalid, UnknownItem, SoldOut, PriceChanged, KeyReused and Unavailable, each with nothing written, and
    NotKnownYet.
    """

    key = submission_key or f"own-{new_token()}"

    def attempt() -> Order:
        now = timezone.now()
        today = timezone.localdate(now)
        is_known, number = selectors.key_and_numbers(key, today, drawn_numbers())
        placed = selectors.order_for_submission(key, submission_hash) if is_known else None
        if placed:
            return placed
        try:
            sales = check_and_price(lines)
            total = _total_as_seen(sales, expected_total)
            claims = counts.changes_to_claim(need_of(sales), sales, now)
        except OrderError:
            with in_doubt_while_locked():
                placed = selectors.order_for_submission(key, submission_hash, waits=True)
            if placed:
                return placed
            raise
        if number is None:
            raise Conflict
        order = Order(
            number=number,
            business_day=today,
            customer_name=customer_name,
            phone=phone,
            note=note,
            fulfilment=fulfilment,
            language=language,
            total=total,
            submission_key=key,
            submission_hash=submission_hash,
            placed_at=now,
            moved_at=now,
        )
        with in_doubt_while_locked():
            ORDERS.one(order)
        counted = {claim.stock.item_id for claim in claims}
        counts.write(
            claims,
            LINES.many([sale.line(order, was_counted=sale.item.id in counted) for sale in sales]),
            EVENTS.many([{"order_id": order.pk, "to_status": Status.PENDING, "at": now}]),
            MOVES.many(counts.moves_of(claims, StockMove.ORDERED, order)),
        )
        return order

    order = in_one_transaction(attempt, can_repeat=True)
    selectors.RECENT.forget()
    return order


def advance_order(*, order: Order, actor: Staff | None = None, to: Status | None = None) -> Order:
    """Move an order one step forward. `to` names the step that the barista meant, so that two touches on one card
    are one move. Raises NotAllowedNow."""
    before = Status(order.status)
    step = FORWARD.get(before)
    if step is None or (to is not None and to != step):
        raise _not_allowed(order)
    return _carry_out(order, step, lambda: _move(order, before, step, actor))


def undo_order(*, order: Order, actor: Staff | None = None) -> Order:
    """Move an order one step back. Raises NotAllowedNow."""
    before = Status(order.status)
    step = BACK.get(before)
    if step is None:
        raise _not_allowed(order)
    return _carry_out(order, step, lambda: _move(order, before, step, actor))


def cancel_order(*, order: Order, actor: Staff | None = None, reason: str = "", restock: bool | None = None) -> Order:
    """Cancel an order: by the customer (`actor` None) only while pending, by staff until it is picked up.

    What was counted goes back to stock when `restock` says so; by default it does if nothing was made yet, and is
    waste else. Raises NotAllowedNow.
    """

    before = Status(order.status)
    gives_back = before == Status.PENDING if restock is None else restock
    allowed = CUSTOMER_MOVES if actor is None else ALLOWED_MOVES

    def attempt() -> datetime:
        moved_at = _move(order, before, Status.CANCELLED, actor, reason, allowed)
        if gives_back:
            changes = counts.changes_to_give_back(order, timezone.now())
            counts.write(changes, MOVES.many(counts.moves_of(changes, StockMove.CANCELLED, order, actor)))
        return moved_at

    return _carry_out(order, Status.CANCELLED, attempt)


def mark_no_show(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Close a ready order that nobody picked up. Raises NotAllowedNow."""
    before = Status(order.status)
    return _carry_out(order, Status.NO_SHOW, lambda: _move(order, before, Status.NO_SHOW, actor, reason))


def mark_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that an order was paid at the counter. Raises NotAllowedNow if it was paid, or is cancelled."""
    gone = (Status.CANCELLED, Status.NO_SHOW)
    return _pay(order, PaymentStatus.UNPAID, PaymentStatus.PAID, actor, except_when=gone)


def refund_order(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Note that the money of a paid order was given back. Raises NotAllowedNow."""
    return _pay(order, PaymentStatus.PAID, PaymentStatus.REFUNDED, actor, reason)


def set_stock(
    *,
    item: Item,
    available: int | Keep | None,
    reason: str,
    actor: Staff | None = None,
    daily: int | Keep | None = KEEP,
    expected: int | Keep | None = KEEP,
    is_todays: bool = False,
) -> Stock | None:
    """Set the count of an item and write the move, also one of 0; None stops counting and writes the closing move.

    `daily` is the count of each morning (None: the count goes on from day to day), `expected` what the caller saw
    left (None: nobody counted); KEEP leaves the one as it is, and does not compare the other. An item that nobody
    counts begins with its `daily` when there is no count. `is_todays` takes a count of a later day
    (`selectors.counts_ahead`) as today's; else it keeps its day.
    Returns the stock, or None when nobody counts any more. Raises Invalid for a count that is no count, and for no
    count beside a `daily` of an item that is counted; NotAllowedNow when what is left is not what was expected,
    Unavailable, NotKnownYet.
    """
    for count in (available, daily):
        check_count(None if count is KEEP else count)

    def attempt() -> Stock | None:
        now = timezone.now()
        stock = locked_stock(item, expected, now)
        left = stock.left(timezone.localdate(now)) if stock else None
        count = count_to_begin_with(stock, left if available is KEEP else available, daily)
        return set_count(item, stock, count, daily, Why(actor, reason), now, is_todays)

    return in_one_transaction(attempt)


def restock(
    *,
    item: Item,
    quantity: int,
    reason: str,
    actor: Staff | None = None,
    daily: int | Keep | None = KEEP,
    expected: int | Keep | None = KEEP,
    is_todays: bool = False,
) -> Stock | None:
    """Add to the count of an item, whatever is sold meanwhile, and write the move; see `set_stock`.

    Raises Invalid (also when nobody counts the item), NotAllowedNow, Unavailable, NotKnownYet.
    """
    if not 1 <= quantity <= MOST_COUNTED:
        raise Invalid(_("Add a whole number from 1 on."))

    def attempt() -> Stock | None:
        now = timezone.now()
        stock = locked_stock(item, expected, now)
        if stock is None:
            raise Invalid(_("%(item)s is not counted; set a count first.") % {"item": item.name})
        count = stock.left(timezone.localdate(now)) + quantity
        check_count(count)
        return set_count(item, stock, count, daily, Why(actor, reason), now, is_todays)

    return in_one_transaction(attempt)


def _total_as_seen(sales: Sequence[Sale], expected: Decimal | None) -> Decimal:
    """Return the total. Raises PriceChanged if it is not the one that the customer saw."""
    total = total_of(sales)
    if expected is not None and expected != total:
        raise PriceChanged(expected=expected, total=total, unit_prices=[sale.unit_price for sale in sales])
    return total


def _carry_out(order: Order, to: Status, attempt: Callable[[], datetime]) -> Order:
    """Run a move as one transaction; `order` says so when that is certain, and else can be asked for it again."""
    order.moved_at = in_one_transaction(attempt)
    order.status = to
    selectors.RECENT.forget()
    return order


def _move(
    order: Order,
    before: Status,
    to: Status,
    actor: Staff | None,
    reason: str = "",
    allowed: Mapping[Status, set[Status]] = ALLOWED_MOVES,
) -> datetime:
    """Write one move of status: UPDATE … WHERE status = what the caller saw, and its event. Return when.

    Raises NotAllowedNow, also for a closed order that would come back while another open order has its number.
    """
    now = timezone.now()
    if to not in allowed.get(before, set()):
        raise _not_allowed(order)
    if to in OPEN and before not in OPEN and selectors.is_number_taken(order):
        raise NotAllowedNow(_("Another order has number %(number)s now.") % {"number": order.number})
    if not Order.objects.filter(pk=order.pk, status=before).update(status=to, moved_at=now):
        raise _not_allowed(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
    return now


def _pay(
    order: Order,
    before: PaymentStatus,
    after: PaymentStatus,
    actor: Staff | None,
    reason: str = "",
    except_when: Sequence[Status] = (),
) -> Order:
    def attempt() -> None:
        rows = Order.objects.filter(pk=order.pk, payment_status=before).exclude(status__in=except_when)
        if not rows.update(payment_status=after):
            raise _not_allowed(order)
        OrderEvent.objects.create(order=order, from_status=before, to_status=after, actor=actor, reason=reason)

    in_one_transaction(attempt)
    order.payment_status = after
    return order


def _not_allowed(order: Order) -> NotAllowedNow:
    return NotAllowedNow(_("Order %(number)s has moved on; that is no longer possible.") % {"number": order.number})
