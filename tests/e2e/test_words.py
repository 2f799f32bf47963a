"""Wording: the labels of the two buttons of one question, and the age of a menu."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer
from tests.e2e.test_pages_are_sound import LOCALES

PAIRS = {
    "en": ("Cancel this order", "No, keep it", "Cancel order {}?", "Yes, cancel it"),
    "zh-hans": ("取消订单", "保留订单", "要取消 {} 号订单吗？", "取消订单"),
}


@pytest.mark.parametrize("language", LOCALES)
def test_of_two_buttons_one_keeps_the_order_and_one_cancels_it(new_context: NewContext, language: str) -> None:
    customer = Customer(new_context(**PHONE, locale=LOCALES[language]), language)
    page = customer.page
    customer.add("espresso")
    number = customer.place("Words")
    offer, keep, question, yes = PAIRS[language]
    summary = page.locator(".sure__summary")
    button = page.locator("form[action$='/cancel/'] button")
    assert (summary.inner_text(), button.is_visible()) == (offer, False)
    summary.click()
    assert summary.inner_text() == keep
    assert page.locator(".sure__question").inner_text() == question.format(number)
    assert button.inner_text() == yes
    summary.click()
    assert (summary.inner_text(), button.is_visible()) == (offer, False)
    customer.expect_status("pending")
    customer.cancel()
    customer.expect_status("cancelled")


@pytest.fixture
def offline(page_errors: list[str]) -> Iterator[Callable[[Page], None]]:
    """Return a function that takes a page offline; console errors about requests still in progress are ignored."""
    yield lambda page: page.context.set_offline(True)
    cut_off = ("ERR_INTERNET_DISCONNECTED", "error occurred when fetching the script")  # of the page's service worker
    page_errors[:] = [error for error in page_errors if not any(words in error for words in cut_off)]


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", r"这是 \d+ 秒前的菜单；"), ("en", r"the menu of \d+ seconds? ago;")],
)
def test_a_menu_says_its_age_as_people_do(
    new_context: NewContext, offline: Callable[[Page], None], language: str, words: str
) -> None:
    page = new_context(**PHONE, locale=LOCALES[language]).new_page()
    page.goto(f"/{language}/")
    offline(page)
    expect(page.locator("[data-menu-age]")).to_contain_text(re.compile(words))


@pytest.mark.parametrize(("later", "said"), [("04:20", "4 分钟前"), ("02:00:00", "2 小时前"), ("50:00:00", "2 天前")])
def test_a_menu_s_age_has_a_unit_that_fits(
    new_context: NewContext, offline: Callable[[Page], None], later: str, said: str
) -> None:
    page = new_context(**PHONE, locale="zh-CN").new_page()
    page.clock.install()
    page.goto("/zh-hans/")
    offline(page)
    expect(page.locator("[data-menu-age] .menu-age")).to_be_visible()
    page.clock.fast_forward(later)
    expect(page.locator("[data-menu-age]")).to_contain_text(f"这是 {said}的菜单")
