"""Placing an order. (A restored order claims stock, too: `orders.lifecycle.transitions`.)"""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from cafe.db import compiled_queries
from orders import selectors
from orders.errors import OrderError, PriceChanged
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Status,
    StockMove,
    new_token,
)
from orders.placing.lines import LineRequests, PricedLine, check_and_price, quantities_by_item, total_of
from orders.placing.numbers import candidate_numbers
from orders.stock import ledger
from orders.transactions import Conflict, outcome_unknown_while_locked, run_in_transaction

INSERT_ORDER = compiled_queries.Insert(Order)
INSERT_LINES = compiled_queries.Insert(OrderLine)
INSERT_EVENTS = compiled_queries.Insert(OrderEvent)
INSERT_STOCK_MOVES = compiled_queries.Insert(StockMove)


def place_order(
    *,
    lines: LineRequests,
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

    In one transaction, retried as a whole (with jitter, for three seconds) after a conflict or a lost connection:

    1. Look up the order with this submission key. The same key and hash: return that order. Another hash: KeyReused.
    2. Read items and options from the database, check the rules, price the lines: Invalid, UnknownItem, SoldOut.
    3. Compare with the total that the customer saw: PriceChanged.
    4. Add up the quantity of each counted item, and compare with what is left: SoldOut.
    5. Insert the order with its unique key and number, its lines, its first event, its stock moves.
    6. Claim the stock by one conditional UPDATE an item, in primary key order; zero rows: retry, and 4 decides.

    Before 2, 3 or 4 raises, the key is looked up once more, with a locking read that waits for a transaction that is
    placing this key now. What is missing or has another price may be due to this very order, sent twice or committed
    after its connection was lost; then that order is returned.

    Returns the order; its `was_placed_before` is true when an earlier call placed it.

    Raises the errors above, and Unavailable, each with nothing written; NotKnownYet when the answer to
    COMMIT is lost and the order cannot be looked up, or its key stays locked.
    """
    key = submission_key or f"own-{new_token()}"
    token = new_token()

    def attempt() -> Order:
        now = timezone.now()
        today = timezone.localdate(now)
        is_known, number = selectors.key_known_and_free_number(key, today, candidate_numbers())
        placed = selectors.order_for_submission(key, submission_hash) if is_known else None
        if placed:
            return placed
        try:
            sales = check_and_price(lines)
            total = _total_as_seen(sales, expected_total)
            claims = ledger.changes_to_claim(quantities_by_item(sales), sales, now)
        except OrderError:
            with outcome_unknown_while_locked():
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
        with outcome_unknown_while_locked():
            INSERT_ORDER.one(order)
        counted = {claim.stock.item_id for claim in claims}
        ledger.write(
            claims,
            INSERT_LINES.many([sale.line(order, was_counted=sale.item.id in counted) for sale in sales]),
            INSERT_EVENTS.many([{"order_id": order.pk, "to_status": Status.PENDING, "at": now}]),
            INSERT_STOCK_MOVES.many(ledger.moves_of(claims, StockMove.ORDERED, order)),
        )
        return order

    order = run_in_transaction(attempt, can_repeat=True)
    # An attempt that was repeated after a lost COMMIT finds its own order: the token tells it from another call's.
    order.was_placed_before = order.token != token
    selectors.RECENT.invalidate()
    return order


def _total_as_seen(sales: Sequence[PricedLine], expected: Decimal | None) -> Decimal:
    """Return the total. Raises PriceChanged if it is not the one that the customer saw."""
    total = total_of(sales)
    if expected is not None and expected != total:
        raise PriceChanged(expected=expected, total=total, unit_prices=[sale.unit_price for sale in sales])
    return total
