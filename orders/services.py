"""Every write of orders and stock. Each public function is one transaction; nothing else writes these tables."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from cafe.db import compiled_queries
from menu.availability.history import Why
from menu.models import Item
from orders import selectors, stock
from orders.errors import Invalid, NotAllowedNow, OrderError, PriceChanged
from orders.lifecycle import can_restore, statuses_for
from orders.models import (
    ALLOWED_MOVES,
    BACK,
    CUSTOMER_MOVES,
    FORWARD,
    OPEN,
    RESTORED,
    Order,
    OrderEvent,
    OrderLine,
    PaymentStatus,
    Status,
    Stock,
    StockMove,
    new_token,
)
from orders.placing.lines import Asked, Sale, check_and_price, need_of, total_of
from orders.placing.numbers import drawn_numbers
from orders.stocktaking import (
    KEEP,
    MOST_COUNTED,
    Keep,
    check_count,
    count_to_begin_with,
    locked_stock,
    set_count,
)
from orders.transactions import Conflict, in_doubt_while_locked, in_one_transaction

ORDERS, LINES = compiled_queries.Insert(Order), compiled_queries.Insert(OrderLine)
EVENTS, MOVES = compiled_queries.Insert(OrderEvent), compiled_queries.Insert(StockMove)

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

    Returns the order; its `was_placed_before` is true when an earlier call placed it.

    Raises Invalid, UnknownItem, SoldOut, PriceChanged, KeyReused and Unavailable, each with nothing written, and
    NotKnownYet.
    """

    key = submission_key or f"own-{new_token()}"
    token = new_token()

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
            claims = stock.changes_to_claim(need_of(sales), sales, now)
        except OrderError:
            with in_doubt_while_locked():
                placed = selectors.order_for_submission(key, submission_hash, waits=True)
            if placed:
                return placed
            raise
        if number is None:
            raise Conflict
        order = Order(
            token=token,
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
        stock.write(
            claims,
            LINES.many([sale.line(order, was_counted=sale.item.id in counted) for sale in sales]),
            EVENTS.many([{"order_id": order.pk, "to_status": Status.PENDING, "at": now}]),
            MOVES.many(stock.moves_of(claims, StockMove.ORDERED, order)),
        )
        return order

    order = in_one_transaction(attempt, can_repeat=True)
    # An attempt that was repeated after a lost COMMIT finds its own order: the token tells it from another call's.
    order.was_placed_before = order.token != token
    selectors.RECENT.invalidate()
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
    """Move an order one step back; what was written off as not paid is unpaid again. Raises NotAllowedNow."""
    before = Status(order.status)
    step = BACK.get(before)
    if step is None:
        raise _not_allowed(order)
    is_written_off = order.payment_status == PaymentStatus.WRITTEN_OFF

    def attempt() -> datetime:
        if is_written_off:
            _move_payment(order, PaymentStatus.WRITTEN_OFF, PaymentStatus.UNPAID, actor)
        return _move(order, before, step, actor)

    return _carry_out(order, step, attempt, payment=PaymentStatus.UNPAID if is_written_off else None)


def cancel_order(*, order: Order, actor: Staff | None = None, reason: str = "", restock: bool | None = None) -> Order:
    """Cancel an order: by the customer (`actor` None) only while pending, by staff until it is picked up.

    What was counted goes back to stock when `restock` says so; by default it does if nothing was made yet, and is
    waste else. Money that was paid for it is owed back (`Order.is_owed_back`). Raises NotAllowedNow.
    """

    before = Status(order.status)
    return _carry_out(order, Status.CANCELLED, lambda: _cancel(order, before, actor, reason, restock))


def mark_no_show(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Close a ready order that nobody picked up. Raises NotAllowedNow."""
    before = Status(order.status)
    return _carry_out(order, Status.NO_SHOW, lambda: _move(order, before, Status.NO_SHOW, actor, reason))


def restore_order(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Bring back an order that was ended by mistake: a cancelled one is new again, one not picked up is ready.

    A cancelled order claims again what it gave back to stock; an item that is no longer counted is sold uncounted.
    Raises NotAllowedNow on a later business day and when its money was given back, SoldOut when something is missing.
    """
    before = Status(order.status)
    step = RESTORED.get(before)
    if step is None or not can_restore(order):
        raise _not_allowed(order)

    return _carry_out(order, step, lambda: _restore(order, before, step, actor, reason))


def hand_over_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that a ready order is paid, and hand it over. Raises NotAllowedNow if it is paid or not ready."""

    def attempt() -> datetime:
        _move_payment(order, PaymentStatus.UNPAID, PaymentStatus.PAID, actor)
        return _move(order, Status.READY, Status.COMPLETED, actor)

    return _carry_out(order, Status.COMPLETED, attempt, payment=PaymentStatus.PAID)


def hand_over_unpaid(*, order: Order, reason: str, actor: Staff | None = None) -> Order:
    """Close a ready order whose customer is gone without paying. Raises NotAllowedNow if it is paid or not ready."""

    def attempt() -> datetime:
        completed_at = _move(order, Status.READY, Status.COMPLETED, actor)
        _move_payment(order, PaymentStatus.UNPAID, PaymentStatus.WRITTEN_OFF, actor, reason)
        return completed_at

    return _carry_out(order, Status.COMPLETED, attempt, payment=PaymentStatus.WRITTEN_OFF)


def undo_hand_over_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Undo `hand_over_paid`: the order is ready and unpaid again. Raises NotAllowedNow."""

    def attempt() -> datetime:
        ready_at = _move(order, Status.COMPLETED, Status.READY, actor)
        _move_payment(order, PaymentStatus.PAID, PaymentStatus.UNPAID, actor)
        return ready_at

    return _carry_out(order, Status.READY, attempt, payment=PaymentStatus.UNPAID)


def mark_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that an order was paid at the counter, also when it was written off before.

    Raises NotAllowedNow if it was paid or refunded, or is cancelled or not picked up.
    """
    if order.payment_status == PaymentStatus.REFUNDED:
        raise _not_allowed(order)
    return move_payment(order=order, to=PaymentStatus.PAID, actor=actor)


def refund_order(
    *,
    order: Order,
    actor: Staff | None = None,
    reason: str = "",
    cancel: bool = False,
    restock: bool | None = None,
) -> Order:
    """Note that the money of a paid order was given back; with `cancel` cancel the order as well.

    `restock` as in `cancel_order`. Raises NotAllowedNow.
    """
    if not cancel:
        return move_payment(order=order, to=PaymentStatus.REFUNDED, actor=actor, reason=reason)
    before = Status(order.status)

    def attempt() -> datetime:
        _move_payment(order, PaymentStatus.PAID, PaymentStatus.REFUNDED, actor, reason)
        return _cancel(order, before, actor, reason, restock)

    return _carry_out(order, Status.CANCELLED, attempt, payment=PaymentStatus.REFUNDED)


def undo_refund_and_cancel(*, order: Order, actor: Staff | None = None) -> Order:
    """Undo `refund_order(cancel=True)`: the order is paid, and new again. Raises as `restore_order` does."""

    def attempt() -> datetime:
        _move_payment(order, PaymentStatus.REFUNDED, PaymentStatus.PAID, actor)
        return _restore(order, Status.CANCELLED, Status.PENDING, actor)

    return _carry_out(order, Status.PENDING, attempt, payment=PaymentStatus.PAID)


def move_payment(*, order: Order, to: PaymentStatus, actor: Staff | None = None, reason: str = "") -> Order:
    """Make one move of the payment that `orders.lifecycle` allows in the order's status. Raises NotAllowedNow."""
    before = PaymentStatus(order.payment_status)
    in_one_transaction(lambda: _move_payment(order, before, to, actor, reason))
    order.payment_status = to
    return order


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


def _carry_out(
    order: Order, to: Status, attempt: Callable[[], datetime], *, payment: PaymentStatus | None = None
) -> Order:
    """Run a move as one transaction; `order` says so when that is certain, and else can be asked for it again."""
    order.moved_at = in_one_transaction(attempt)
    order.status = to
    order.payment_status = payment or order.payment_status
    selectors.RECENT.invalidate()
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


def _cancel(order: Order, before: Status, actor: Staff | None, reason: str, restock: bool | None) -> datetime:
    allowed = CUSTOMER_MOVES if actor is None else ALLOWED_MOVES
    moved_at = _move(order, before, Status.CANCELLED, actor, reason, allowed)
    if before == Status.PENDING if restock is None else restock:
        changes = stock.changes_to_give_back(order, timezone.now())
        stock.write(changes, MOVES.many(stock.moves_of(changes, StockMove.CANCELLED, order, actor)))
    return moved_at


def _restore(order: Order, before: Status, step: Status, actor: Staff | None, reason: str = "") -> datetime:
    restored_at = _move(order, before, step, actor, reason)
    claims = stock.changes_to_claim_again(order, restored_at)
    stock.write(claims, MOVES.many(stock.moves_of(claims, StockMove.RESTORED, order, actor)))
    return restored_at


def _move_payment(
    order: Order, before: PaymentStatus, to: PaymentStatus, actor: Staff | None, reason: str = ""
) -> None:
    """Write one move of the payment: UPDATE … WHERE payment = what the caller saw, and its event."""
    now = timezone.now()
    rows = Order.objects.filter(pk=order.pk, payment_status=before, status__in=statuses_for(before, to))
    if not rows.update(payment_status=to):
        raise _not_allowed(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)


def _not_allowed(order: Order) -> NotAllowedNow:
    return NotAllowedNow(_("Order %(number)s has moved on; that is no longer possible.") % {"number": order.number})
