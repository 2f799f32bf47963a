import pytest

from orders.models import Order
from tests.harness.factories import croissant, order, wanted


@pytest.fixture
def placed() -> Order:
    """An order of two counted croissants, new on the board."""
    return order(wanted(croissant(stock=9), quantity=2))
