"""The barista board in a browser: new orders, steps, undo."""

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.e2e.journey.texts import number_on
from tests.e2e.people import Barista, Customer, Till
from tests.harness.running_cafe import RunningCafe


@pytest.fixture
def till(barista: Barista, cafe: RunningCafe) -> Till:
    return Till(barista.page.request, cafe.url)


def order_number(customer: Customer, token: str) -> str:
    customer.open(f"order/{token}/")
    return customer.number()


@pytest.mark.every_run
def test_a_touch_is_undone_by_one_touch(barista: Barista, till: Till, customer: Customer) -> None:
    number = order_number(customer, till.order("Undo"))
    barista.open_bar()
    barista.advance(number)
    barista.expect_in("preparing", number)
    customer.expect_status("preparing")
    barista.undo.click()
    barista.expect_in("pending", number)
    customer.expect_status("pending")


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


@pytest.mark.every_run
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
