"""A script changes prices one after another, without a pause and each in its own transaction: programs keep up.

A build takes longer than the time between two changes; a program that only kept what nobody changed meanwhile would
show nothing new until the script is done.
"""

import http.client
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from menu.models import Item
from tests.cache import ways
from tests.cache.stage import Stage

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

SLUG = f"{ways.OURS}-often"
FIRST = 100


def begin() -> None:
    ways.forget_all()
    ways.new_item(slug=SLUG, price=FIRST)


def change_for(seconds: float) -> list[float]:
    """Set the prices 101, 102, …; return when each was committed."""
    committed_at: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        Item.objects.filter(slug=SLUG).update(price=FIRST + len(committed_at) + 1)
        committed_at.append(time.monotonic())
    return committed_at


class Onlooker(threading.Thread):
    """Notes which price a program shows, twenty times a second."""

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

    def worst_age_s(self, committed_at: list[float]) -> float:
        """Return how long ago, at worst, a price that was shown had been replaced."""
        replaced = ((asked_at, price - FIRST) for asked_at, price in self.seen if price - FIRST < len(committed_at))
        return max(asked_at - committed_at[following] for asked_at, following in replaced)


def test_programs_keep_up_with_changes_that_never_pause(stage: Stage, full_size: bool, record_property: Any) -> None:
    seconds = 20.0 if full_size else 6.0
    stage.desk.ask(begin)
    stage.show_again()
    onlookers = [Onlooker(cafe.url) for cafe in stage.cafes]
    for onlooker in onlookers:
        onlooker.start()
    committed_at = stage.desk.ask(change_for, seconds)
    stage.show_again()
    for onlooker in onlookers:
        onlooker.is_over.set()
        onlooker.join()
    worst_s = max(onlooker.worst_age_s(committed_at) for onlooker in onlookers)
    record_property(
        "figures", f"{len(committed_at) / seconds:,.0f} changes a second: prices were {worst_s:.1f} s old at worst"
    )
    assert worst_s < seconds / 2
