"""After every kind of menu change, each instance charges the new price immediately and shows it within 2 s (row 1).

Watchers read three instances fifty times a second, under load. Each answer has to be the menu of before or of after
the change.

Every run checks that each change case increments the menu's version in its own transaction (test_version_moves.py),
and here, with one case of each kind, that the instances follow. With --full all cases are watched, five times each.
"""

from typing import Any

import pytest

from tests.cache import changes
from tests.cache.changes import Change
from tests.cache.workspace import BOUND_S, Workspace, keep_pace

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

ALL = changes.names()

# A QuerySet, a relation and the admin's list.
WATCHED_IN_EVERY_RUN = [
    "items_are_updated_by_maintenance",
    "groups_of_an_item_are_set",
    "a_price_is_changed_in_the_list",
]
assert set(ALL) >= set(WATCHED_IN_EVERY_RUN)


@pytest.fixture(scope="module", autouse=True)
def _begun(workspace: Workspace, full_size: bool) -> None:
    """Run the setup of every change case that is watched."""
    workspace.manager_process.ask(changes.begin_all, ALL if full_size else WATCHED_IN_EVERY_RUN)


def check_what_is_charged(workspace: Workspace, change: Change) -> None:
    """Check that an order with the old `total_price` gets `price_changed` and the new price, and that one without a
    `total_price` is charged the new price."""
    due, before = change.after.price, change.before.price
    if due is None:
        assert workspace.order_everywhere(change.after) == [("refused", None)] * 3
        return
    if before not in (None, due):
        assert workspace.order_everywhere(change.after, total_price=float(before)) == [("price_changed", due)] * 3
    assert workspace.order_everywhere(change.after) == [("placed", due)] * 3


@pytest.mark.parametrize(
    "name",
    [name if name in WATCHED_IN_EVERY_RUN else pytest.param(name, marks=pytest.mark.only_full) for name in ALL],
)
def test_every_program_shows_it_in_time_and_charges_it_at_once(
    workspace: Workspace, full_size: bool, name: str
) -> None:
    for again in range(5 if full_size else 1):
        if again:
            workspace.manager_process.ask(changes.begin_again, name)
        before = workspace.show_again()
        change = workspace.manager_process.ask(changes.finish, name)
        check_what_is_charged(workspace, change)
        after = workspace.show_again()
        assert after != before
        workspace.note_delays(name, change.committed_at, after)
        for path in after:
            assert workspace.seen_since(change.began_at, path) <= {before[path], after[path]}
        if full_size:
            keep_pace(change.committed_at)


def test_the_worst_delay(workspace: Workspace, record_property: Any) -> None:
    assert workspace.delays, "the changes above have to run with this"
    for name, delays in workspace.delays.items():
        print(f"{max(delays):.2f} s {name}")
    record_property("figures", f"{len(workspace.delays)} ways, {workspace.delays_in_words()}")
    assert max(max(delays) for delays in workspace.delays.values()) < BOUND_S
