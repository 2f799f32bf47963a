"""A customer with a network that breaks, and what the menu then shows."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Customer
from tests.e2e.waiting import wait_until

NO_ORDERING = {
    "offline": "You are offline, so nothing can be ordered yet.",
    "offline_to_cancel": "You are offline, so nothing can be ordered or cancelled yet.",
    "away": "We cannot reach the café right now, so nothing can be ordered yet.",
}


ADD_LATTE = "#latte .item-card__form button"


def see(customer: Customer, path: str = "") -> None:
    """Open a page and wait until the service worker has stored it and controls the page."""
    customer.open(path)
    until_kept(customer.page, f"/{customer.language}/{path}")
    wait_until(customer.page, "() => Boolean(navigator.serviceWorker.controller)")


def until_kept(page: Page, path: str) -> None:
    wait_until(page, "path => caches.match(path).then(Boolean)", path)


def notice(page: Page) -> Locator:
    return page.locator(".menu-age")


def expect_no_ordering(page: Page, button: Locator, why: str) -> None:
    """Press the button; expect a message with the reason, and an unchanged cart count."""
    expect(button).to_have_attribute("aria-disabled", "true")
    count = page.locator("[data-cart-count]")
    before = count.inner_text()
    button.click(force=True)
    expect(page.locator("[data-no-ordering]")).to_contain_text(NO_ORDERING[why])
    expect(page.locator("[data-no-ordering]")).to_be_in_viewport()
    expect(count).to_have_text(before)
