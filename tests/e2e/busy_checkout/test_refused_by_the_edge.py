"""The checkout while the edge refuses orders: the page shows that it retries, and the order is placed once."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.busy_checkout.rush import (
    ALL_TRIES_MS,
    CROWDED,
    MAX_WAIT_S,
    PRESS_AGAIN,
    TRIES,
    WITHIN_MS,
    Rush,
    at_the_checkout,
    expect_order_in_url,
    waiting,
)
from tests.e2e.people import Customer, Manager

pytestmark = pytest.mark.needs_nginx


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
