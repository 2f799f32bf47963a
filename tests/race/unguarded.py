"""A guard off, for the twins that need the same one: put on in the processes of the crowd, by `inside=`."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.db.models import QuerySet

from orders.models import Order


@contextmanager
def moves_by_key_alone() -> Iterator[None]:
    """A status is written without WHERE status = what was read."""

    def without_status(*, pk: int, status: str) -> "QuerySet[Order]":
        return Order._base_manager.filter(pk=pk)

    with patch.object(Order.objects, "filter", without_status):
        yield


@contextmanager
def payments_by_key_alone() -> Iterator[None]:
    """A payment is written without WHERE payment_status = what was read."""

    def without_payment(*, pk: int, payment_status: str, status__in: object) -> "QuerySet[Order]":
        return Order._base_manager.filter(pk=pk)

    with patch.object(Order.objects, "filter", without_payment):
        yield
