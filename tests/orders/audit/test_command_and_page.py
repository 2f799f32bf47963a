"""`check_books` as a command in its own process, and as a page in admin."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order
from tests.harness.factories import manager
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, execute
from tests.orders.audit.scene import Scene
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[RunningCafe]:
    """A café (not started) with the sample menu on a database of its own."""
    name = f"test_books_{secrets.token_hex(4)}"
    execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    cafe = RunningCafe(tmp_path, {key: os.environ[key] for key in MariaDB(tmp_path).env()} | {"DB_NAME": name})
    cafe.prepare()
    yield cafe
    execute(f"DROP DATABASE {name}")


TWO_ORDERS = """
from menu.options.selection import default_choice
from menu.catalogue.current import current_menu
from orders.placing.lines import LineRequest
from orders.services import place_order
item = current_menu().item("americano")
line = LineRequest(item.id, tuple(option.id for option in default_choice(item)), 1)
for key in "ab":
    place_order(lines=[line], customer_name="王芳", submission_key=key)
"""


THE_SAME_TWICE = """
from django.db import connection
from orders.models import Order
with connection.cursor() as cursor:
    for name, found in connection.introspection.get_constraints(cursor, "orders_order").items():
        if found["unique"] and found["columns"] not in (["id"], ["token"]):
            cursor.execute(f"ALTER TABLE orders_order DROP INDEX {name}")
Order.objects.update(submission_key="a", number=123)
"""


# The command in its own process and connection, after unique indexes were dropped


@pytest.mark.only_full
@pytest.mark.needs_mariadb
def test_the_command_reads_committed_rows_and_finds_what_a_lost_index_let_in(cafe: RunningCafe) -> None:
    cafe.manage("shell", "--verbosity=0", "-c", TWO_ORDERS)
    assert cafe.manage("check_books") == "The books agree.\n"
    cafe.manage("shell", "--verbosity=0", "-c", THE_SAME_TWICE)
    with pytest.raises(AssertionError) as failure:
        cafe.manage("check_books")
    assert str(failure.value).splitlines()[1:] == [
        "submission_key a: 2 orders have it",
        f"business_day {timezone.localdate()} and number 123: 2 orders have it",
        "open_number 123: 2 orders have it",
        "The books do not agree: 3 findings.",
    ]


# The page in admin


@pytest.mark.django_db
class TestThePage:
    ADDRESS = "/admin/orders/order/books/"

    def signed_in(self, person: object = None) -> Client:
        client = Client(headers={"Origin": "http://testserver"})
        client.force_login(person or manager())  # type: ignore[arg-type]
        client.cookies["django_language"] = "en"
        return client

    def test_it_reads_nothing_before_it_is_asked(self, scene: Scene, django_assert_max_num_queries: Callable) -> None:
        client = self.signed_in()
        client.get(self.ADDRESS)
        with django_assert_max_num_queries(8):
            page = client.get(self.ADDRESS)
        assert "Check now" in page.content.decode()
        assert "The books agree." not in page.content.decode()

    def test_it_says_that_the_books_agree(self, scene: Scene, books_in_this_transaction: None) -> None:  # noqa: F811
        assert "The books agree." in self.signed_in().post(self.ADDRESS).content.decode()

    def test_it_lists_what_is_off(self, scene: Scene, books_in_this_transaction: None) -> None:  # noqa: F811
        Order.objects.update(total=1)
        page = self.signed_in().post(self.ADDRESS).content.decode()
        assert "1 thing is off:" in page
        assert f"<li>{scene.where}: its total is 1.00, but its lines add up to 57.00</li>" in page
        assert "The books agree." not in page

    def test_the_list_of_orders_leads_to_it(self) -> None:
        assert self.ADDRESS in self.signed_in().get("/admin/orders/order/").content.decode()

    def test_it_is_for_staff(self) -> None:
        assert Client().get(self.ADDRESS).status_code == 302
        assert Client(headers={"Origin": "http://testserver"}).post(self.ADDRESS).status_code == 302

    def test_staff_who_may_not_see_orders_may_not_see_it(self) -> None:
        from django.contrib.auth.models import User

        helper = User.objects.create(username="helper", is_staff=True)
        assert self.signed_in(helper).get(self.ADDRESS).status_code == 403
