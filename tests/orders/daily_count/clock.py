"""A clock that the test moves, and items that are counted daily."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client

from orders.models import Stock, StockMove
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

SUNDAY, MONDAY, TUESDAY = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 1, tzinfo=UTC)  # Sunday, 09:00 in Shanghai

    def next_morning(self) -> None:
        self.now += timedelta(days=1)


def stock() -> tuple[int, int | None, date]:
    row = Stock.objects.get()
    return row.available, row.daily, row.counted_on


def moves() -> list[tuple[int, str]]:
    return list(StockMove.objects.order_by("pk").values_list("delta", "reason"))


def staff_client(person: User) -> Client:
    client = Client(headers={"Origin": "http://testserver"})
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client
