"""The models of orders and stock. `orders.services` alone writes status, payment and stock."""

from orders.models.business_days import business_day
from orders.models.event import OrderEvent
from orders.models.order import Order, OrderLine, new_token
from orders.models.statuses import (
    ALLOWED_TRANSITIONS,
    BACK,
    CUSTOMER_TRANSITIONS,
    FORWARD,
    MOVE_LABELS,
    NOT_HANDED_OVER,
    OPEN,
    PATIENCE_S,
    REPAYMENT_IS_SEEN_S,
    RESTORED,
    UNDO_IS_SEEN_S,
    PaymentStatus,
    Status,
)
from orders.models.stock import Stock, StockMove

__all__ = [
    "ALLOWED_TRANSITIONS",
    "BACK",
    "CUSTOMER_TRANSITIONS",
    "FORWARD",
    "MOVE_LABELS",
    "NOT_HANDED_OVER",
    "OPEN",
    "PATIENCE_S",
    "REPAYMENT_IS_SEEN_S",
    "RESTORED",
    "UNDO_IS_SEEN_S",
    "Order",
    "OrderEvent",
    "OrderLine",
    "PaymentStatus",
    "Status",
    "Stock",
    "StockMove",
    "business_day",
    "new_token",
]
