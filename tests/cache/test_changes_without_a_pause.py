"""A script changes prices without a pause, each in its own transaction: the instances' snapshots keep up.

Building a snapshot takes longer than the time between two changes. An instance that discarded every snapshot whose
version moved during the build would show nothing new until the script ends.
"""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from menu.models import Item
from tests.cache.change_cases import registry
from tests.cache.workspace import Workspace

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

SLUG = f"{registry.OURS}-often"
FIRST = 100
ENOUGH = 3  # distinct prices that each instance has to show before the changes end
BOUND_S = 10.0  # the time for ENOUGH prices
AT_MOST_S = 5 * BOUND_S


def begin() -> None:
    registry.forget_all()
    registry.new_item(slug=SLUG, price=FIRST)


def change_until_seen(is_enough: Path) -> list[float]:
    """Set the prices 101, 102, … until this file exists; return the commit time of each (s, monotonic clock)."""
    committed_at: list[float] = []
    end = time.monotonic() + AT_MOST_S
    while time.monotonic() < end and not is_enough.exists():
        Item.objects.filter(slug=SLUG).update(price=FIRST + len(committed_at) + 1)
        committed_at.append(time.monotonic())
    return committed_at


class Onlooker(threading.Thread):
    """Records which price an instance shows, twenty times a second."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.seen: list[tuple[float, int]] = []
        self.is_over = threading.Event()
        self._netloc = urlsplit(url).netloc

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._netloc, timeout=30)
        while not self.is_over.is_set():
            asked_at = time.monotonic()
            connection.request("GET", "/api/menu")
            categories = json.load(connection.getresponse())["categories"]
            items = (item for category in categories for item in category["items"])
            self.seen += [(asked_at, int(item["price"])) for item in items if item["slug"] == SLUG]
            time.sleep(0.05)

    @property
    def prices(self) -> set[int]:
        return {price for _asked_at, price in self.seen} - {FIRST}

    def worst_age_s(self, committed_at: list[float]) -> float:
        """Return the largest staleness (s): the time from a price's replacement to a read that still showed it."""
        replaced = ((asked_at, price - FIRST) for asked_at, price in self.seen if price - FIRST < len(committed_at))
        return max(asked_at - committed_at[following] for asked_at, following in replaced)


@pytest.mark.only_full
def test_programs_keep_up_with_changes_that_never_pause(
    workspace: Workspace, tmp_path: Path, full_size: bool, record_property: Any
) -> None:
    enough = ENOUGH * (4 if full_size else 1)
    workspace.manager_process.ask(begin)
    workspace.show_again()
    onlookers = [Onlooker(cafe.url) for cafe in workspace.cafes]
    is_enough = tmp_path / "enough"
    for onlooker in onlookers:
        onlooker.start()
    with ThreadPoolExecutor(1) as pool:
        changes = pool.submit(workspace.manager_process.ask, change_until_seen, is_enough)
        while not changes.done() and min(len(onlooker.prices) for onlooker in onlookers) < enough:
            time.sleep(0.1)
        shown = [len(onlooker.prices) for onlooker in onlookers]
        is_enough.touch()
        committed_at = changes.result()
    workspace.show_again()
    for onlooker in onlookers:
        onlooker.is_over.set()
        onlooker.join()
    worst_s = max(onlooker.worst_age_s(committed_at) for onlooker in onlookers)
    record_property(
        "figures", f"{len(committed_at):,} changes without a pause: prices were {worst_s:.1f} s old at worst"
    )
    assert min(shown) >= enough
