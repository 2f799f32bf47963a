"""Cookies blocked: the page says that ordering needs cookies, and never claims that an item is in the cart."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ARGUMENTS, PHONE, TIMEOUT_MS, WHOLE, NewContext, path_of
from tests.harness.running_cafe import RunningCafe

BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}
NEEDS_COOKIES = {
    "en": "Your cart is kept in a cookie on your device and nowhere else, so ordering needs cookies.",
    "zh-hans": "所以下单需要 Cookie",
}
# Simulates blocked cookies for scripts; the requests still carry cookies.
NOT_ENABLED = "Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false })"
STORAGE_THROWS = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } });
}
Object.defineProperty(Navigator.prototype, "locks", {
  get: () => ({ request: () => Promise.reject(new DOMException("no", "SecurityError")) }),
});
"""


@pytest.fixture
def blocking(browser: Browser, cafe: RunningCafe, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in a browser that blocks all cookies."""
    opened: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        profile = tmp_path / f"profile-{len(opened)}"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(BLOCKED))
        context = browser.browser_type.launch_persistent_context(
            profile, executable_path=path_of(*WHOLE), args=ARGUMENTS, base_url=cafe.url, **PHONE | options
        )
        context.set_default_timeout(TIMEOUT_MS)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


def expect_told(page: Page, language: str = "en") -> None:
    expect(page.locator(".no-cookies")).to_be_visible()
    expect(page.locator(".no-cookies")).to_contain_text(NEEDS_COOKIES[language])
    expect(page.locator(".no-cookies")).to_be_in_viewport()
    assert "is in your cart" not in page.locator("body").inner_text()
    for said in page.locator("[data-said-here]").all():
        expect(said).to_have_text("")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_plus_of_a_card_says_that_cookies_are_blocked(blocking: Callable[..., Page], language: str) -> None:
    page = blocking()
    page.goto(f"/{language}/")
    assert page.context.cookies() == []
    page.locator("#latte .item-card__form button").click()
    expect_told(page, language)
    expect(page.locator("#latte .is-done")).to_have_count(0)


def test_add_on_an_item_s_page_says_so_and_stays(blocking: Callable[..., Page]) -> None:
    page = blocking()
    page.goto("/en/item/latte/")
    page.locator(".item-form__foot .button--accent").click()
    expect_told(page)
    assert page.url.endswith("/en/item/latte/")


@pytest.mark.parametrize("path", ["", "item/latte/"])
def test_without_javascript_the_next_page_says_so(blocking: Callable[..., Page], path: str) -> None:
    page = blocking(java_script_enabled=False)
    page.goto(f"/en/{path}")
    page.locator("form[action$='/cart/add/'] button:not([type=button])").first.click()
    expect(page.locator(".no-cookies")).to_contain_text(NEEDS_COOKIES["en"])
    expect(page.locator("main")).not_to_contain_text("The machine is warm")


def test_a_browser_that_says_no_is_believed(new_context: NewContext) -> None:
    context = new_context(**PHONE, locale="en-GB")
    context.add_init_script(NOT_ENABLED)
    page = context.new_page()
    page.goto("/en/")
    page.locator("#latte .item-card__form button").click()
    expect_told(page)
    assert [cookie["name"] for cookie in context.cookies()] == []


def test_storage_and_locks_that_throw_end_no_script(new_context: NewContext) -> None:
    context = new_context(**PHONE, locale="en-GB")
    context.add_init_script(STORAGE_THROWS)
    page = context.new_page()
    page.goto("/en/")
    page.locator("#latte .item-card__form button").click()
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    expect(page.locator(".no-cookies")).to_be_hidden()


def test_with_cookies_nothing_of_it_is_said(new_context: NewContext) -> None:
    page = new_context(**PHONE, locale="en-GB").new_page()
    page.goto("/en/")
    page.locator("#latte .item-card__form button").click()
    expect(page.locator("[data-said-here]")).to_have_text("Latte is in your cart.")
    expect(page.locator(".no-cookies")).to_be_hidden()
