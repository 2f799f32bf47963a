"""The shared state of the timed tests: the three instances with their watchers, and the manager process."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from menu.versioning.querysets import begin_menu_epoch
from tests.cache import changes
from tests.cache.changes import Wish
from tests.cache.manager_process import ManagerProcess
from tests.cache.watch import Pages, Watcher, delay_s, wait_until
from tests.harness.running_cafe import RunningCafe
from tests.race.web import Answer, program

PROMISE_S = 2.0
BOUND_S = 5 * PROMISE_S  # asserted, with tolerance for a busy machine; `figures` records the measured delays
REFUSALS = {"unknown_item", "sold_out", "invalid"}

Outcome = tuple[str, Decimal | None]  # "placed" and the total, "price_changed" and the right total, or "refused"


@dataclass
class Workspace:
    cafes: list[RunningCafe]
    watchers: list[Watcher]
    manager_process: ManagerProcess
    delays: dict[str, list[float]] = field(default_factory=dict)

    def shown_by_the_database(self) -> Pages:
        """Return the pages that every instance should show."""
        pages: Pages = self.manager_process.ask(changes.shown)
        return pages

    def wait_for(self, pages: Pages) -> None:
        """Block until every instance shows these pages. On failure begin a new menu epoch, so that later tests start
        from a current menu, and raise AssertionError."""
        try:
            wait_until(self.watchers, pages, BOUND_S)
        except AssertionError:
            self.manager_process.ask(begin_menu_epoch)
            raise

    def show_again(self) -> Pages:
        """Block until every instance shows the menu of the database, and return those pages."""
        pages = self.shown_by_the_database()
        self.wait_for(pages)
        return pages

    def note_delays(self, name: str, since: float, pages: Pages) -> None:
        self.delays.setdefault(name, []).extend(delay_s(watcher, since, pages) for watcher in self.watchers)

    def seen_since(self, at: float, path: str) -> set[str]:
        """Return the digests that any instance has shown for this page since `at`."""
        return {sight.digest for watcher in self.watchers for sight in watcher.seen_since(at, path)}

    def ask_all(self, ask: Callable[[RunningCafe], Any]) -> list[Any]:
        """Call `ask(café)` for all instances concurrently and return the results."""
        with ThreadPoolExecutor(len(self.cafes)) as pool:
            return list(pool.map(ask, self.cafes))

    def order_everywhere(self, wish: Wish, **fields: Any) -> list[Outcome]:
        """Place this order at every instance concurrently and return the outcomes."""
        return self.ask_all(lambda cafe: order(cafe, wish, **fields))

    def delays_in_words(self) -> str:
        worst, name = max((max(delays), name) for name, delays in self.delays.items())
        every = [delay for delays in self.delays.values() for delay in delays]
        return (
            f"{len(every)} times that a program was to show a change: {sum(every) / len(every):.2f} s on average,"
            f" {worst:.2f} s at worst ({name.replace('_', ' ')})"
        )


def order(cafe: RunningCafe, wish: Wish, **fields: Any) -> Outcome:
    lines = [{"item": wish.slug, "options": wish.options}]
    with program(cafe.url) as customer:
        return outcome(customer.order("", **{"lines": lines} | fields))


def outcome(answer: Answer) -> Outcome:
    if answer.status == 201:
        return "placed", Decimal(str(answer.body["total_price"]))
    price = answer.body["error"]["fields"].get("total_price")
    code = "refused" if answer.code in REFUSALS else answer.code
    return code, None if price is None else Decimal(str(price))


def keep_pace(since: float) -> None:
    """Sleep until PROMISE_S have passed since `since`."""
    time.sleep(max(0.0, since + PROMISE_S - time.monotonic()))
