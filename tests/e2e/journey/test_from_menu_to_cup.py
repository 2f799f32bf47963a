"""The main journey end to end: a customer orders on a phone, a barista makes it, the board shows the number."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Staff
from tests.e2e.journey.texts import number_on
from tests.e2e.people import Barista, Customer

# Texts of the sample menu.
WORDS = {
    "en": {
        "locale": "en-GB",
        "latte": "Latte",
        "oat": "Oat drink",
        "large": "Large",
        "americano": "Americano",
        "ready": "Ready",
    },
    "zh-hans": {
        "locale": "zh-CN",
        "latte": "拿铁",
        "oat": "燕麦奶",
        "large": "大杯",
        "americano": "美式咖啡",
        "ready": "好了",
    },
}


def mark(*pages: Page) -> None:
    """Set a JavaScript variable in each page, which a reload would delete."""
    for page in pages:
        page.evaluate("window.wasNeverReloaded = true")


def expect_never_reloaded(*pages: Page) -> None:
    for page in pages:
        assert page.evaluate("window.wasNeverReloaded") is True, page.url


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_menu_to_the_cup(new_context: NewContext, staff: Callable[[str], Staff], language: str) -> None:
    words = WORDS[language]
    locale = words["locale"]
    customer = Customer(new_context(**PHONE, locale=locale), language)
    barista = Barista(new_context(**DESKTOP, locale=locale))
    board = new_context(**DESKTOP, locale=locale).new_page()
    barista.sign_in(*staff("barista"))
    board.goto(f"/{language}/board/")

    # The customer: a latte with options, and an americano by the + of its card.
    customer.page.goto("/")
    expect(customer.page.locator("html")).to_have_attribute("lang", language)
    customer.page.locator("#latte .item-card__link").click()
    expect(customer.page.locator("h1")).to_have_text(words["latte"])
    customer.page.get_by_label(words["large"]).check()
    customer.page.get_by_label(words["oat"]).check()
    expect(customer.page.locator("[data-item-price]")).to_have_text(" · ¥36")
    customer.page.locator(".item-form__foot .button--accent").click()
    expect(customer.page.locator("[data-cart-total]")).to_have_text("¥36")
    expect(customer.page).to_have_url(re.compile(f"/{language}/#latte$"))
    mark(customer.page)
    customer.press_plus("americano")
    expect(customer.page.locator("[data-cart-total]")).to_have_text("¥54")
    expect(customer.page.locator("[data-cart-count]")).to_have_text("2")
    expect_never_reloaded(customer.page)
    customer.page.locator(".cart-bar__sum a").click()
    customer.expect_cart(("latte", 1, "¥36"), ("americano", 1, "¥18"))
    mark(barista.page, board)
    number = customer.place("小雨 ☂", note="少糖 please")
    customer.expect_status("pending")
    mark(customer.page)

    # The barista's open page shows the ticket, with the important details in large type.
    barista.expect_in("pending", number)
    ticket = barista.ticket(number)
    expect(ticket.locator(".ticket__item")).to_have_text([words["latte"], words["americano"]])
    options = ticket.locator(".ticket__line").first.locator(".ticket__options b")
    expect(options.filter(has_text=words["oat"])).to_be_visible()
    expect(options.filter(has_text=words["large"])).to_be_visible()
    expect(ticket.locator(".ticket__note")).to_have_text("少糖 please")
    expect(ticket).to_contain_text("小雨 ☂")
    expect(number_on(board, number)).to_have_count(0)

    # Three touches: paid, start, ready. The customer's open page shows each.
    barista.take_money(number)
    expect(ticket.locator(".badge--paid")).to_be_visible()
    expect(customer.page.locator(".order-state__pay")).not_to_contain_text("¥54")
    barista.advance(number)
    barista.expect_in("preparing", number)
    customer.expect_status("preparing")
    expect(number_on(board, number, ".board__column:first-child")).to_be_visible()
    barista.advance(number)
    barista.expect_in("ready", number)
    customer.expect_status("ready")
    expect(customer.page.locator(".order-state__label")).to_contain_text(words["ready"])
    expect(customer.page.locator(".steps__step--done time")).to_have_count(3)
    expect(customer.page).to_have_title(f"{number} · {current_step(customer)}")
    expect(number_on(board, number, ".board__column--ready")).to_be_visible()

    # Handed over: the order leaves the barista board and the customers' board.
    barista.advance(number)
    expect(barista.ticket(number)).to_have_count(0)
    expect(number_on(board, number)).to_have_count(0)
    customer.expect_status("completed")
    expect_never_reloaded(customer.page, barista.page, board)


def current_step(customer: Customer) -> str:
    return customer.page.locator(".steps__step--current .steps__label").inner_text()


@pytest.mark.every_run
def test_from_the_menu_to_the_cup_without_javascript(new_context: NewContext, staff: Callable[[str], Staff]) -> None:
    language = "zh-hans"
    words = WORDS[language]
    plain = {"java_script_enabled": False, "locale": words["locale"]}
    customer = Customer(new_context(**PHONE, **plain), language)
    barista = Barista(new_context(**DESKTOP, **plain))
    board = new_context(**DESKTOP, **plain).new_page()
    barista.sign_in(*staff("barista"))
    board.goto(f"/{language}/board/")

    customer.page.goto("/")
    expect(customer.page.locator("[data-menu-filter]")).to_be_hidden()
    expect(customer.page.locator("[data-cart-bar]")).to_be_hidden()
    customer.page.locator("#latte .item-card__link").click()
    customer.page.get_by_label(words["large"]).check()
    customer.page.get_by_label(words["oat"]).check()
    customer.page.locator("[name=quantity]").fill("2")
    customer.page.locator(".item-form__foot .button--accent").click()
    expect(customer.page.locator("#latte .item-card__added")).to_be_visible()
    customer.press_plus("americano")
    expect(customer.page.locator("#americano .item-card__added")).to_be_visible()
    expect(customer.page.locator("#latte .item-card__added")).to_be_hidden()
    customer.page.locator("noscript .cart-bar__sum a").click()
    customer.expect_cart(("latte", 2, "¥72"), ("americano", 1, "¥18"))
    customer.page.locator(".cart-line").first.locator("button[value='1']").click()
    customer.expect_cart(("latte", 1, "¥36"), ("americano", 1, "¥18"))
    number = customer.place("云", fulfilment="here")
    customer.expect_status("pending")

    # Every page polls: the barista board and the customers' board every 5 s, the order's page every 10 s.
    barista.expect_in("pending", number)
    ticket = barista.ticket(number)
    expect(ticket.locator(".ticket__item")).to_have_text([words["latte"], words["americano"]])
    expect(ticket.locator(".ticket__options b").filter(has_text=words["oat"])).to_be_visible()
    barista.take_money(number)
    expect(ticket.locator(".badge--paid")).to_be_visible()
    barista.advance(number)
    barista.expect_in("preparing", number)
    barista.advance(number)
    barista.expect_in("ready", number)
    customer.expect_status("ready")
    expect(customer.page.locator(".order-state__label")).to_contain_text(words["ready"])
    expect(number_on(board, number, ".board__column--ready")).to_be_visible()
    barista.advance(number)
    expect(barista.ticket(number)).to_have_count(0)
    board.reload()
    expect(number_on(board, number)).to_have_count(0)
    customer.page.reload()
    customer.expect_status("completed")
