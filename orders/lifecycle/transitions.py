"""Transitions of an order's status or payment: a conditional UPDATE and its event.

`run_transition` begins a transaction; each other function runs inside the transaction of its caller.
"""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from cafe.db import compiled_queries
from orders import selectors
from orders.errors import NotAllowedNow, stale_state_error
from orders.models import (
    ALLOWED_TRANSITIONS,
    CUSTOMER_TRANSITIONS,
    OPEN,
    Order,
    OrderEvent,
    PaymentStatus,
    Status,
    StockMove,
)
from orders.permissions import check_payment, statuses_for
from orders.stock import ledger
from orders.transactions import run_in_transaction

INSERT_STOCK_MOVES = compiled_queries.Insert(StockMove)

Staff = User


def run_transition(
    order: Order, to: Status, attempt: Callable[[], datetime], *, payment: PaymentStatus | None = None
) -> Order:
    """Run a transition as one transaction (`attempt` returns its time), then set the new state on `order`.

    When the transaction fails, `order` keeps its old state, so the same transition can be retried.
    """
    order.moved_at = run_in_transaction(attempt)
    order.status = to
    order.payment_status = payment or order.payment_status
    selectors.RECENT.invalidate()
    return order


def write_status_transition(
    order: Order,
    before: Status,
    to: Status,
    actor: Staff | None,
    reason: str = "",
    allowed: Mapping[Status, set[Status]] = ALLOWED_TRANSITIONS,
) -> datetime:
    """Write one transition of status: UPDATE … WHERE status = `before`, and its event. Return its time.

    `before` is the status that the caller saw. Raises NotAllowedNow when the order has another one, when `allowed`
    has no such transition, and when a closed order would be open again while another open order has its number.
    """
    now = timezone.now()
    if to not in allowed.get(before, set()):
        raise stale_state_error(order)
    if to in OPEN and before not in OPEN and selectors.is_number_taken(order):
        raise NotAllowedNow(_("Another order has number %(number)s now.") % {"number": order.number})
    if not Order.objects.filter(pk=order.pk, status=before).update(status=to, moved_at=now):
        raise stale_state_error(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
    return now


def cancel_in_transaction(
    order: Order, before: Status, actor: Staff | None, reason: str, restock: bool | None
) -> datetime:
    """Cancel the order and return the time. Raises NotAllowedNow.

    Its stock is given back if `restock` is true, or if it is None and the order was pending. Without an actor it is
    the customer who cancels, as CUSTOMER_TRANSITIONS allows.
    """
    allowed = CUSTOMER_TRANSITIONS if actor is None else ALLOWED_TRANSITIONS
    moved_at = write_status_transition(order, before, Status.CANCELLED, actor, reason, allowed)
    if before == Status.PENDING if restock is None else restock:
        changes = ledger.changes_to_give_back(order, timezone.now())
        ledger.write(changes, INSERT_STOCK_MOVES.many(ledger.moves_of(changes, StockMove.CANCELLED, order, actor)))
    return moved_at


def restore_in_transaction(
    order: Order, before: Status, to: Status, actor: Staff | None, reason: str = ""
) -> datetime:
    """Restore a closed order to the status `to` and return the time. Claim again the stock that its end gave back.

    Raises NotAllowedNow, and SoldOut when not enough is left.
    """
    restored_at = write_status_transition(order, before, to, actor, reason)
    claims = ledger.changes_to_claim_again(order, restored_at)
    ledger.write(claims, INSERT_STOCK_MOVES.many(ledger.moves_of(claims, StockMove.RESTORED, order, actor)))
    return restored_at


def write_payment_transition(
    order: Order, before: PaymentStatus, to: PaymentStatus, actor: Staff | None, reason: str = ""
) -> None:
    """Write one transition of the payment: UPDATE … WHERE payment_status = `before`, in an order
    status that allows it, and its event.

    Raises as `orders.permissions.check_payment` does for this actor; without an actor it checks no role. Raises
    NotAllowedNow when the order is in another state than the caller saw.
    """
    statuses = statuses_for(before, to)
    if actor is not None:
        seen = copy(order)
        seen.payment_status = before
        statuses = check_payment(actor, seen, to, selectors.events(order), reason).statuses
    now = timezone.now()
    rows = Order.objects.filter(pk=order.pk, payment_status=before, status__in=statuses)
    if not rows.update(payment_status=to):
        raise stale_state_error(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
