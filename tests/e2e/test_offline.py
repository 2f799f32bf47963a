"""The menu offline: the service worker shows visited pages with a notice. Nothing can be ordered, and nothing else is
stored."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, StorageState, expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import Customer, Manager
from tests.e2e.waiting import wait_until
from tests.harness.running_cafe import RunningCafe

NewContext = Callable[..., BrowserContext]

PATIENCE_S = 3  # timeout of the service worker before it shows the stored page
ASKED_AFTER_MS = 8000  # interval at which a stored page checks for the café

OFFLINE = "You are offline. This is the menu of"
AWAY = "We cannot reach the café right now. This is the menu of"
NO_ORDERING = {
    "offline": "You are offline, so nothing can be ordered yet.",
    "offline_to_cancel": "You are offline, so nothing can be ordered or cancelled yet.",
    "away": "We cannot reach the café right now, so nothing can be ordered yet.",
}
ADD_LATTE = "#latte .item-card__form button"
ADD_FLAT_WHITE = "#flat-white .item-card__form button"
ADD_THIS = ".item-form__foot .button--accent"
MAY_BE_KEPT = re.compile(
    r"/(en|zh-hans)/(item/[-\w]+/|offline/)?|/static/(?!admin/)[-\w./]+|/media/[-\w]+\.webp"
    r"|/order/[-\w]+/"  # only number and state: tests/e2e/test_kept_orders.py
)

ALL_KEPT = """async () => {
  const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().map((request) => new URL(request.url).pathname);
}"""


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[BrokenNetwork]:
    """The proxy to the café; the phone uses its address as the café's."""
    line = BrokenNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture
def customer(new_context: NewContext, line: BrokenNetwork) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", base_url=f"http://{line.address}"))


@pytest.fixture
def manager(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Manager:
    return Manager(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")))


@pytest.fixture(autouse=True)
def _answers_that_are_no_page_s_fault(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    """Ignore console errors about lost connections, and about /favicon.ico, which the browser requests for a response
    that is not HTML and so names no icon."""
    yield
    expected = re.compile(r"server responded with a status of 503|net::ERR_|/api/menu: .* status of 404")
    page_errors[:] = [error for error in page_errors if not expected.search(error)]


def see(customer: Customer, path: str = "") -> None:
    """Open a page and wait until the service worker has stored it and controls the page."""
    customer.open(path)
    until_kept(customer.page, f"/{customer.language}/{path}")
    wait_until(customer.page, "() => Boolean(navigator.serviceWorker.controller)")


def until_kept(page: Page, path: str) -> None:
    wait_until(page, "path => caches.match(path).then(Boolean)", path)


def notice(page: Page) -> Locator:
    return page.locator(".menu-age")


def expect_offline_page(customer: Customer, path: str, heading: str = "You are offline") -> None:
    customer.open(path)
    expect(customer.page.locator("[data-offline-page]")).to_be_visible()
    expect(customer.page.locator("h1")).to_have_text(heading)
    expect(customer.page.locator("html")).to_have_attribute("lang", customer.language)


def expect_no_ordering(page: Page, button: Locator, why: str) -> None:
    """Press the button; expect a message with the reason, and an unchanged cart count."""
    expect(button).to_have_attribute("aria-disabled", "true")
    count = page.locator("[data-cart-count]")
    before = count.inner_text()
    button.click(force=True)
    expect(page.locator("[data-no-ordering]")).to_contain_text(NO_ORDERING[why])
    expect(page.locator("[data-no-ordering]")).to_be_in_viewport()
    expect(count).to_have_text(before)


# Offline


def test_what_was_seen_is_read_and_nothing_is_ordered_until_the_connection_is_back(
    customer: Customer, manager: Manager
) -> None:
    page, context = customer.page, customer.page.context
    see(customer, "item/flat-white/")
    see(customer)
    customer.press_plus("americano")
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    context.set_offline(True)
    try:
        manager.set_price("Flat White", "27.50")
        for path, button in (("", ADD_FLAT_WHITE), ("item/flat-white/", ADD_THIS)):
            customer.open(path)
            expect(notice(page)).to_contain_text(OFFLINE)
            expect(notice(page)).to_contain_text(re.compile(r"\d+ (second|minute)s? ago"))
            expect(page.locator("main")).to_contain_text("¥26")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper, "without its stylesheet"
            expect_no_ordering(page, page.locator(button), "offline")

        # Unvisited and personal pages are not available; the cart is.
        for path in ("item/espresso/", "cart/", "checkout/", "orders/mine/"):
            expect_offline_page(customer, path)
            expect(page.locator("[data-cart-is-kept]")).to_be_visible()
            expect(page.locator("[data-cart-count]")).to_have_text("1")
        page.locator("main .button--accent:visible").click()
        expect(notice(page)).to_contain_text(OFFLINE)
        page.goto("/")
        expect(page).to_have_url(re.compile("/en/$"))
        expect(notice(page)).to_contain_text(OFFLINE)

        # Online again: the page updates without a reload.
        context.set_offline(False)
        expect(notice(page)).to_have_count(0)
        expect(page.locator("#flat-white")).to_contain_text("¥27.50")
        button = page.locator(ADD_FLAT_WHITE)
        expect(button).not_to_have_attribute("aria-disabled", "true")
        button.click()
        expect(page.locator("[data-cart-count]")).to_have_text("2")
        customer.open("cart/")
        expect(page.locator(".cart-line")).to_have_count(2)
        expect(page.locator(".cart-line").last).to_contain_text("¥27.50")
    finally:
        context.set_offline(False)
        manager.set_price("Flat White", "26.00")


def test_the_checkout_comes_by_itself_when_the_connection_does(customer: Customer) -> None:
    context = customer.page.context
    see(customer)
    customer.press_plus("espresso")
    expect(customer.page.locator("[data-cart-count]")).to_have_text("1")
    context.set_offline(True)
    expect_offline_page(customer, "checkout/")
    context.set_offline(False)
    expect(customer.submit).to_be_visible()
    customer.fill_in("Offline")
    customer.press_submit()


def test_a_page_that_is_open_when_the_connection_goes_says_so_and_goes_on(customer: Customer) -> None:
    page, context = customer.page, customer.page.context
    customer.open("item/latte/")
    page.get_by_label("Oat drink").check()
    context.set_offline(True)
    expect(notice(page)).to_contain_text(OFFLINE)
    button = page.locator(ADD_THIS)
    expect_no_ordering(page, button, "offline")
    context.set_offline(False)
    expect(notice(page)).to_have_count(0)
    expect(page.get_by_label("Oat drink")).to_be_checked()
    button.click()
    expect(page.locator("[data-cart-total]")).to_have_text("¥30")
    customer.open("cart/")
    customer.expect_cart(("latte", 1, "¥30"))
    context.set_offline(True)
    expect_no_ordering(page, page.locator(".cart-line .stepper__button").last, "offline")
    context.set_offline(False)
    page.locator(".cart-line .stepper__button").last.click()
    customer.expect_cart(("latte", 2, "¥60"))


def test_an_order_is_neither_cancelled_nor_placed_again_from_its_page(customer: Customer) -> None:
    page, context = customer.page, customer.page.context
    see(customer, "item/latte/")
    customer.add("latte")
    customer.place("Offline")
    order, cancel = page.url, page.locator("form[action$='/cancel/'] button")
    page.locator(".sure__summary").click()
    context.set_offline(True)
    expect_no_ordering(page, cancel, "offline_to_cancel")
    expect_no_ordering(page, page.locator("form[action$='/again/'] button"), "offline_to_cancel")
    assert page.url == order
    page.locator("main a[href='/en/']").click()  # seen after "Add"
    expect(page.locator(".menu-age")).to_contain_text("You are offline")

    context.set_offline(False)
    expect(page.locator(".menu-age")).to_have_count(0)
    customer.open("orders/mine/")
    again = page.locator("form[action$='/again/'] button")
    expect(again).not_to_have_attribute("aria-disabled", "true")
    context.set_offline(True)
    expect_no_ordering(page, again, "offline")
    page.locator(".order-list__link").click()
    expect(page.locator("[data-offline-page]")).to_be_visible()

    context.set_offline(False)
    expect(cancel).to_be_attached()
    customer.cancel()
    customer.expect_status("cancelled")


def test_the_offline_page_leads_to_the_menu_that_is_kept_in_whatever_language(customer: Customer) -> None:
    page = customer.page
    see(customer, "item/latte/")
    page.context.set_offline(True)
    expect_offline_page(customer, "")  # a stored item page is not a stored menu
    expect(page.locator("[data-menu-is-kept]")).to_be_hidden()
    expect(page.locator("main .button:visible")).to_have_text("Try again")
    page.context.set_offline(False)
    expect(page.locator("#latte")).to_be_visible()
    until_kept(page, "/en/")

    page.context.set_offline(True)
    page.reload()
    page.locator(".site-header__language").click()
    expect(page.locator("h1")).to_have_text("网络已断开")
    expect(page.locator("[data-menu-is-kept]")).to_have_text("看过的菜单都还在。")
    expect(page.locator("main .button:visible")).to_have_text("去看菜单 · English")
    page.locator(".site-header__language").click()
    expect(notice(page)).to_contain_text(OFFLINE)
    page.locator(".site-header__language").click()
    page.locator("main .button:visible").click()
    expect(page).to_have_url(re.compile("/en/$"))
    expect(notice(page)).to_contain_text(OFFLINE)


def test_in_chinese_it_is_said_in_chinese(new_context: NewContext, line: BrokenNetwork) -> None:
    customer = Customer(new_context(**PHONE, base_url=f"http://{line.address}"), "zh-hans")
    see(customer)
    customer.page.context.set_offline(True)
    customer.page.reload()
    expect(notice(customer.page)).to_contain_text(re.compile("^网络已断开。这是.+前的菜单"))
    expect_offline_page(customer, "checkout/", "网络已断开")


# The network is up, but the café does not answer


def test_a_dead_line_is_not_waited_for_and_the_menu_comes_back_by_itself(
    customer: Customer, line: BrokenNetwork
) -> None:
    page = customer.page
    see(customer)
    see(customer)
    line.is_dead = True
    started = time.monotonic()
    customer.open()
    expect(notice(page)).to_contain_text(AWAY)
    assert PATIENCE_S - 0.5 < time.monotonic() - started < 5 * PATIENCE_S
    expect_no_ordering(page, page.locator(ADD_LATTE), "away")
    line.is_dead = False
    expect(notice(page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)
    expect(page.locator(ADD_LATTE)).not_to_have_attribute("aria-disabled", "true")


def test_on_a_line_that_is_slow_the_menu_of_now_comes_too(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    see(customer)
    line.delay_s = PATIENCE_S + 1
    customer.open()
    expect(notice(customer.page)).to_contain_text(AWAY)
    expect(notice(customer.page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)


@pytest.mark.parametrize("trouble", ["is_sorry", "answers_to_lose"])
def test_a_cafe_in_trouble_does_not_take_the_kept_menu_away(
    customer: Customer, line: BrokenNetwork, trouble: str
) -> None:
    page = customer.page
    see(customer)
    see(customer)
    setattr(line, trouble, 1000)
    customer.open()
    expect(notice(page)).to_contain_text(AWAY)
    setattr(line, trouble, 0)
    expect(notice(page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)


# What the phone stores


def test_no_personal_page_is_ever_kept(
    customer: Customer, new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe
) -> None:
    page = customer.page
    see(customer)
    customer.add("latte")
    customer.place("Nobody's")
    for path in ("cart/", "checkout/", "orders/mine/", "board/", "offline/"):
        customer.open(path)
    page.goto("/admin/login/")
    menu = page.goto("/api/menu")
    assert menu
    assert menu.ok
    see(customer)
    kept = page.evaluate(ALL_KEPT)
    assert {"/en/", "/en/item/latte/", "/en/offline/", "/zh-hans/offline/"} <= set(kept)
    assert [path for path in kept if not MAY_BE_KEPT.fullmatch(path)] == []


def test_staffs_pages_pass_by_the_worker_and_are_asked_for_once(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    see(customer)
    del line.heard[:]
    customer.page.goto("/admin/login/")
    assert [heard for heard in line.heard if heard.startswith("GET /admin/login/")] == ["GET /admin/login/"]


def test_the_first_visit_is_done_before_the_worker_comes(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    heard = [request.split()[1] for request in line.heard]
    at = heard.index("/sw.js")
    files = customer.page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)"
    )
    named = [path for path in files if path.endswith((".css", ".js"))]
    assert len(named) > 3
    assert set(named) <= set(heard[:at])
    assert not set(named) & set(heard[at:]), "a file was sent twice"


def test_going_back_does_not_make_an_old_page_new(customer: Customer, line: BrokenNetwork) -> None:
    page = customer.page
    kept_at = "path => caches.match(path).then((kept) => kept.headers.get('X-Kept-At'))"
    see(customer)
    see(customer)
    first = page.evaluate(kept_at, "/en/")
    customer.open("cart/")
    page.go_back()
    expect(page.locator("#latte")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(kept_at, "/en/") == first
    page.reload()
    wait_until(page, f"async (first) => (await ({kept_at})('/en/')) > first", first)


def test_what_an_earlier_worker_kept_is_deleted(customer: Customer) -> None:
    page = customer.page
    customer.open("orders/mine/")  # this page registers no service worker
    page.evaluate("caches.open('pages 0').then((cache) => cache.put('/en/', new Response('old')))")
    customer.open()
    wait_until(page, "caches.keys().then((names) => names.length > 1 && !names.includes('pages 0'))")
    until_kept(page, "/en/")
    assert "old" not in page.evaluate("caches.match('/en/').then((kept) => kept.text())")[:10]


def test_switched_off_the_worker_goes_with_all_that_it_kept(
    new_context: NewContext, tmp_path: Path, cafe: RunningCafe
) -> None:
    program = RunningCafe(tmp_path, cafe.env | {"WEB_WORKERS": "1"})
    program.start()
    try:
        customer = Customer(new_context(**PHONE, locale="en-GB", base_url=program.url))
        page = customer.page
        see(customer)
        see(customer)
        program.stop()
        program.env["OFFLINE_MENU"] = "off"
        program.start()
        customer.open()
        nothing_left = """async () => {
          const workers = await navigator.serviceWorker.getRegistrations();
          return !workers.length && !(await caches.keys()).length;
        }"""
        wait_until(page, nothing_left)
        customer.open()
        expect(page.locator(ADD_LATTE)).to_be_visible()
        wait_until(page, nothing_left)
    finally:
        program.stop()
