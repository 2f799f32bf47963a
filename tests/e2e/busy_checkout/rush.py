"""An edge in front of the café that refuses, loses answers or is down, and the words of the checkout."""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.deploy.edge import Edge
from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.people import Customer
from tests.harness.running_cafe import RunningCafe

TRIES = 5


MAX_WAIT_S = 5  # the largest Retry-After of the edge, in seconds


WITHIN_MS = 5 * MAX_WAIT_S * 1000


ALL_TRIES_MS = TRIES * WITHIN_MS


CROWDED = "Not placed yet: many people are ordering."


PRESS_AGAIN = "Your cart is safe: press again in a moment."


class Rush:
    """An edge in front of the café; a test makes it refuse orders by its rate limit."""

    def __init__(self, folder: Path, cafe: RunningCafe) -> None:
        self.line = BrokenNetwork(cafe.port)
        self.edge = Edge(folder, instances=self.line.address, **_rate("100r/s", burst=100)).start()

    def close(self) -> None:
        self.edge.stop()
        self.line.close()

    def begin(self) -> None:
        """Make the edge refuse orders: reload it with two orders a minute, and use these up."""
        self._reload("1r/m", burst=1)
        request = urllib.request.Request(f"{self.edge.url}/api/orders", data=b"{}", method="POST")
        deadline = time.monotonic() + WITHIN_MS / 1000
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(request, timeout=5)
            except urllib.error.HTTPError as error:
                if error.code == 429:
                    return
        raise AssertionError("the edge never refused")

    def end(self) -> None:
        self._reload("100r/s", burst=100)

    def refusals(self) -> int:
        """Return the number of checkouts that the edge answered with 429."""
        return sum(entry["status"] == 429 for entry in self.checkouts())

    def checkouts(self) -> list[dict[str, object]]:
        """Return the edge's log entries of the submitted checkouts."""
        at_checkout = [entry for entry in self.edge.logged() if entry["path"] == "/en/checkout/"]
        return [entry for entry in at_checkout if entry["method"] == "POST"]

    def _reload(self, rate: str, burst: int) -> None:
        conf = self.edge.folder / "nginx.conf"
        text = re.sub(r"zone=orders:10m rate=\S+;", f"zone=orders:10m rate={rate};", conf.read_text())
        conf.write_text(re.sub(r"zone=orders burst=\d+", f"zone=orders burst={burst}", text))
        before = self._workers()
        os.kill(self._master(), signal.SIGHUP)
        deadline = time.monotonic() + WITHIN_MS / 1000
        while before & self._workers():  # old workers apply the old rate on their open connections
            assert time.monotonic() < deadline, "the old workers stay"
            time.sleep(0.02)

    def _master(self) -> int:
        assert self.edge.process is not None
        return self.edge.process.pid

    def _workers(self) -> set[str]:
        pid = self._master()
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _rate(rate: str, *, burst: int) -> dict[str, str]:
    return {"EDGE_ORDER_RATE": rate, "EDGE_ORDER_BURST": str(burst)}


def at_the_checkout(customer: Customer, name: str, slug: str = "espresso") -> None:
    customer.add(slug)
    customer.go_to_checkout()
    customer.fill_in(name)


def waiting(page: Page) -> Locator:
    return page.locator(".placing__notice")


def expect_order_in_url(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/en/order/[\w-]+/"), timeout=WITHIN_MS)
