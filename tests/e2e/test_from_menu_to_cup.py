"""The main journey end to end: a customer orders on a phone, a barista makes it, the board shows the number."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, Staff
from tests.e2e.people import Barista, Customer, Till
from tests.harness.running_cafe import RunningCafe

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
NewContext = Callable[..., BrowserContext]


def mark(*pages: Page) -> None:
    """Set a JavaScript variable in each page, which a reload would delete."""
    for page in pages:
        page.evaluate("window.wasNeverReloaded = true")


def expect_never_reloaded(*pages: Page) -> None:
    for page in pages:
        assert page.evaluate("window.wasNeverReloaded") is True, page.url


def number_on(board: Page, number: str, column: str = "") -> object:
    return board.locator(f"{column} .board__number").get_by_text(number, exact=True)


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.only_full)])
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


# The barista board


@pytest.fixture
def barista(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Barista:
    return Barista(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("barista")))


@pytest.fixture
def till(barista: Barista, cafe: RunningCafe) -> Till:
    return Till(barista.page.request, cafe.url)


def order_number(customer: Customer, token: str) -> str:
    customer.open(f"order/{token}/")
    return customer.number()


@pytest.fixture
def customer(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB"))


def test_a_touch_is_undone_by_one_touch(barista: Barista, till: Till, customer: Customer) -> None:
    number = order_number(customer, till.order("Undo"))
    barista.open_bar()
    barista.advance(number)
    barista.expect_in("preparing", number)
    customer.expect_status("preparing")
    barista.undo.click()
    barista.expect_in("pending", number)
    customer.expect_status("pending")


@pytest.mark.only_full  # every run covers an undo of another step; tests/orders covers the rules
def test_an_order_that_was_picked_up_by_mistake_comes_back(
    barista: Barista, till: Till, customer: Customer, desktop: BrowserContext
) -> None:
    token = till.move(till.order("Back"), "pending", "paid", "advance", "advance")
    number = order_number(customer, token)
    board = desktop.new_page()
    board.goto("/en/board/")
    barista.open_bar()
    barista.advance(number)
    expect(barista.ticket(number)).to_have_count(0)
    expect(number_on(board, number)).to_have_count(0)
    barista.undo.click()
    barista.expect_in("ready", number)
    expect(number_on(board, number, ".board__column--ready")).to_be_visible()


def test_the_undo_leaves_after_ten_seconds(barista: Barista, till: Till, customer: Customer) -> None:
    number = order_number(customer, till.order("Toast"))
    barista.page.clock.install()
    barista.open_bar()
    barista.advance(number)
    barista.expect_in("preparing", number)
    barista.page.clock.run_for(8000)
    expect(barista.undo).to_be_visible()
    barista.page.clock.run_for(3000)
    expect(barista.page.locator("#toast")).to_be_hidden()


def test_a_double_touch_moves_an_order_one_step(barista: Barista, till: Till, customer: Customer) -> None:
    number = order_number(customer, till.order("Twice"))
    barista.open_bar()
    barista.ticket(number).locator("form[action$='/advance/'] button").dblclick()
    barista.expect_in("preparing", number)
    customer.expect_status("preparing")
    expect(barista.undo).to_be_visible()


def test_the_refresh_does_not_interrupt_a_touch_on_a_slow_line(
    barista: Barista, till: Till, customer: Customer
) -> None:
    number = order_number(customer, till.order("Slow"))
    held: list[Route] = []
    barista.page.clock.install()
    barista.page.route("**/advance/", lambda route: held.append(route))
    barista.open_bar()
    with barista.page.expect_request("**/advance/"):
        barista.advance(number)
    barista.page.clock.run_for(3000)  # three refresh intervals
    barista.page.evaluate("document.title")
    held[0].continue_()
    expect(barista.undo).to_be_visible()
    barista.expect_in("preparing", number)


def test_two_baristas_move_an_order_once_and_the_second_is_told(
    barista: Barista, till: Till, customer: Customer
) -> None:
    token = till.order("Two")
    number = order_number(customer, token)
    barista.page.clock.install()
    barista.open_bar()
    barista.page.clock.pause_at(barista.page.evaluate("Date.now()") + 60_000)
    before = barista.ticket(number).locator("[name=seen]").first.input_value()
    till.move(token, before, "advance")
    barista.advance(number)
    expect(barista.page.locator("#toast")).to_contain_text(number)
    expect(barista.undo).to_have_count(0)
    barista.expect_in("preparing", number)
    customer.expect_status("preparing")


def test_a_lost_connection_is_said_and_heals(
    barista: Barista, till: Till, customer: Customer, page_errors: list[str]
) -> None:
    order_number(customer, till.order("Line"))
    barista.open_bar()
    for person in (barista, customer):
        notice = person.page.locator("[data-connection]")
        person.page.context.set_offline(True)
        expect(notice).to_be_visible()
        person.page.context.set_offline(False)
        expect(notice).to_be_hidden()
    expected = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError")
    page_errors[:] = [error for error in page_errors if not any(words in error for words in expected)]


def test_after_the_end_of_the_session_the_bar_asks_for_the_password(barista: Barista) -> None:
    barista.open_bar()
    barista.page.context.clear_cookies()
    expect(barista.page.locator("[name=password]")).to_be_visible()


def test_the_tickets_page_does_the_rare_things(barista: Barista, till: Till, customer: Customer) -> None:
    token = till.move(till.order("Rare"), "pending", "advance")
    number = order_number(customer, token)
    barista.open_bar()
    barista.ticket(number).locator(".ticket__foot a").click()
    page = barista.page
    expect(page.locator("h1")).to_contain_text(number)
    page.locator("form[action$='/undo/'] button").click()
    barista.expect_in("pending", number)
    barista.ticket(number).locator(".ticket__foot a").click()
    cancel = barista.open_form("cancel")
    cancel.locator("[name=reason_words]").fill("No oat milk left")
    cancel.locator("button").click()
    expect(page.locator("#bar")).to_be_visible()
    expect(barista.ticket(number)).to_have_count(0)
    customer.expect_status("cancelled")
    page.goto(f"/admin/bar/{token}/")
    expect(page.locator(".events li").last).to_contain_text("No oat milk left")


@pytest.mark.only_full  # the journey covers an order that leaves; tests/orders/test_bar.py covers this case
def test_an_order_nobody_fetches_leaves_bar_and_board(
    barista: Barista, till: Till, customer: Customer, desktop: BrowserContext
) -> None:
    number = order_number(customer, till.move(till.order("Gone"), "pending", "advance", "advance"))
    board = desktop.new_page()
    board.goto("/en/board/")
    expect(number_on(board, number, ".board__column--ready")).to_be_visible()
    barista.open_bar()
    barista.ticket(number).locator(".ticket__foot a").click()
    barista.page.locator("form[action$='/no-show/'] button").click()
    expect(barista.page.locator("#bar")).to_be_visible()
    expect(barista.ticket(number)).to_have_count(0)
    expect(number_on(board, number)).to_have_count(0)
    customer.expect_status("no_show")
