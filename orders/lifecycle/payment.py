"""The use cases that note payments and refunds. Each is one transaction.

Each raises as `orders.permissions.check_payment` does when its actor may not make the move.
"""

from copy import copy
from datetime import datetime

from orders.errors import stale_state_error
from orders.lifecycle.transitions import (
    Staff,
    cancel_in_transaction,
    restore_in_transaction,
    run_transition,
    write_payment_transition,
    write_status_transition,
)
from orders.models import (
    Order,
    PaymentStatus,
    Status,
)
from orders.transactions import run_in_transaction


def hand_over_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that a ready order is paid, and hand it over. Raises NotAllowedNow if it is paid or not ready."""

    def attempt() -> datetime:
        write_payment_transition(order, PaymentStatus.UNPAID, PaymentStatus.PAID, actor)
        return write_status_transition(order, Status.READY, Status.COMPLETED, actor)

    return run_transition(order, Status.COMPLETED, attempt, payment=PaymentStatus.PAID)


def hand_over_unpaid(*, order: Order, reason: str, actor: Staff | None = None) -> Order:
    """Close a ready order whose customer is gone without paying. Raises NotAllowedNow if it is paid or not ready."""

    completed = copy(order)  # as the payment's rules see it
    completed.status = Status.COMPLETED

    def attempt() -> datetime:
        completed_at = write_status_transition(order, Status.READY, Status.COMPLETED, actor)
        write_payment_transition(completed, PaymentStatus.UNPAID, PaymentStatus.WRITTEN_OFF, actor, reason)
        return completed_at

    return run_transition(order, Status.COMPLETED, attempt, payment=PaymentStatus.WRITTEN_OFF)


def undo_hand_over_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Undo `hand_over_paid`: the order is ready and unpaid again. Raises NotAllowedNow."""

    def attempt() -> datetime:
        ready_at = write_status_transition(order, Status.COMPLETED, Status.READY, actor)
        write_payment_transition(order, PaymentStatus.PAID, PaymentStatus.UNPAID, actor)
        return ready_at

    return run_transition(order, Status.READY, attempt, payment=PaymentStatus.UNPAID)


def mark_paid(*, order: Order, actor: Staff | None = None) -> Order:
    """Note that an order was paid at the counter, also when it was written off before.

    Raises NotAllowedNow if it was paid or refunded, or is cancelled or not picked up.
    """
    if order.payment_status == PaymentStatus.REFUNDED:
        raise stale_state_error(order)
    return move_payment(order=order, to=PaymentStatus.PAID, actor=actor)


def refund_order(
    *,
    order: Order,
    actor: Staff | None = None,
    reason: str = "",
    cancel: bool = False,
    restock: bool | None = None,
) -> Order:
    """Note the refund of a paid order; with `cancel`, cancel the order as well.

    `restock` as in `cancel_order`. Raises NotAllowedNow.
    """
    if not cancel:
        return move_payment(order=order, to=PaymentStatus.REFUNDED, actor=actor, reason=reason)
    before = Status(order.status)

    def attempt() -> datetime:
        write_payment_transition(order, PaymentStatus.PAID, PaymentStatus.REFUNDED, actor, reason)
        return cancel_in_transaction(order, before, actor, reason, restock)

    return run_transition(order, Status.CANCELLED, attempt, payment=PaymentStatus.REFUNDED)


def undo_refund_and_cancel(*, order: Order, actor: Staff | None = None) -> Order:
    """Undo `refund_order(cancel=True)`: the order is paid, and new again. Raises as `restore_order` does."""

    def attempt() -> datetime:
        write_payment_transition(order, PaymentStatus.REFUNDED, PaymentStatus.PAID, actor)
        return restore_in_transaction(order, Status.CANCELLED, Status.PENDING, actor)

    return run_transition(order, Status.PENDING, attempt, payment=PaymentStatus.PAID)


def move_payment(*, order: Order, to: PaymentStatus, actor: Staff | None = None, reason: str = "") -> Order:
    """Make one move of the payment that `orders.permissions` allows in the order's status. Raises NotAllowedNow."""
    before = PaymentStatus(order.payment_status)
    run_in_transaction(lambda: write_payment_transition(order, before, to, actor, reason))
    order.payment_status = to
    return order
