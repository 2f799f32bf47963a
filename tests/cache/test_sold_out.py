"""The last one is sold at one program: every program says so within 2 s, and none sells another (row 1).

A count is no part of the menu's version; the poller sees it in the same statement.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from menu.models import Item
from orders.services import set_stock
from tests.cache.changes import Wish
from tests.cache.stage import Stage, keep_pace, order

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

CHEESECAKE = Wish("basque-cheesecake", [], None)


def count(available: int | None) -> None:
    set_stock(item=Item.objects.get(slug=CHEESECAKE.slug), available=available, reason="counted")


def check_it_is_shown(stage: Stage, name: str, change: Callable[[], Any], then: str) -> None:
    """Do what changes the count; then an order at each program is `then`, and all pages follow in time."""
    before = stage.show_again()
    began_at = time.monotonic()
    change()
    assert {outcome for outcome, _price in stage.order_everywhere(CHEESECAKE)} == {then}
    after = stage.show_again()
    assert after != before
    stage.note_delays(name, began_at, after)
    for path in after:
        assert stage.seen_since(began_at, path) <= {before[path], after[path]}


def test_every_program_says_what_is_sold_out(stage: Stage, full_size: bool, record_property: Any) -> None:
    desk, cafe = stage.desk, stage.cafes[0]
    for _round in range(20 if full_size else 2):
        started = time.monotonic()
        desk.ask(count, 1)
        check_it_is_shown(stage, "the last one is sold", lambda: order(cafe, CHEESECAKE), "refused")
        check_it_is_shown(stage, "more are baked", lambda: desk.ask(count, 9), "placed")
        check_it_is_shown(stage, "the count is set to 0", lambda: desk.ask(count, 0), "refused")
        check_it_is_shown(stage, "nobody counts any more", lambda: desk.ask(count, None), "placed")
        if full_size:
            keep_pace(started)
    record_property("figures", stage.delays_in_words())
