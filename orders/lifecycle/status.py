"""The use cases that move the status of an order. Each is one transaction."""

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
    BACK,
    FORWARD,
    RESTORED,
    Order,
    PaymentStatus,
    Status,
)
from orders.permissions import can_restore


def advance_order(*, order: Order, actor: Staff | None = None, to: Status | None = None) -> Order:
    """Move an order one status forward. Raises NotAllowedNow.

    `to` is the status that the barista meant: a second touch on the same ticket is refused, and moves nothing twice.
    """
    before = Status(order.status)
    step = FORWARD.get(before)
    if step is None or (to is not None and to != step):
        raise stale_state_error(order)
    return run_transition(order, step, lambda: write_status_transition(order, before, step, actor))


def undo_order(*, order: Order, actor: Staff | None = None) -> Order:
    """Move an order one status back; a payment that was written off is unpaid again. Raises NotAllowedNow."""
    before = Status(order.status)
    step = BACK.get(before)
    if step is None:
        raise stale_state_error(order)
    is_written_off = order.payment_status == PaymentStatus.WRITTEN_OFF

    def attempt() -> datetime:
        if is_written_off:
            write_payment_transition(order, PaymentStatus.WRITTEN_OFF, PaymentStatus.UNPAID, actor)
        return write_status_transition(order, before, step, actor)

    return run_transition(order, step, attempt, payment=PaymentStatus.UNPAID if is_written_off else None)


def cancel_order(*, order: Order, actor: Staff | None = None, reason: str = "", restock: bool | None = None) -> Order:
    """Cancel an order: by the customer (`actor` None) only while pending, by staff until it is picked up.

    `restock`: whether counted items go back to stock; None: only if the order is still pending, else they are waste.
    Money that was paid for it is owed back (`Order.is_owed_back`). Raises NotAllowedNow.
    """

    before = Status(order.status)
    return run_transition(
        order, Status.CANCELLED, lambda: cancel_in_transaction(order, before, actor, reason, restock)
    )


def mark_no_show(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Close a ready order that nobody picked up. Raises NotAllowedNow."""
    before = Status(order.status)
    return run_transition(
        order, Status.NO_SHOW, lambda: write_status_transition(order, before, Status.NO_SHOW, actor, reason)
    )


def restore_order(*, order: Order, actor: Staff | None = None, reason: str = "") -> Order:
    """Restore an order that was ended by mistake: a cancelled one is pending again, one not picked up is ready.

    A cancelled order claims again what it gave back to stock; an item that is no longer counted is sold uncounted.
    Raises NotAllowedNow on a later business day and after a refund, SoldOut when the stock is short.
    """
    before = Status(order.status)
    step = RESTORED.get(before)
    if step is None or not can_restore(order):
        raise stale_state_error(order)

    return run_transition(order, step, lambda: restore_in_transaction(order, before, step, actor, reason))
