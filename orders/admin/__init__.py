"""The admin pages of orders and stock."""

from orders.admin import orders, stock  # noqa: F401 - registers them
