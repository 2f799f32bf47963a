"""Every write of orders and stock. Each public function is one transaction; nothing else writes these tables."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from menu import choices
from menu.models import Item
from menu.selectors import items_on_sale
from menu.snapshot import MenuItem, MenuOption
from orders import selectors
from orders.errors import (
    Invalid,
    NotAllowedNow,
    PriceChanged,
    Shortage,
    SoldOut,
    Unavailable,
    UnknownItem,
)
from orders.models import (
    ALLOWED_MOVES,
    BACK,
    CUSTOMER_MOVES,
    FORWARD,
    Order,
    OrderEvent,
    OrderLine,
    PaymentStatus,
    Status,
    Stock,
    StockMove,
)

MOST_LINES = 30
MOST_OF_A_LINE = 99
STARTS_NO_RETRY_AFTER_S = 3.0
# MySQL and MariaDB: deadlock, lock wait timeout, record changed since it was read.
CONFLICTS = (1213, 1205, 1020)

Staff = User
T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """A line as the customer asks for it; the price is not theirs to say."""

    item_id: int
    option_ids: tuple[int, ...]
    quantity: int


@dataclass(frozen=True)
class _Sale:
    """A line as it is sold: checked, and priced by the database."""

    item: MenuItem
    options: tuple[MenuOption, ...]
    unit_price: Decimal
    quantity: int


class _Conflict(Exception):
    """Another transaction was in the way; the whole use case starts again."""


def place_order(
    *,
    lines: Sequence[Wanted],
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

    Raises Invalid, UnknownItem, SoldOut, PriceChanged, KeyReused, Unavailable; each leaves nothing written.
    """

    def attempt() -> Order:
        placed = selectors.order_for_submission(submission_key, submission_hash)
        if placed:
            return placed
        sales = _check_and_price(lines)
        total = sum((sale.unit_price * sale.quantity for sale in sales), Decimal(0))
        if expected_total is not None and expected_total != total:
            unit_prices = [sale.unit_price for sale in sales]
            raise PriceChanged(expected=expected_total, total=total, unit_prices=unit_prices)
        need = Counter[int]()
        for sale in sales:
            need[sale.item.id] += sale.quantity
        stocks = _stock_to_claim(need, sales)
        now = timezone.now()
        order = Order.objects.create(
            number=_free_number(now),
            business_day=timezone.localdate(now),
            customer_name=customer_name,
            phone=phone,
            note=note,
            fulfilment=fulfilment,
            language=language,
            total=total,
            submission_key=submission_key or None,
            submission_hash=submission_hash,
            placed_at=now,
            moved_at=now,
        )
        counted = {stock.item_id for stock in stocks}
        OrderLine.objects.bulk_create(_line(order, sale, sale.item.id in counted) for sale in sales)
        OrderEvent.objects.create(order=order, to_status=Status.PENDING, at=now)
        _move_stock(stocks, {stock.pk: -need[stock.item_id] for stock in stocks}, StockMove.ORDERED, order)
        return order

    return _in_one_transaction(attempt)


def advance_order(*, order: Order, actor: Staff | None = None, to: Status | None = None) -> Order:
    """Move an order one step forward. `to` names the step that the barista meant, so that two touches on one card
    are one move. Raises NotAllowedNow."""
    before = Status(order.status)
    step = FORWARD.get(before)
    if step is None or (to is not None and to != step):
        raise _not_allowed(order)
    return _in_one_transaction(lambda: _move(order, before, step, actor))


def undo_order(*, order: Order, actor: Staff | None = None) -> Order:
    """Move an order one step back. Raises NotAllowedNow."""
    before = Status(order.status)
    step = BACK.get(before)
    if step is None:
        raise _not_allowed(order)
    return _in_one_transaction(lambda: _move(order, before, step, actor))


def cancel_order(*, order: Order, actor: Staff | None = None, reason: str = "", restock: bool | None = None) -> Order:
    """Cancel an order: by the customer (`actor` None) only while pending, by staff until it is picked up.

    What was counted goes back to stock when `restock` says so; by default it does if nothing was made yet, and is
    waste else. Raises NotAllowedNow.
    """

    before = Status(order.status)
    gives_back = before == Status.PENDING if restock is None else restock
    allowed = CUSTOMER_MOVES if actor is None else ALLOWED_MOVES

    def attempt() -> Order:
        _move(order, before, Status.CANCELLED, actor, reason, allowed)
        if gives_back:
            back = Counter[int]()
            for line in selectors.lines_counted(order):
                back[line.item_id] += line.quantity
            stocks = list(Stock.objects.filter(item_id__in=back).order_by("pk"))
            deltas = {stock.pk: back[stock.item_id] for stock in stocks}
            _move_stock(stocks, deltas, StockMove.CANCELLED, order, actor)
        return order

    return _in_one_transaction(attempt)


def mark_no_show(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Close a ready order that nobody picked up. Raises NotAllowedNow."""
    before = Status(order.status)
    return _in_one_transaction(lambda: _move(order, before, Status.NO_SHOW, actor, reason))


def mark_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that an order was paid at the counter. Raises NotAllowedNow if it was paid, or is cancelled."""
    gone = (Status.CANCELLED, Status.NO_SHOW)
    return _in_one_transaction(
        lambda: _pay(order, PaymentStatus.UNPAID, PaymentStatus.PAID, actor, "", except_when=gone)
    )


def refund_order(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Note that the money of a paid order was given back. Raises NotAllowedNow."""
    return _in_one_transaction(lambda: _pay(order, PaymentStatus.PAID, PaymentStatus.REFUNDED, actor, reason))


def set_stock(*, item: Item, available: int | None, reason: str, actor: Staff | None = None) -> Stock | None:
    """Set the count of an item and write the move; None stops counting and writes the closing move.

    Returns the stock, or None when nobody counts any more. Raises Invalid for a negative count.
    """
    if available is not None and not 0 <= available <= 1_000_000:
        raise Invalid(_("A count is between 0 and 1,000,000."))

    def attempt() -> Stock | None:
        stock = Stock.objects.select_for_update().filter(item_id=item.pk).first()
        delta = (available or 0) - (stock.available if stock else 0)
        if delta:
            StockMove.objects.create(item_id=item.pk, delta=delta, reason=reason, actor=actor)
        if available is None:
            Stock.objects.filter(item_id=item.pk).delete()
            return None
        if stock is None:
            return Stock.objects.create(item_id=item.pk, available=available)
        Stock.objects.filter(pk=stock.pk).update(available=available)
        stock.available = available
        return stock

    return _in_one_transaction(attempt)


def _in_one_transaction(attempt: Callable[[], T]) -> T:
    """Run a use case in a durable transaction, again from its start when another one is in the way."""
    give_up_at = time.monotonic() + STARTS_NO_RETRY_AFTER_S
    pause_s = 0.01
    while True:
        try:
            with transaction.atomic(durable=True):
                return attempt()
        except (_Conflict, IntegrityError, OperationalError) as error:
            if not _is_conflict(error):
                raise
            if time.monotonic() > give_up_at:
                raise Unavailable(_("Too many orders at once. Nothing was ordered; try again.")) from error
        time.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311 - jitter
        pause_s = min(pause_s * 2, 0.3)


def _is_conflict(error: Exception) -> bool:
    if isinstance(error, OperationalError):
        return error.args[0] in CONFLICTS or "locked" in str(error)
    return True


def _check_and_price(lines: Sequence[Wanted]) -> list[_Sale]:
    if not 1 <= len(lines) <= MOST_LINES:
        raise Invalid(_("An order has 1 to %(most)s lines.") % {"most": MOST_LINES})
    items = items_on_sale({line.item_id for line in lines})
    sales = [_check_line(items, index, line) for index, line in enumerate(lines)]
    of_each = Counter[int]()
    for index, sale in enumerate(sales):
        of_each[sale.item.id] += sale.quantity
        if of_each[sale.item.id] > sale.item.max_per_order:
            limits = {"item": sale.item.name, "most": sale.item.max_per_order}
            raise Invalid(_("%(item)s: at most %(most)s in one order.") % limits, line=index)
    return sales


def _check_line(items: Mapping[int, MenuItem], index: int, line: Wanted) -> _Sale:
    item = items.get(line.item_id)
    if item is None:
        raise UnknownItem(_("This is not on the menu."), line=index)
    if not 1 <= line.quantity <= MOST_OF_A_LINE:
        raise Invalid(_("%(item)s: a quantity is 1 to 99.") % {"item": item.name}, line=index)
    if not item.can_be_made:
        raise SoldOut(shortages=[Shortage(item.id, item.name, 0)])
    try:
        options = choices.choose(item, line.option_ids)
    except choices.ChoiceError as error:
        if error.is_sold_out:
            raise SoldOut(error.message) from error
        raise Invalid(error.message, line=index) from error
    return _Sale(item, options, choices.unit_price(item, options), line.quantity)


def _stock_to_claim(need: Mapping[int, int], sales: Sequence[_Sale]) -> list[Stock]:
    """Return the counted rows in the order of their keys; raises SoldOut with every shortage seen."""
    stocks = list(Stock.objects.filter(item_id__in=need).order_by("pk"))
    names = {sale.item.id: sale.item.name for sale in sales}
    shortages = [
        Shortage(stock.item_id, names[stock.item_id], stock.available)
        for stock in stocks
        if stock.available < need[stock.item_id]
    ]
    if shortages:
        raise SoldOut(shortages=shortages)
    return stocks


def _move_stock(
    stocks: Sequence[Stock],
    deltas: Mapping[int, int],
    reason: str,
    order: Order,
    actor: Staff | None = None,
) -> None:
    """Write the moves, then the counts by conditional UPDATE. A row that does not match is somebody else's by now:
    the use case starts again and finds out whether it is sold out or no longer counted."""
    StockMove.objects.bulk_create(
        StockMove(item_id=stock.item_id, delta=deltas[stock.pk], reason=reason, order=order, actor=actor)
        for stock in stocks
    )
    for stock in stocks:
        delta = deltas[stock.pk]
        matching = Stock.objects.filter(pk=stock.pk, available__gte=-delta)
        if not matching.update(available=F("available") + delta):
            raise _Conflict


def _line(order: Order, sale: _Sale, was_counted: bool) -> OrderLine:
    return OrderLine(
        order=order,
        item_id=sale.item.id,
        item_slug=sale.item.slug,
        name_en=sale.item.name_en,
        name_zh_hans=sale.item.name_zh_hans,
        options=[
            {
                "id": option.id,
                "name_en": option.name_en,
                "name_zh_hans": option.name_zh_hans,
                "price_delta": str(option.price_delta),
            }
            for option in sale.options
        ],
        unit_price=sale.unit_price,
        quantity=sale.quantity,
        was_counted=was_counted,
    )


def _free_number(now: datetime) -> int:
    """Draw a number to call: three digits while the day has some left, more when it has not.

    Two orders may draw the same one; the unique (day, number) lets one through and the other starts again.
    """
    draws = [random.randint(100, 999) for _draw in range(6)]  # noqa: S311 - short, not secret
    draws += [random.randint(1000, 9999) for _draw in range(4)]  # noqa: S311
    draws += [random.randint(10_000, 99_999) for _draw in range(4)]  # noqa: S311
    number = selectors.free_number(timezone.localdate(now), draws)
    if number is None:
        raise _Conflict
    return number


def _move(
    order: Order,
    before: Status,
    to: Status,
    actor: Staff | None,
    reason: str = "",
    allowed: Mapping[Status, set[Status]] = ALLOWED_MOVES,
) -> Order:
    """Write one move of status: UPDATE … WHERE status = what the caller saw, and its event."""
    now = timezone.now()
    if to not in allowed.get(before, set()):
        raise _not_allowed(order)
    if not Order.objects.filter(pk=order.pk, status=before).update(status=to, moved_at=now):
        raise _not_allowed(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
    order.status, order.moved_at = to, now
    return order


def _pay(
    order: Order,
    before: PaymentStatus,
    after: PaymentStatus,
    actor: Staff | None,
    reason: str,
    except_when: Sequence[Status] = (),
) -> Order:
    rows = Order.objects.filter(pk=order.pk, payment_status=before).exclude(status__in=except_when)
    if not rows.update(payment_status=after):
        raise _not_allowed(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=after, actor=actor, reason=reason)
    order.payment_status = after
    return order


def _not_allowed(order: Order) -> NotAllowedNow:
    return NotAllowedNow(_("Order %(number)s has moved on; that is no longer possible.") % {"number": order.number})
