import pytest
from django.test import Client

from orders.models import Order
from tests.harness.factories import barista, croissant, manager, order, wanted
from tests.orders.bar.touches import client_of


@pytest.fixture
def bar() -> Client:
    """The client of a signed-in barista."""
    return client_of(barista())


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


@pytest.fixture
def placed() -> Order:
    """An order of two counted croissants, new on the board."""
    return order(wanted(croissant(stock=9), quantity=2))
