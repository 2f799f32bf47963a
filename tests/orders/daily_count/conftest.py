import pytest
from django.utils import timezone

from menu.models import Item
from orders import services
from tests.harness.factories import croissant
from tests.orders.daily_count.clock import Clock
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def roll() -> Item:
    """A croissant with a daily count: five today, and five each morning."""
    made = croissant()
    services.set_stock(item=made, available=5, daily=5, reason="baked")
    return made
