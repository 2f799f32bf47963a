"""A manager's process is killed (SIGKILL) between COMMIT and its on_commit hooks: the new menu is shown (row 3)."""

import os
import signal
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from menu.models import Item
from tests.cache.change_cases import registry
from tests.cache.change_cases.registry import NEW, OLD
from tests.cache.changes import Wish
from tests.cache.late_reader import SLUG, Naive
from tests.cache.manager_process import ManagerProcess
from tests.cache.workspace import PROMISE_S, Workspace

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]


def begin() -> None:
    """Create an item and put its price into the naive cache."""
    registry.forget_all()
    registry.new_item(slug=SLUG)
    Naive().forget()
    assert Naive().price() == OLD


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def change_the_price_and_die_before_the_hooks() -> None:
    with transaction.atomic():
        Item.objects.filter(slug=SLUG).update(price=NEW)
        transaction.on_commit(die)
        transaction.on_commit(Naive().forget)


def change_the_price_and_die_before_the_commit() -> None:
    with transaction.atomic():
        Item.objects.filter(slug=SLUG).update(price=NEW)
        die()


def prices() -> dict[str, Decimal]:
    return {"naive": Naive().price(), "database": Item.objects.get(slug=SLUG).price}


def rename() -> None:
    Item.objects.filter(slug=SLUG).update(name_en="Renamed")


@pytest.mark.only_full
def test_every_program_shows_what_a_killed_manager_has_committed(
    workspace: Workspace, full_size: bool, record_property: Any
) -> None:
    """The control is the naive cache: its invalidation hook did not run, so it stays stale."""
    kills = 20 if full_size else 1
    for _kill in range(kills):
        workspace.manager_process.ask(begin)
        before = workspace.show_again()
        manager = ManagerProcess(workspace.cafes[0].env)
        manager.ask(prices)  # wait until the process has started
        told_at = time.monotonic()
        assert manager.dies_of(change_the_price_and_die_before_the_hooks) == signal.SIGKILL
        assert workspace.order_everywhere(Wish(SLUG, [], None)) == [("placed", NEW)] * 3
        after = workspace.show_again()
        assert after != before
        workspace.note_delays("the manager was killed", told_at, after)
        assert workspace.manager_process.ask(prices) == {"naive": OLD, "database": NEW}
    time.sleep(PROMISE_S)
    assert workspace.manager_process.ask(prices)["naive"] == OLD
    record_property("figures", f"{kills} killed, {workspace.delays_in_words()}")


@pytest.mark.only_full
def test_a_manager_killed_before_the_commit_changes_nothing_and_holds_nobody_up(workspace: Workspace) -> None:
    workspace.manager_process.ask(begin)
    before = workspace.show_again()
    told_at = time.monotonic()
    assert (
        ManagerProcess(workspace.cafes[0].env).dies_of(change_the_price_and_die_before_the_commit) == signal.SIGKILL
    )
    assert workspace.order_everywhere(Wish(SLUG, [], None)) == [("placed", OLD)] * 3
    assert workspace.show_again() == before
    workspace.manager_process.ask(rename)  # the killed process left no row lock
    after = workspace.show_again()
    for path in after:
        assert workspace.seen_since(told_at, path) == {before[path], after[path]}
