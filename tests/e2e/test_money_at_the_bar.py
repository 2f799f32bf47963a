"""Payments and refunds in the browser, as a customer, a barista and a manager see them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Barista, Customer, Till
from tests.harness.running_cafe import RunningCafe

# Returns an element's position on the page, independent of scrolling.
PLACE = "shown => [shown.getBoundingClientRect().left, shown.getBoundingClientRect().top + scrollY]"


@pytest.fixture
def at_the_bar(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Callable[..., Barista]:
    """Return a function that opens the barista board for a member of a group."""

    def sign_in(group: str, **options: object) -> Barista:
        own = {**DESKTOP, "locale": "en-GB", "storage_state": signed_in(group)} | options
        bar = Barista(new_context(**own))
        bar.open_bar()
        return bar

    return sign_in


@pytest.fixture
def barista(at_the_bar: Callable[..., Barista]) -> Barista:
    return at_the_bar("barista")


@pytest.fixture
def till(barista: Barista, cafe: RunningCafe) -> Till:
    return Till(barista.page.request, cafe.url)


def test_a_customer_who_paid_and_cancels_gets_the_money_back(new_context: NewContext, barista: Barista) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    customer.open("item/espresso/")
    customer.add("espresso")
    customer.open("cart/")
    number = customer.place("Ada")
    barista.take_money(number)
    expect(customer.page.locator(".order-state__pay")).to_have_text("Paid. Thank you.")
    customer.cancel()
    customer.expect_status("cancelled")
    expect(customer.page.locator(".order-state__pay")).to_contain_text("You get ¥15 back")
    notice = barista.page.locator(".bar__notice .repayments__one", has_text=number)
    expect(notice).to_contain_text("Cancelled by the customer")
    notice.get_by_role("button", name="¥15 given back").click()
    expect(notice).to_have_count(0)
    expect(customer.page.locator(".order-state__pay")).to_have_text("¥15 was given back to you.")
    barista.page.get_by_role("link", name="The day's list").click()
    expect(barista.page.locator(".day__table tr", has_text=number).first).to_contain_text("¥15")


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@pytest.mark.parametrize("has_javascript", [True, False])
def test_gone_without_paying_takes_two_touches(
    at_the_bar: Callable[..., Barista], till: Till, has_javascript: bool
) -> None:
    barista = at_the_bar("barista", java_script_enabled=has_javascript)
    token = till.move(till.order("Gone"), "pending", "advance", "advance")
    barista.page.goto("/admin/bar/")
    ticket = barista.page.locator(".ticket", has=barista.page.locator(f"form[action*='{token}']"))
    ticket.get_by_text("Gone without paying").click()
    ticket.get_by_role("button", name="Left without paying").click()
    expect(ticket).to_have_count(0)
    barista.undo.click()
    expect(ticket.get_by_role("button", name="Take ¥15 and hand over")).to_be_visible()


def test_what_somebody_opened_on_a_ticket_stays_open_while_the_board_changes(barista: Barista, till: Till) -> None:
    token = till.move(till.order("Open"), "pending", "advance", "advance")
    ticket = barista.page.locator(".ticket", has=barista.page.locator(f"form[action*='{token}']"))
    ticket.get_by_text("Gone without paying").click()
    reason = ticket.get_by_role("button", name="Left without paying")
    expect(reason).to_be_visible()
    drawn = barista.page.locator(".ticket").count()
    till.order("Another")
    expect(barista.page.locator(".ticket")).to_have_count(drawn + 1)
    expect(reason).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("has_javascript", [True, False])
def test_the_reasons_open_where_they_were_pressed(
    at_the_bar: Callable[..., Barista], till: Till, has_javascript: bool, locale: str
) -> None:
    for _order in range(3):
        token = till.move(till.order("Open"), "pending", "advance", "advance")
    page = at_the_bar("barista", java_script_enabled=has_javascript, locale=locale).page
    page.set_viewport_size({"width": 1180, "height": 820})
    gone = page.locator(".ticket", has=page.locator(f"form[action*='{token}']")).locator(".gone")
    summary = gone.locator("summary")
    summary.evaluate("pressed => scrollBy(0, pressed.getBoundingClientRect().bottom - innerHeight + 4)")
    pressed = summary.evaluate(PLACE)
    summary.click()
    expect(gone.get_by_role("button").last).to_be_visible()
    assert summary.evaluate(PLACE) == pressed
    if has_javascript:
        expect(gone.get_by_role("button").last).to_be_in_viewport(ratio=1)


def test_a_manager_refunds_and_says_what_becomes_of_the_order_in_one_form(
    at_the_bar: Callable[..., Barista], till: Till
) -> None:
    token = till.move(till.order("Cold"), "pending", "paid", "advance")
    manager = at_the_bar("manager")
    manager.page.goto(f"/admin/bar/{token}/")
    form = manager.open_form("refund")
    expect(form.get_by_label("Cancel it")).to_be_checked()
    form.get_by_label("Took too long").check()
    form.get_by_label("Go on making it").check()
    form.get_by_role("button").click()
    expect(manager.page.locator("#toast")).to_contain_text("In preparation · ¥15 given back")
    manager.undo.click()
    expect(manager.page.locator("#toast")).to_contain_text("In preparation · ¥15 paid")


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_cancel_without_a_reason_comes_back_open_at_the_words(
    at_the_bar: Callable[..., Barista],
    till: Till,
    refused: Callable[[Page, int], AbstractContextManager[None]],
    has_javascript: bool,
) -> None:
    token = till.order("No reason")
    barista = at_the_bar("barista", java_script_enabled=has_javascript)
    barista.page.goto(f"/admin/bar/{token}/")
    form = barista.open_form("cancel")
    with refused(barista.page, 409):
        form.get_by_role("button").click()
    expect(form.get_by_text("Give a reason.")).to_be_in_viewport()
    expect(form.locator("[name=reason_words]")).to_be_focused()
    form.get_by_label("Ordered twice").check()
    form.get_by_role("button").click()
    expect(barista.page.locator("#toast")).to_contain_text("Cancelled")
