"""The checkout while the edge refuses, loses the answer or is down: the page shows that it retries, and the order is
placed once."""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, StorageState, expect

from tests.deploy.edge import Edge
from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import Customer, Manager, Till
from tests.harness.running_cafe import RunningCafe

pytestmark = pytest.mark.needs_nginx

NewContext = Callable[..., BrowserContext]

TRIES = 5
MAX_WAIT_S = 5  # the largest Retry-After of the edge, in seconds
WITHIN_MS = 5 * MAX_WAIT_S * 1000
ALL_TRIES_MS = TRIES * WITHIN_MS

CROWDED = "Not placed yet: many people are ordering."
UNSURE = "We do not know yet whether your order has arrived. Asking again never orders twice."
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


@pytest.fixture
def rush(tmp_path: Path, cafe: RunningCafe) -> Iterator[Rush]:
    rush = Rush(tmp_path, cafe)
    yield rush
    rush.close()


@pytest.fixture
def customer(rush: Rush, new_context: NewContext) -> Customer:
    # `rush` is requested first, so that at teardown the page, which polls the edge, is closed before the edge stops.
    return Customer(new_context(**PHONE, locale="en-GB", base_url=rush.edge.url))


@pytest.fixture
def manager(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Manager:
    return Manager(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")))


@pytest.fixture
def till(manager: Manager, cafe: RunningCafe) -> Till:
    return Till(manager.page.request, cafe.url)


@pytest.fixture(autouse=True)
def _answers_that_are_no_page_s_fault(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    """Ignore console errors about refusals and broken connections, which these tests cause."""
    yield
    expected = re.compile(r"server responded with a status of (409|422|429|503)|net::ERR_")
    page_errors[:] = [error for error in page_errors if not expected.search(error)]


def at_the_checkout(customer: Customer, name: str, slug: str = "espresso") -> None:
    customer.add(slug)
    customer.go_to_checkout()
    customer.fill_in(name)


def waiting(page: Page) -> Locator:
    return page.locator(".placing__notice")


def expect_order_in_url(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/en/order/[\w-]+/"), timeout=WITHIN_MS)


# Refused by the edge


def test_an_order_that_is_refused_twice_is_placed_once_by_itself(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Rush")
    rush.begin()
    words = customer.submit.inner_text()
    customer.submit.click()
    expect(waiting(page)).to_contain_text(CROWDED)
    expect(waiting(page)).to_contain_text(re.compile(r"Trying again in \d s \(2 of 5\)"))
    expect(customer.submit).to_have_text("Placing your order…")
    expect(customer.submit).to_have_attribute("aria-disabled", "true")
    assert words != "Placing your order…"
    expect(waiting(page)).to_contain_text("(3 of 5)", timeout=WITHIN_MS)
    rush.end()
    expect_order_in_url(page)
    assert rush.refusals() >= 2
    placed = [entry for entry in rush.checkouts() if entry["status"] == 200]
    assert len(placed) == 1
    pages = [entry for entry in rush.edge.logged() if entry["path"].startswith("/en/order/")]
    assert [entry["status"] for entry in pages] == [200], "one request for the order's page"
    assert manager.orders_named("Rush") == 1


def test_the_wait_is_heard_once_and_seen_to_count_down(customer: Customer, rush: Rush) -> None:
    page = customer.page
    at_the_checkout(customer, "Wait")
    rush.begin()
    page.evaluate(
        """() => {
            window.heard = new Set();
            const status = document.querySelector("[data-placing]");
            const spoken = status.querySelector(".visually-hidden");
            const listener = new MutationObserver(() => heard.add(spoken.textContent));
            listener.observe(status, { childList: true, subtree: true });
        }"""
    )
    customer.submit.click()
    expect(waiting(page)).to_contain_text(f"({TRIES} of {TRIES})", timeout=ALL_TRIES_MS)
    expect(page.locator("[data-placing]")).to_have_attribute("role", "status")
    expect(page.locator(".placing__next")).to_have_attribute("aria-hidden", "true")
    heard = page.evaluate("[...heard].filter(Boolean)")
    assert len(heard) == TRIES - 1, heard  # one before each of the tries 2 to 5


@pytest.mark.only_full
def test_an_order_that_is_always_refused_gives_up_honestly_and_can_be_placed_later(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Forever")
    words = customer.submit.inner_text()
    rush.begin()
    customer.submit.click()
    expect(waiting(page)).to_contain_text(PRESS_AGAIN, timeout=ALL_TRIES_MS)
    expect(waiting(page)).to_contain_text(CROWDED)
    assert rush.refusals() == TRIES
    assert manager.orders_named("Forever") == 0
    expect(customer.submit).to_have_text(words)
    expect(customer.submit).not_to_have_attribute("aria-disabled", "true")
    second = Customer(page.context)
    second.open("cart/")
    second.expect_cart(("espresso", 1, "¥15"))
    rush.end()
    customer.submit.click()
    expect_order_in_url(page)
    assert manager.orders_named("Forever") == 1


@pytest.mark.only_full
def test_leaving_the_page_stops_the_waiting(customer: Customer, rush: Rush, manager: Manager) -> None:
    page = customer.page
    at_the_checkout(customer, "Leaver")
    rush.begin()
    customer.submit.click()
    expect(waiting(page)).to_be_visible()
    page.locator(".way-back a").click()
    customer.expect_cart(("espresso", 1, "¥15"))
    refusals = rush.refusals()
    rush.end()
    page.wait_for_timeout(2 * MAX_WAIT_S * 1000)
    assert rush.refusals() == refusals
    assert manager.orders_named("Leaver") == 0
    page.go_back()
    expect(customer.submit).not_to_have_attribute("aria-disabled", "true")
    customer.fill_in("Leaver")
    customer.submit.click()
    expect_order_in_url(page)
    assert manager.orders_named("Leaver") == 1


# The answer is lost, or none comes


def test_an_order_whose_answer_is_lost_is_asked_for_again_and_is_one(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Unheard")
    rush.line.answers_to_lose = 1
    customer.submit.click()
    expect(waiting(page)).to_contain_text(UNSURE)
    assert manager.orders_named("Unheard") == 1, "it was placed, and nobody knew"
    expect_order_in_url(page)
    assert [entry["status"] for entry in rush.checkouts()] == [503, 200]
    assert manager.orders_named("Unheard") == 1


@pytest.mark.only_full
def test_what_was_unsure_once_is_never_called_not_placed(customer: Customer, rush: Rush, manager: Manager) -> None:
    page = customer.page
    at_the_checkout(customer, "Doubt")
    rush.line.answers_to_lose = 1
    customer.submit.click()
    expect(waiting(page)).to_contain_text(UNSURE)
    rush.begin()
    expect(waiting(page)).to_contain_text(PRESS_AGAIN, timeout=ALL_TRIES_MS)
    expect(waiting(page)).to_contain_text(UNSURE)
    expect(waiting(page)).not_to_contain_text(CROWDED)
    assert rush.refusals() == TRIES - 1
    rush.end()
    customer.submit.click()
    expect_order_in_url(page)
    assert manager.orders_named("Doubt") == 1


def test_an_edge_that_is_not_there_is_waited_for(customer: Customer, rush: Rush, manager: Manager) -> None:
    page = customer.page
    at_the_checkout(customer, "Gone")
    rush.edge.stop()
    customer.submit.click()
    expect(waiting(page)).to_contain_text(UNSURE)
    expect(waiting(page)).to_contain_text("(2 of 5)")
    rush.edge.start()
    expect_order_in_url(page)
    assert manager.orders_named("Gone") == 1


def test_an_order_placed_offline_goes_out_when_the_browser_is_online(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Tunnel")
    page.context.set_offline(True)
    customer.submit.click()
    expect(waiting(page)).to_contain_text("You are offline.")
    expect(waiting(page)).to_contain_text("as soon as you are connected, and never twice")
    page.context.set_offline(False)
    expect_order_in_url(page)
    assert len(rush.checkouts()) == 1
    assert manager.orders_named("Tunnel") == 1


# The café's own answers


def test_sold_out_is_said_in_place_with_the_focus_on_it(customer: Customer, manager: Manager, till: Till) -> None:
    page = customer.page
    manager.count("Chocolate Chip Cookie", 2)
    customer.add("chocolate-chip-cookie", quantity=2)
    customer.go_to_checkout()
    customer.fill_in("Cookie")
    till.order("Other", {"item": "chocolate-chip-cookie", "quantity": 1})
    page.evaluate("window.isSamePage = true")
    customer.submit.click()
    alert = page.locator("[role=alert]")
    expect(alert).to_contain_text("Only 1 of Chocolate Chip Cookie left.")
    expect(alert).to_be_focused()
    expect(alert).to_be_in_viewport()
    assert page.evaluate("window.isSamePage")
    assert manager.orders_named("Cookie") == 0
    alert.locator("form button").click()
    expect(customer.submit).to_be_visible()
    customer.fill_in("Cookie")
    customer.submit.click()
    expect_order_in_url(page)
    assert manager.orders_named("Cookie") == 1


def test_a_wrong_field_has_the_focus_and_the_form_in_place_still_waits_for_its_turn(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Fields")
    page.locator("[name=phone]").fill("call me")
    customer.submit.click()
    expect(page.locator("[name=phone]")).to_be_focused()
    expect(page.locator(".field__error")).to_be_visible()
    page.locator("[name=phone]").fill("")
    rush.begin()
    customer.submit.click()
    expect(waiting(page)).to_contain_text("(2 of 5)")
    rush.end()
    expect_order_in_url(page)
    assert manager.orders_named("Fields") == 1


def test_a_double_click_is_one_order(customer: Customer, rush: Rush, manager: Manager) -> None:
    at_the_checkout(customer, "Twice")
    customer.submit.dblclick()
    expect_order_in_url(customer.page)
    assert len(rush.checkouts()) == 1
    assert manager.orders_named("Twice") == 1


def test_enter_places_the_order_and_is_swallowed_while_it_waits(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    page = customer.page
    at_the_checkout(customer, "Enter")
    rush.begin()
    page.locator("[name=note]").press("Enter")
    expect(waiting(page)).to_contain_text("(2 of 5)")
    sent = len(rush.checkouts())
    page.locator("[name=note]").press("Enter")
    page.locator("[name=note]").press("Enter")
    expect(waiting(page)).to_contain_text("(3 of 5)", timeout=WITHIN_MS)
    assert len(rush.checkouts()) == sent + 1
    rush.end()
    expect_order_in_url(page)
    assert manager.orders_named("Enter") == 1


@pytest.mark.only_full  # the edge adds nothing to the journey without JavaScript (test_from_menu_to_cup.py)
def test_without_javascript_the_form_goes_the_browser_s_way(
    new_context: NewContext, rush: Rush, manager: Manager
) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", base_url=rush.edge.url, java_script_enabled=False))
    at_the_checkout(customer, "Plain")
    expect(waiting(customer.page)).to_be_hidden()
    customer.submit.click()
    customer.number()
    assert [entry["status"] for entry in rush.checkouts()] == [302]
    assert manager.orders_named("Plain") == 1


def test_a_browser_that_lacks_what_the_script_needs_sends_the_form_itself(
    customer: Customer, rush: Rush, manager: Manager
) -> None:
    at_the_checkout(customer, "Antique")
    customer.page.evaluate("delete window.URLSearchParams")
    customer.submit.click()
    expect_order_in_url(customer.page)
    assert [entry["status"] for entry in rush.checkouts()] == [302]
    assert manager.orders_named("Antique") == 1
