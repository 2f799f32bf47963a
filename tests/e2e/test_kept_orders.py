"""An order's page offline: it shows the number and the last state with its time, and updates when the connection is
back."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer, Till
from tests.e2e.waiting import wait_until
from tests.harness.running_cafe import RunningCafe

KEPT = """async () => {
  const cache = await caches.open("orders 1");
  return Promise.all((await cache.keys()).map(async (key) => (await cache.match(key)).json()));
}"""
AS_OF = {"en": r"^As of \d\d:\d\d, no connection\.$", "zh-hans": r"^截至 \d\d:\d\d 的状态，网络已断开。$"}
ASKED_AFTER_MS = 8000  # interval at which the page checks for the café
HOUR_MS = 3600 * 1000


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[BrokenNetwork]:
    line = BrokenNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


@pytest.fixture
def customer(new_context: NewContext, line: BrokenNetwork) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", base_url=f"http://{line.address}"))


@pytest.fixture(autouse=True)
def _lost_connections_are_no_error(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    """Ignore console errors about lost connections, which these tests cause."""
    yield
    page_errors[:] = [error for error in page_errors if not re.search(r"status of 503|net::ERR_|htmx:", error)]


def place(customer: Customer) -> str:
    """Place an order under the service worker's control, wait until the device has stored it; return the number."""
    customer.open()
    wait_until(customer.page, "() => Boolean(navigator.serviceWorker.controller)")
    customer.add("latte")
    number = customer.place("Kept")
    until_kept(customer.page, "pending")
    return number


def until_kept(page: Page, *statuses: str) -> None:
    """Wait until the device stores orders in exactly these states, the oldest first."""
    wait_until(page, f"async (wanted) => (await ({KEPT})()).map(o => o.status).join() === wanted", ",".join(statuses))


def expect_kept(page: Page, number: str, label: str, language: str = "en") -> None:
    expect(page.locator("h1:visible")).to_have_text(number)
    expect(page.locator(".order-state__label")).to_have_text(label)
    expect(page.locator(".order-state__as-of")).to_have_text(re.compile(AS_OF[language]))
    expect(page).to_have_title(f"{number} · {label}")
    expect(page.locator("html")).to_have_attribute("lang", language)


def expect_live(page: Page, status: str) -> None:
    expect(page.locator(f"#order-state[data-status={status}]")).to_be_visible(timeout=5 * ASKED_AFTER_MS)


# Offline


@pytest.mark.every_run
def test_an_order_opened_again_offline_shows_its_number_and_last_state_and_goes_on(
    customer: Customer, till: Till
) -> None:
    page, number = customer.page, place(customer)
    token = customer.token()
    page.context.set_offline(True)
    page.reload()
    expect_kept(page, number, "Received")
    till.move(token, "pending", "advance", "advance")
    page.context.set_offline(False)
    expect_live(page, "ready")
    until_kept(page, "ready")


def test_the_last_state_is_the_one_that_the_page_has_polled(customer: Customer, till: Till) -> None:
    page, number = customer.page, place(customer)
    token = customer.token()
    till.move(token, "pending", "advance")
    expect_live(page, "preparing")
    until_kept(page, "preparing")
    page.context.set_offline(True)
    customer.open(f"order/{token}/")
    expect_kept(page, number, "Being made")


def test_in_the_other_language_it_is_said_in_that_language(customer: Customer) -> None:
    page, number = customer.page, place(customer)
    page.context.set_offline(True)
    customer.language = "zh-hans"
    customer.open(f"order/{customer.token()}/")
    expect_kept(page, number, "已下单", "zh-hans")
    page.locator(".site-header__language").click()
    expect_kept(page, number, "Received")


def test_my_orders_lead_to_what_this_device_keeps(customer: Customer) -> None:
    page = customer.page
    numbers = [place(customer)]
    customer.add("americano")
    numbers.append(customer.place("Kept"))
    until_kept(page, "pending", "pending")
    page.context.set_offline(True)
    customer.open("orders/mine/")
    rows = page.locator(".order-list__order")
    expect(rows.locator(".order-list__number")).to_have_text(numbers[::-1])
    expect(rows.locator(".badge")).to_have_text(["Received", "Received"])
    expect(rows.first.locator("small")).to_have_text(re.compile(AS_OF["en"]))
    rows.last.locator("a").click()
    expect_kept(page, numbers[0], "Received")
    page.context.set_offline(False)
    expect_live(page, "pending")


def test_an_order_that_somebody_shared_is_kept_as_well_and_is_none_of_mine(
    customer: Customer, till: Till, new_context: NewContext, line: BrokenNetwork
) -> None:
    place(customer)
    shared = customer.page.locator("[data-share]").get_attribute("href")
    number = customer.number()
    friend = Customer(new_context(**PHONE, locale="en-GB", base_url=f"http://{line.address}"))
    friend.open()
    wait_until(friend.page, "() => Boolean(navigator.serviceWorker.controller)")
    friend.page.goto(str(shared))
    until_kept(friend.page, "pending")
    friend.page.context.set_offline(True)
    friend.page.reload()
    expect_kept(friend.page, number, "Received")
    expect(friend.page.locator(".order-state__caption")).to_have_text("Order number")
    friend.open("orders/mine/")
    expect(friend.page.locator("h1:visible")).to_have_text("You are offline")


# The network is up, but the café does not answer


@pytest.mark.parametrize("trouble", ["is_dead", "is_sorry", "answers_to_lose"])
def test_a_cafe_out_of_reach_does_not_take_the_number_away(
    customer: Customer, line: BrokenNetwork, trouble: str
) -> None:
    page, number = customer.page, place(customer)
    assert page.evaluate("navigator.onLine") is True
    setattr(line, trouble, 1000)
    page.reload()
    expect_kept(page, number, "Received")
    page.wait_for_timeout(ASKED_AFTER_MS)
    expect_kept(page, number, "Received")
    setattr(line, trouble, 0)
    expect_live(page, "pending")


def test_on_a_line_that_is_slow_the_page_of_now_comes_too(customer: Customer, line: BrokenNetwork) -> None:
    page, number = customer.page, place(customer)
    line.delay_s = 4
    page.reload()
    expect_kept(page, number, "Received")
    expect_live(page, "pending")


# What the device stores, and how long


def test_only_number_state_time_and_address_are_kept_of_twenty_orders(customer: Customer) -> None:
    page, number = customer.page, place(customer)
    [kept] = page.evaluate(KEPT)
    assert kept | {"at": 0} == {
        "path": f"/order/{customer.token()}/",
        "number": number,
        "status": "pending",
        "isMine": True,
        "at": 0,
    }
    tell = """(kept) => navigator.serviceWorker.controller.postMessage({
      orders: [...Array(25).keys()].map((n) => ({ ...kept, path: `/order/${n}/` })) })"""
    page.evaluate(tell, kept)
    wait_until(page, f"async () => (await ({KEPT})()).at(-1).path === '/order/24/'")
    assert [order["path"] for order in page.evaluate(KEPT)] == [f"/order/{n}/" for n in range(5, 25)]


@pytest.mark.parametrize(("hours", "is_kept"), [(23, True), (25, False)])
def test_what_was_not_seen_for_a_day_is_forgotten(customer: Customer, hours: int, is_kept: bool) -> None:
    page, number = customer.page, place(customer)
    order = page.url
    [kept] = page.evaluate(KEPT)
    page.goto("/en/cart/")
    age = """async (kept) =>
      (await caches.open("orders 1")).put(kept.path, new Response(JSON.stringify(kept)))"""
    page.evaluate(age, kept | {"at": kept["at"] - hours * HOUR_MS})
    page.context.set_offline(True)
    page.goto(order)
    if is_kept:
        expect(page.locator("h1:visible")).to_have_text(number)
    else:
        expect(page.locator("h1:visible")).to_have_text("You are offline")
        assert page.evaluate(KEPT) == []


def test_switched_off_nothing_is_kept_and_what_was_is_removed(
    new_context: NewContext, tmp_path: Path, cafe: RunningCafe
) -> None:
    program = RunningCafe(tmp_path, cafe.env | {"WEB_WORKERS": "1"})
    program.start()
    try:
        customer = Customer(new_context(**PHONE, locale="en-GB", base_url=program.url))
        place(customer)
        page, order = customer.page, customer.page.url
        program.stop()
        program.env["OFFLINE_MENU"] = "off"
        program.start()
        page.goto(order)
        wait_until(page, "async () => !(await navigator.serviceWorker.getRegistrations()).length")
        page.goto(order)
        expect_live(page, "pending")
        page.wait_for_timeout(500)
        assert page.evaluate("caches.keys()") == []
    finally:
        program.stop()
