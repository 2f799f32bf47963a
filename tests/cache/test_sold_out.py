"""The last one is sold through one instance: no instance sells another, and each shows "sold out" within 2 s (row 1).

Stock does not increment the menu's version; the poller reads the sold-out items in the same query.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from menu.models import Item
from orders.services import set_stock
from tests.cache.changes import Wish
from tests.cache.workspace import Workspace, keep_pace, order

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

CHEESECAKE = Wish("basque-cheesecake", [], None)


def count(available: int | None) -> None:
    set_stock(item=Item.objects.get(slug=CHEESECAKE.slug), available=available, reason="counted")


def check_it_is_shown(workspace: Workspace, name: str, change: Callable[[], Any], then: str) -> None:
    """Run `change`, which changes the stock; then check that an order at each instance is `then`, and that all pages
    follow in time."""
    before = workspace.show_again()
    began_at = time.monotonic()
    change()
    assert {outcome for outcome, _price in workspace.order_everywhere(CHEESECAKE)} == {then}
    after = workspace.show_again()
    assert after != before
    workspace.note_delays(name, began_at, after)
    for path in after:
        assert workspace.seen_since(began_at, path) <= {before[path], after[path]}


@pytest.mark.only_full
def test_every_program_says_what_is_sold_out(workspace: Workspace, full_size: bool, record_property: Any) -> None:
    manager_process, cafe = workspace.manager_process, workspace.cafes[0]
    for _round in range(20 if full_size else 2):
        started = time.monotonic()
        manager_process.ask(count, 1)
        check_it_is_shown(workspace, "the last one is sold", lambda: order(cafe, CHEESECAKE), "refused")
        check_it_is_shown(workspace, "more are baked", lambda: manager_process.ask(count, 9), "placed")
        check_it_is_shown(workspace, "the count is set to 0", lambda: manager_process.ask(count, 0), "refused")
        check_it_is_shown(workspace, "nobody counts any more", lambda: manager_process.ask(count, None), "placed")
        if full_size:
            keep_pace(started)
    record_property("figures", workspace.delays_in_words())
