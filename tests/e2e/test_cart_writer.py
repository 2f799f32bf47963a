"""Cart writes on a slow line: in one tab or two, with Web Locks and without them, nothing is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer
from tests.e2e.slow_network import SlowNetwork
from tests.harness.running_cafe import RunningCafe

ROUND_TRIP_S = 0.4
BETWEEN_TOUCHES_MS = 150
WITHOUT_LOCKS = "delete Navigator.prototype.locks"


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[SlowNetwork]:
    line = SlowNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture(params=["Web Locks", "no Web Locks"])
def context(request: pytest.FixtureRequest, new_context: NewContext, line: SlowNetwork) -> BrowserContext:
    context = new_context(**PHONE, locale="en-GB", base_url=line.url)
    if request.param == "no Web Locks":
        context.add_init_script(WITHOUT_LOCKS)
    return context


@pytest.fixture
def customer(context: BrowserContext) -> Customer:
    return Customer(context)


@pytest.fixture
def impatient(new_context: NewContext, line: SlowNetwork) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", base_url=line.url))


def shown_cart(page: Page) -> dict[str, int]:
    """Open a new cart page; return (slug, quantity) of each line."""
    page.goto("/en/cart/")
    rows = page.locator(".cart-line").all()
    return {str(row.get_attribute("data-item")): int(row.locator(".stepper__value").inner_text()) for row in rows}


def expect_badge(page: Page, count: int) -> None:
    expect(page.locator("[data-cart-count]")).to_have_text(str(count))


def touch(customer: Customer, *slugs: str) -> None:
    for slug in slugs:
        customer.press_plus(slug)
        customer.page.wait_for_timeout(BETWEEN_TOUCHES_MS)


# One tab


@pytest.mark.every_run
@pytest.mark.few_cases(1)
def test_touches_before_the_first_answer_are_all_counted(customer: Customer, line: SlowNetwork) -> None:
    customer.open()
    line.delay_s = ROUND_TRIP_S
    touch(customer, "latte", "americano", "latte")
    expect_badge(customer.page, 3)
    line.delay_s = 0
    assert shown_cart(customer.page) == {"latte": 2, "americano": 1}


def test_three_touches_on_the_plus_of_a_line_count_three(customer: Customer, line: SlowNetwork) -> None:
    customer.add("latte")
    page = customer.page
    line.delay_s = ROUND_TRIP_S
    more = page.locator(".stepper__button").last
    for _touch in range(3):
        more.click()
    expect(page.locator(".stepper__value")).to_have_text("4")
    expect(page.locator(".sum__amount")).to_have_text("¥100")
    expect_badge(page, 4)
    page.locator(".stepper__button").first.click()
    page.locator(".stepper__button").first.click()
    expect(page.locator(".sum__amount")).to_have_text("¥50")
    assert shown_cart(page) == {"latte": 2}


@pytest.mark.every_run
def test_check_out_waits_for_what_is_being_added(impatient: Customer, line: SlowNetwork) -> None:
    impatient.add("espresso")
    impatient.open()
    line.delay_s = ROUND_TRIP_S
    impatient.press_plus("latte")
    impatient.page.wait_for_timeout(200)
    impatient.page.locator(".cart-bar__go").click()
    expect(impatient.page).to_have_url(re.compile("/checkout/$"))
    expect(impatient.page.locator(".receipt__line")).to_have_count(2)


def test_the_cart_s_link_and_the_language_wait_too(impatient: Customer, line: SlowNetwork) -> None:
    impatient.add("espresso")
    for link in (".cart-bar__sum a", ".site-header__link[data-settle-cart]", ".site-header__language"):
        impatient.open()
        line.delay_s = ROUND_TRIP_S
        impatient.press_plus("latte")
        impatient.press_plus("americano")
        impatient.page.locator(link).click()
        impatient.page.wait_for_url(lambda url: not url.endswith("/en/"))
        line.delay_s = 0
    assert shown_cart(impatient.page) == {"espresso": 1, "latte": 3, "americano": 3}


@pytest.mark.parametrize("leave", ["back", "close", "another address", "reload"])
def test_leaving_takes_along_what_is_on_its_way(
    customer: Customer, context: BrowserContext, line: SlowNetwork, leave: str
) -> None:
    page = customer.page
    customer.open("orders/mine/")
    customer.open()
    line.delay_s = ROUND_TRIP_S
    for slug in ("latte", "americano", "espresso"):
        customer.press_plus(slug)
    if leave == "back":
        page.go_back()
    elif leave == "close":
        page.close()
    elif leave == "reload":
        page.reload()
    else:
        customer.open("item/mocha/")
    newcomer = context.new_page()
    newcomer.wait_for_timeout(4 * ROUND_TRIP_S * 1000)
    line.delay_s = 0
    assert shown_cart(newcomer) == {"latte": 1, "americano": 1, "espresso": 1}


def test_what_is_refused_is_explained_and_the_rest_is_added(
    impatient: Customer, line: SlowNetwork, page_errors: list[str]
) -> None:
    page = impatient.page
    impatient.open()
    page.locator("#mocha [name=item]").evaluate("input => input.value = 999999")
    line.delay_s = ROUND_TRIP_S
    for slug in ("latte", "mocha", "americano"):
        impatient.press_plus(slug)
    expect(page).to_have_url(re.compile("/cart/add/$"))
    expect(page.locator(".state, main h1").first).to_be_visible()
    page.wait_for_timeout(2 * ROUND_TRIP_S * 1000)
    line.delay_s = 0
    assert shown_cart(page) == {"latte": 1, "americano": 1}
    page_errors[:] = [error for error in page_errors if "status of 404" not in error]


# Two tabs


def test_two_tabs_add_to_one_cart(customer: Customer, context: BrowserContext, line: SlowNetwork) -> None:
    second = Customer(context)
    for tab in (customer, second):
        tab.open()
    line.delay_s = ROUND_TRIP_S
    for slug in ("latte", "americano", "espresso"):
        customer.press_plus(slug)
        second.press_plus(slug)
    expect_badge(customer.page, 6)
    expect_badge(second.page, 6)
    line.delay_s = 0
    assert shown_cart(second.page) == {"latte": 2, "americano": 2, "espresso": 2}


def test_what_another_tab_adds_while_an_order_is_on_its_way_stays(
    customer: Customer, context: BrowserContext, line: SlowNetwork
) -> None:
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("Pair")
    second = Customer(context)
    second.open()
    line.delays_s = {"POST /en/checkout/": 3 * ROUND_TRIP_S}
    customer.submit.click()
    second.press_plus("latte")
    customer.number()
    expect(customer.page.locator(".receipt__line")).to_have_count(1)
    expect_badge(customer.page, 1)
    assert shown_cart(second.page) == {"latte": 1}


def test_an_addition_that_is_answered_after_the_order_does_not_bring_it_back(
    customer: Customer, context: BrowserContext, line: SlowNetwork
) -> None:
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("Pair")
    second = Customer(context)
    second.open()
    line.delays_s = {"POST /en/cart/add/": 5 * ROUND_TRIP_S}
    second.press_plus("latte")
    customer.press_submit()
    expect_badge(second.page, 1)
    assert shown_cart(second.page) == {"latte": 1}


# Which requests are serialized


@pytest.mark.parametrize(("script", "most_at_once"), [("", 1), (WITHOUT_LOCKS, 2)])
def test_with_web_locks_two_tabs_take_turns_and_without_them_they_overlap(
    new_context: NewContext, line: SlowNetwork, script: str, most_at_once: int
) -> None:
    context = new_context(**PHONE, locale="en-GB", base_url=line.url)
    context.add_init_script(script)
    tabs = [Customer(context), Customer(context)]
    for tab in tabs:
        tab.open()
    line.delay_s = ROUND_TRIP_S
    for slug in ("latte", "americano"):
        for tab in tabs:
            tab.press_plus(slug)
    for tab in tabs:
        expect_badge(tab.page, 4)
    assert line.most_at_once == most_at_once
