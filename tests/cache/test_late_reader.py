"""A reader is delayed between its SELECT and its cache SET while a writer commits: the new menu is served (row 2)."""

import pytest

from tests.cache import late_reader
from tests.cache.change_cases.registry import NEW, OLD
from tests.cache.manager_process import ManagerProcess

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

EVERYBODY = {"the late one": NEW, "the other": NEW, "a newcomer": NEW}


@pytest.mark.parametrize("part", ["build", "dump"])
def test_what_a_late_reader_writes_is_never_served_as_the_new_menu(
    manager_process: ManagerProcess, part: str
) -> None:
    """The delay comes after reading the rows ("build"), or after the check that they are of one version ("dump")."""
    shown = manager_process.ask(late_reader.held_up_after, part, f"after-{part}")
    assert EVERYBODY.items() <= shown.items()
    assert shown["newcomer's builds"] == 0  # Redis had the new menu, under the key of its version


def test_nor_does_it_become_the_last_one_known(manager_process: ManagerProcess) -> None:
    """The last known menu is served while the database is down."""
    shown = manager_process.ask(late_reader.held_up_after, "dump", "last-known")
    assert shown["a newcomer without a database"] == NEW


def test_a_cache_of_one_key_serves_the_old_menu(manager_process: ManagerProcess) -> None:
    """The control: no second delete follows the late SET."""
    assert manager_process.ask(late_reader.naive_reader_held_up) == dict.fromkeys(EVERYBODY, OLD)
