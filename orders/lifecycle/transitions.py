"""One move of an order's status or payment: a conditional UPDATE and its event.

The functions here run inside a transaction of their caller (`carry_out` begins one).
"""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from cafe.db import compiled_queries
from orders import selectors
from orders.errors import NotAllowedNow, has_moved_on
from orders.models import (
    ALLOWED_MOVES,
    CUSTOMER_MOVES,
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

MOVES = compiled_queries.Insert(StockMove)

Staff = User


def carry_out(
    order: Order, to: Status, attempt: Callable[[], datetime], *, payment: PaymentStatus | None = None
) -> Order:
    """Run a move as one transaction, then set the new state on `order`.

    When the transaction fails, `order` keeps its old state, so the same move can be retried.
    """
    order.moved_at = run_in_transaction(attempt)
    order.status = to
    order.payment_status = payment or order.payment_status
    selectors.RECENT.invalidate()
    return order


def move_status(
    order: Order,
    before: Status,
    to: Status,
    actor: Staff | None,
    reason: str = "",
    allowed: Mapping[Status, set[Status]] = ALLOWED_MOVES,
) -> datetime:
    """Write one move of status: UPDATE … WHERE status = what the caller saw, and its event. Returns its time.

    Raises NotAllowedNow, also for a closed order that would be open again while another open order has its number.
    """
    now = timezone.now()
    if to not in allowed.get(before, set()):
        raise has_moved_on(order)
    if to in OPEN and before not in OPEN and selectors.is_number_taken(order):
        raise NotAllowedNow(_("Another order has number %(number)s now.") % {"number": order.number})
    if not Order.objects.filter(pk=order.pk, status=before).update(status=to, moved_at=now):
        raise has_moved_on(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
    return now


def cancel_in_transaction(
    order: Order, before: Status, actor: Staff | None, reason: str, restock: bool | None
) -> datetime:
    allowed = CUSTOMER_MOVES if actor is None else ALLOWED_MOVES
    moved_at = move_status(order, before, Status.CANCELLED, actor, reason, allowed)
    if before == Status.PENDING if restock is None else restock:
        changes = ledger.changes_to_give_back(order, timezone.now())
        ledger.write(changes, MOVES.many(ledger.moves_of(changes, StockMove.CANCELLED, order, actor)))
    return moved_at


def restore_in_transaction(
    order: Order, before: Status, step: Status, actor: Staff | None, reason: str = ""
) -> datetime:
    restored_at = move_status(order, before, step, actor, reason)
    claims = ledger.changes_to_claim_again(order, restored_at)
    ledger.write(claims, MOVES.many(ledger.moves_of(claims, StockMove.RESTORED, order, actor)))
    return restored_at


def move_payment_of(
    order: Order, before: PaymentStatus, to: PaymentStatus, actor: Staff | None, reason: str = ""
) -> None:
    """Write one move of the payment: UPDATE … WHERE payment = what the caller saw, and its event.

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
        raise has_moved_on(order)
    OrderEvent.objects.create(order=order, from_status=before, to_status=to, actor=actor, at=now, reason=reason)
