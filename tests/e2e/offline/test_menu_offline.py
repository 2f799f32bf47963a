"""The menu offline: the service worker shows visited pages with a notice. Nothing can be ordered."""

import re

from playwright.sync_api import expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.offline.steps import expect_no_ordering, notice, see, until_kept
from tests.e2e.people import Customer, Manager

OFFLINE = "You are offline. This is the menu of"


ADD_FLAT_WHITE = "#flat-white .item-card__form button"


ADD_THIS = ".item-form__foot .button--accent"


def expect_offline_page(customer: Customer, path: str, heading: str = "You are offline") -> None:
    customer.open(path)
    expect(customer.page.locator("[data-offline-page]")).to_be_visible()
    expect(customer.page.locator("h1")).to_have_text(heading)
    expect(customer.page.locator("html")).to_have_attribute("lang", customer.language)


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
