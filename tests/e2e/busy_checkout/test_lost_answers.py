"""The checkout while answers are lost or none comes; and answers of the café itself."""

import pytest
from playwright.sync_api import expect

from tests.e2e.busy_checkout.rush import (
    ALL_TRIES_MS,
    CROWDED,
    PRESS_AGAIN,
    TRIES,
    WITHIN_MS,
    Rush,
    at_the_checkout,
    expect_order_in_url,
    waiting,
)
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer, Manager, Till
from tests.harness.running_cafe import RunningCafe

pytestmark = pytest.mark.needs_nginx


UNSURE = "We do not know yet whether your order has arrived. Asking again never orders twice."


@pytest.fixture
def till(manager: Manager, cafe: RunningCafe) -> Till:
    return Till(manager.page.request, cafe.url)


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
