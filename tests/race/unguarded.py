"""Context managers that remove a guard in the processes of the crowd (`inside=`), for several control tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db.models import QuerySet

from orders.models import Order


@contextmanager
def moves_by_key_alone() -> Iterator[None]:
    """Write an order's status without `WHERE status = <the status that was read>`."""

    def without_status(*, pk: int, status: str) -> "QuerySet[Order]":
        return Order._base_manager.filter(pk=pk)

    with patch.object(Order.objects, "filter", without_status):
        yield


@contextmanager
def payments_by_key_alone() -> Iterator[None]:
    """Write an order's payment without `WHERE payment_status = <the status that was read>`."""

    def without_payment(*, pk: int, payment_status: str, status__in: object) -> "QuerySet[Order]":
        return Order._base_manager.filter(pk=pk)

    with patch.object(Order.objects, "filter", without_payment):
        yield
