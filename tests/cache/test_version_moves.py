"""Every change case increments the menu's version in the same transaction, before it writes any other row (row 1).

If the version were committed before the row, caches would hold the old menu under the new version for ever. If two
managers locked the rows in different orders, they could deadlock.
"""

import re

import pytest
from django.core import serializers
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from menu.catalogue.queries import read_menu
from menu.catalogue.records import Menu
from menu.models import AvailabilityChange, MenuVersion
from tests.cache import changes
from tests.cache.change_cases import registry
from tests.cache.manager_process import ManagerProcess

WRITES = re.compile(r"(INSERT|REPLACE|UPDATE|DELETE)\b.*?[`\"]?(\w+_\w+)", re.DOTALL)
LOCKS = re.compile(r"SELECT\b.*?\bFROM [`\"]?(\w+).*\bFOR UPDATE", re.DOTALL)
VERSION = "menu_menuversion"

ALL = changes.names()


def where_the_menu_is() -> tuple[int, Menu]:
    return MenuVersion.objects.get().version, read_menu("default")


def steps_of(statements: list[str]) -> list[tuple[str, str]]:
    """Parse the writes, row locks and transaction statements to (word, table): ("UPDATE", "menu_item"), ("COMMIT",
    "")."""
    steps = []
    for sql in statements:
        if found := WRITES.match(sql):
            steps.append((found[1], found[2]))
        elif found := LOCKS.match(sql):
            steps.append(("LOCK", found[1]))
        elif (word := sql.split()[0].strip(";")) in ("BEGIN", "COMMIT", "ROLLBACK"):
            steps.append((word, ""))
    return steps


def transactions(steps: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Group the steps by transaction; a step in autocommit is a transaction of its own."""
    found: list[list[tuple[str, str]]] = []
    is_open = False
    for step in steps:
        if step[0] in ("BEGIN", "COMMIT", "ROLLBACK"):
            is_open = step[0] == "BEGIN"
            found.append([])
        elif is_open:
            found[-1].append(step)
        else:
            found.append([step])
    return [steps for steps in found if steps]


def menu_steps(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the steps on menu tables, without the history of availability changes, which no page shows."""
    return [step for step in steps if step[1].startswith("menu_") and step[1] != AvailabilityChange._meta.db_table]


@pytest.mark.few_cases(13)
@pytest.mark.needs_mariadb
@pytest.mark.needs_redis
@pytest.mark.parametrize("name", ALL)
def test_the_version_is_the_first_row_of_the_transaction(manager_process: ManagerProcess, name: str) -> None:
    """In autocommit too the version and the row change in one transaction."""
    found = [menu_steps(steps) for steps in transactions(steps_of(manager_process.ask(changes.statements_of, name)))]
    writing = [steps for steps in found if any(word != "LOCK" for word, _table in steps)]
    assert writing
    for steps in writing:
        assert steps[0][1] == VERSION, steps
        assert next(step for step in steps if step[0] != "LOCK") == ("UPDATE", VERSION), steps


def save_deserialized() -> list[str]:
    """Save a deserialized row without `loaddata`: Django then bypasses our `save`, and opens no transaction."""
    item = registry.new_item()
    text = serializers.serialize("json", [item])
    with CaptureQueriesContext(connection) as captured:
        for row in serializers.deserialize("json", text):
            row.save()
    return [query["sql"] for query in captured]


@pytest.mark.needs_mariadb
@pytest.mark.needs_redis
def test_a_row_that_is_written_outside_a_transaction_moves_the_version_once_it_is_there(
    manager_process: ManagerProcess,
) -> None:
    """Otherwise an instance could read the new version with the old row, and cache that for ever."""
    found = [menu_steps(steps) for steps in transactions(steps_of(manager_process.ask(save_deserialized)))]
    last_row = max(number for number, steps in enumerate(found) if steps != [("UPDATE", VERSION)])
    assert any(("UPDATE", VERSION) in steps for steps in found[last_row:]), found


@pytest.mark.few_cases(13)
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in ALL if changes.alias_of(name) == "default"])
def test_the_version_moves_with_the_change_and_back_with_it(name: str) -> None:
    steps = registry.begin(name)
    version, menu = where_the_menu_is()
    before = transaction.savepoint()
    steps.change()
    moved, changed = where_the_menu_is()
    assert moved > version
    assert changed != menu
    transaction.savepoint_rollback(before)
    assert where_the_menu_is() == (version, menu)


@pytest.mark.django_db
def test_looking_moves_nothing(client: Client) -> None:
    registry.new_item()
    version = MenuVersion.objects.get().version
    assert client.get("/en/").status_code == client.get("/api/menu").status_code == 200
    assert MenuVersion.objects.get().version == version
