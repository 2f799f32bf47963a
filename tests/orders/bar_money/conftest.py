import pytest

from orders import services
from orders.models import Order
from tests.harness.factories import barista, croissant, order, wanted
from tests.orders.bar_money.tickets import ready
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture


@pytest.fixture
def placed() -> Order:
    """A paid order of two counted croissants, ¥32, for 王芳."""
    placed = order(wanted(croissant(stock=9), quantity=2))
    return services.mark_paid(order=placed, actor=barista())


@pytest.fixture
def unpaid() -> Order:
    return ready(order(wanted(croissant(stock=9), quantity=2)))
