"""The public interface of `orders`: each function is one transaction, and nothing else writes orders or stock."""

from orders.lifecycle.payment import (
    hand_over_paid,
    hand_over_unpaid,
    mark_paid,
    move_payment,
    refund_order,
    undo_hand_over_paid,
    undo_refund_and_cancel,
)
from orders.lifecycle.status import advance_order, cancel_order, mark_no_show, restore_order, undo_order
from orders.lifecycle.transitions import Staff
from orders.placing.place_order import place_order
from orders.stock.counting import MAX_STOCK, UNSET, Unset, restock, set_stock

__all__ = [
    "MAX_STOCK",
    "UNSET",
    "Staff",
    "Unset",
    "advance_order",
    "cancel_order",
    "hand_over_paid",
    "hand_over_unpaid",
    "mark_no_show",
    "mark_paid",
    "move_payment",
    "place_order",
    "refund_order",
    "restock",
    "restore_order",
    "set_stock",
    "undo_hand_over_paid",
    "undo_order",
    "undo_refund_and_cancel",
]
