"""The devices and the placed order of the checkout's tests."""

import pytest
from django.test import Client

from orders.models import Order
from tests.harness.factories import croissant
from tests.orders.checkout.pages import SAME_ORIGIN, add, check_out, form_of, submit


@pytest.fixture
def client() -> Client:
    return Client(headers=SAME_ORIGIN)


@pytest.fixture
def other_device() -> Client:
    return Client(headers=SAME_ORIGIN)


@pytest.fixture
def placed(client: Client) -> Order:
    """An order of this client's device: two counted croissants of 王小明."""
    add(client, croissant(stock=5), quantity="2")
    submit(client, form_of(check_out(client), customer_name="王小明", note="no sugar"))
    return Order.objects.get()
