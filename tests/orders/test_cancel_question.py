"""The cancel confirmation without JavaScript: the order page does not refresh itself while it asks the customer."""

import pytest
from django.test import Client

from orders import services
from tests.harness.factories import americano, barista
from tests.orders.customer import a_device, add, place

pytestmark = pytest.mark.django_db
REFRESHES = '<meta http-equiv="refresh"'


def test_the_question_stays_until_it_is_answered() -> None:
    device = a_device()
    add(device, americano())
    address = f"/en/order/{place(device).token}/"
    page = device.get(address).content.decode()
    assert REFRESHES in page
    assert f'href="{address}?sure=on#sure"' in page
    asked = device.get(f"{address}?sure=on").content.decode()
    assert REFRESHES not in asked
    assert asked.count('class="sure__question"') == 1
    assert f'<a class="button" href="{address}">No, keep it</a>' in asked


def test_who_may_not_cancel_is_not_asked() -> None:
    device = a_device()
    add(device, americano())
    placed = place(device)
    address = f"/en/order/{placed.token}/?sure=on"
    assert "sure__question" not in Client().get(address).content.decode()
    services.advance_order(order=placed, actor=barista())
    page = device.get(address).content.decode()
    assert "sure__question" not in page
    assert REFRESHES in page
