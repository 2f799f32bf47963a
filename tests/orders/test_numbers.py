"""A number of an order that the bar or the board shows is not drawn for another, whatever their business day."""

import os
import random
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders import selectors, services
from orders.audit import check_books
from orders.errors import NotAllowedNow
from orders.models import Order, Status
from tests.harness.factories import barista, nothing_written, order
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, execute
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that fixes the numbers drawn from then on."""
    return lambda *numbers: monkeypatch.setattr(random, "choices", lambda _range, k: list(numbers))


def of_another_day(number: int, status: str = Status.READY, *, days: int = 1, **fields: Any) -> Order:
    placed = order()
    then = timezone.now() - timedelta(days=days)
    own = {"number": number, "business_day": timezone.localdate(then), "placed_at": then, "moved_at": then}
    Order.objects.filter(pk=placed.pk).update(status=status, **own | fields)
    placed.refresh_from_db()
    return placed


def test_a_number_that_is_ready_since_yesterday_is_not_drawn(draws: Any) -> None:
    of_another_day(207)
    draws(207, 208)
    assert order().number == 208
    assert selectors.numbers_on_board() == ([], [207])


@pytest.mark.parametrize("status", ["pending", "preparing", "ready"])
@pytest.mark.parametrize("days", [1, 40, -1])  # -1 is tomorrow: the clock was fast
def test_no_number_of_an_open_order_is_drawn_whatever_its_day(draws: Any, status: str, days: int) -> None:
    of_another_day(207, status, days=days)
    draws(207, 208)
    assert order().number == 208


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_no_number_of_an_order_whose_money_is_to_be_given_back_is_drawn(draws: Any, status: str) -> None:
    owed = of_another_day(207, status, payment_status="paid")
    draws(207, 208, 209)
    assert order().number == 208
    Order.objects.filter(pk=owed.pk).update(payment_status="refunded")
    assert order().number == 209, "the refund may have been noted by mistake"
    Order.objects.filter(pk=owed.pk).update(business_day=timezone.localdate() - timedelta(days=2))
    assert order().number == 207


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_a_number_of_yesterday_that_nobody_shows_is_drawn_again(draws: Any, status: str) -> None:
    of_another_day(207, status)
    draws(207, 208)
    assert order().number == 207


def test_when_every_short_number_is_shown_there_is_a_longer_one() -> None:
    day = {"business_day": date(2026, 3, 1), "total": 0, "customer_name": "a"}
    Order.objects.bulk_create(Order(number=number, **day) for number in range(100, 1000))
    assert 1000 <= order().number <= 999_999


def test_an_order_does_not_come_back_while_another_one_has_its_number(draws: Any) -> None:
    yesterdays = of_another_day(207, Status.COMPLETED)
    draws(207)
    todays = order()
    assert todays.number == 207
    with nothing_written(), pytest.raises(NotAllowedNow, match="207"):
        services.undo_order(order=yesterdays, actor=barista())
    assert yesterdays.status == Status.COMPLETED
    services.cancel_order(order=todays, actor=barista(), reason="asked")
    services.undo_order(order=yesterdays, actor=barista())
    assert yesterdays.status == Status.READY


def test_an_order_comes_back_when_its_number_is_free(draws: Any) -> None:
    yesterdays = of_another_day(207, Status.COMPLETED)
    services.undo_order(order=yesterdays, actor=barista())
    draws(207, 208)
    assert order().number == 208


def test_the_database_refuses_two_open_orders_of_one_number() -> None:
    """The unique key guards a race: a read before the other transaction's commit sees no order."""
    first = order()
    day = {"business_day": date(2020, 1, 1), "total": 0, "customer_name": "a"}
    with nothing_written(), pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.create(number=first.number, **day)
    closed = Order.objects.create(number=first.number, status=Status.COMPLETED, **day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=closed.pk).update(status=Status.READY)


def test_orders_that_shared_a_number_before_the_rule_stay_as_they_are(
    draws: Any,
    books_in_this_transaction: None,  # noqa: F811
) -> None:
    """The migration lets the newest of them hold the number; the others can still be moved."""
    old = of_another_day(207, Status.PREPARING, days=2, holds_number=None)
    Order.objects.filter(pk=order().pk).update(number=207)
    services.advance_order(order=old, actor=barista())
    assert sorted(Order.objects.values_list("number", "status")) == [(207, "pending"), (207, "ready")]
    draws(207, 208)
    assert order().number == 208
    assert [
        finding.what for finding in check_books() if "number" in finding.where and "have it" in finding.what
    ] == []


# The migration, on a database that the previous release has filled


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[RunningCafe]:
    """A café (not started) on a database of its own."""
    name = f"test_numbers_{secrets.token_hex(4)}"
    execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield RunningCafe(tmp_path, {key: os.environ[key] for key in MariaDB(tmp_path).env()} | {"DB_NAME": name})
    execute(f"DROP DATABASE {name}")


OF_THE_RELEASE_BEFORE = """
from django.db import connection
from django.utils import timezone
COLUMNS = "token, number, business_day, customer_name, phone, note, fulfilment, language, status, payment_status, "
ROWS = [(207, 20, "ready"), (207, 21, "pending"), (208, 20, "completed"), (208, 21, "preparing")]
with connection.cursor() as cursor:
    for row, (number, day, status) in enumerate(ROWS):
        values = [f"t{row}", number, f"2026-11-{day}", "a", "", "", "to_go", "en", status, "unpaid"]
        cursor.execute(
            f"INSERT INTO orders_order ({COLUMNS} total, submission_hash, placed_at, moved_at)"
            f" VALUES ({', '.join(['%s'] * len(values))}, 0, '', NOW(6), NOW(6))",
            values,
        )
"""
WHAT_IS_HELD = """
from orders.models import Order
print(*Order.objects.order_by("pk").values_list("number", "status", "open_number"), sep="; ")
"""


@pytest.mark.only_full
@pytest.mark.needs_mariadb
def test_the_migration_finds_open_orders_that_share_a_number(cafe: RunningCafe) -> None:
    cafe.manage("migrate", "orders", "0004", "-v0")
    cafe.manage("shell", "--verbosity=0", "-c", OF_THE_RELEASE_BEFORE)
    cafe.manage("migrate", "-v0")
    assert cafe.manage("shell", "--verbosity=0", "-c", WHAT_IS_HELD).strip() == (
        "(207, 'ready', None); (207, 'pending', 207); (208, 'completed', None); (208, 'preparing', 208)"
    )


@pytest.mark.only_full
@pytest.mark.needs_mariadb
def test_the_release_before_runs_on_the_new_database(cafe: RunningCafe) -> None:
    """The previous release writes neither new column; its orders hold their numbers all the same."""
    cafe.manage("migrate", "-v0")
    cafe.manage("shell", "--verbosity=0", "-c", OF_THE_RELEASE_BEFORE.replace('(207, 20, "ready"), ', ""))
    assert cafe.manage("shell", "--verbosity=0", "-c", WHAT_IS_HELD).strip() == (
        "(207, 'pending', 207); (208, 'completed', None); (208, 'preparing', 208)"
    )
