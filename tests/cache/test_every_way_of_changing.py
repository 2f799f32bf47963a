"""A manager changes the menu, by any way there is: every program shows it within 2 s, and charges it at once (row 1).

Three programs are watched fifty times a second while others read them. They may show the menu of before or of after
the change, and nothing else.
"""

from typing import Any

import pytest

from tests.cache import changes
from tests.cache.changes import Change
from tests.cache.stage import BOUND_S, Stage, keep_pace

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

ALL = changes.names()


@pytest.fixture(scope="module", autouse=True)
def _begun(stage: Stage) -> None:
    """The first half of every way is done: there is something to change."""
    stage.desk.ask(changes.begin_all)


def check_what_is_charged(stage: Stage, change: Change) -> None:
    """At the price of before nobody buys, and is told the right one; whoever states none pays what is due."""
    due, before = change.after.price, change.before.price
    if due is None:
        assert stage.order_everywhere(change.after) == [("refused", None)] * 3
        return
    if before not in (None, due):
        assert stage.order_everywhere(change.after, total_price=float(before)) == [("price_changed", due)] * 3
    assert stage.order_everywhere(change.after) == [("placed", due)] * 3


@pytest.mark.parametrize("name", ALL)
def test_every_program_shows_it_in_time_and_charges_it_at_once(stage: Stage, full_size: bool, name: str) -> None:
    for again in range(5 if full_size else 1):
        if again:
            stage.desk.ask(changes.begin_again, name)
        before = stage.show_again()
        change = stage.desk.ask(changes.finish, name)
        check_what_is_charged(stage, change)
        after = stage.show_again()
        assert after != before
        stage.note_delays(name, change.committed_at, after)
        for path in after:
            assert stage.seen_since(change.began_at, path) <= {before[path], after[path]}
        if full_size:
            keep_pace(change.committed_at)


def test_the_worst_delay(stage: Stage, record_property: Any) -> None:
    assert stage.delays, "the changes above have to run with this"
    for name, delays in stage.delays.items():
        print(f"{max(delays):.2f} s {name}")
    record_property("figures", f"{len(stage.delays)} ways, {stage.delays_in_words()}")
    assert max(max(delays) for delays in stage.delays.values()) < BOUND_S
