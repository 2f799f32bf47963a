"""The dietary filter on an item's page: the page names it, marks the options, picks suitable defaults, and asks once
before an unsuitable choice."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Refused
from tests.e2e.people import Customer
from tests.e2e.test_dietary_filter import box, open_menu
from tests.e2e.test_item_dietary_info import chip, sum_of


@pytest.fixture
def customer(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", reduced_motion="reduce"))


def open_with_filter(customer: Customer, slug: str, *wishes: str) -> Page:
    page = open_menu(customer)
    for wish in wishes:
        box(page, wish).check()
    customer.open(f"item/{slug}/")
    return page


def notice(page: Page) -> Locator:
    return page.locator("[data-item-filter]")


def question(page: Page) -> Locator:
    return page.locator("[data-question]")


def press_add(page: Page) -> None:
    page.locator(".item-form__foot > .button").click()


def open_cart_from_the_menu(page: Page) -> None:
    """Open the cart from the menu, which is shown after "Add"."""
    page.wait_for_url(re.compile(r"/en/#"))
    page.goto("/en/cart/")


def test_without_a_filter_nothing_is_said_marked_or_asked(customer: Customer) -> None:
    customer.open("item/latte/")
    page = customer.page
    expect(notice(page)).to_be_hidden()
    expect(page.locator(".is-against")).to_have_count(0)
    expect(page.get_by_label("Whole milk")).to_be_checked()
    press_add(page)
    open_cart_from_the_menu(page)
    expect(page.locator(".cart-line")).to_have_count(1)
    expect(page.locator(".cart-line .is-against")).to_have_count(0)


def test_the_page_says_that_the_filter_is_on_and_marks_what_goes_against_it(customer: Customer) -> None:
    page = open_with_filter(customer, "iced-oat-latte", "nuts")
    expect(notice(page)).to_contain_text("Your filter is on: without nuts")
    expect(page.locator(".chip .is-against")).to_have_text(["contains nuts"])
    expect(page.get_by_role("checkbox", name="Hazelnut syrup +¥3 contains nuts against your filter")).to_have_count(1)
    expect(sum_of(page)).not_to_have_class("is-against")
    chip(page, "Hazelnut syrup").click()
    expect(sum_of(page)).to_have_class("item-form__contents is-against")


@pytest.mark.every_run
def test_a_default_that_goes_against_it_is_not_taken_in_silence(customer: Customer) -> None:
    page = open_with_filter(customer, "latte", "milk")
    expect(page.get_by_label("Oat drink")).to_be_checked()
    expect(notice(page)).to_contain_text("Chosen to suit it: Oat drink +¥5, not Whole milk.")
    expect(page.locator("[data-item-price]")).to_have_text("· ¥30")
    chip(page, "Whole milk").click()
    expect(notice(page)).not_to_contain_text("Chosen to suit it")
    chip(page, "Oat drink").click()
    press_add(page)
    open_cart_from_the_menu(page)
    expect(page.locator(".cart-line__options")).to_contain_text("Oat drink")


@pytest.mark.parametrize(
    ("slug", "wishes", "chosen"),
    [
        ("latte", ("milk", "gluten"), "Coconut milk"),
        ("iced-oat-latte", ("gluten",), "Whole milk"),
        ("matcha-latte", ("vegan",), "Oat drink"),
    ],
)
def test_the_first_of_the_cheapest_that_suit_is_chosen(
    customer: Customer, slug: str, wishes: tuple[str, ...], chosen: str
) -> None:
    page = open_with_filter(customer, slug, *wishes)
    expect(page.get_by_label(chosen)).to_be_checked()


def test_where_nothing_suits_the_default_stays_and_is_asked_about(customer: Customer) -> None:
    page = open_with_filter(customer, "mocha", "milk")
    expect(notice(page)).to_contain_text("Whatever you choose: contains milk.")
    expect(page.get_by_label("Whole milk")).to_be_checked()
    press_add(page)
    expect(question(page)).to_contain_text("contains milk Your filter is on: without milk. Add it all the same?")


def test_it_asks_once(customer: Customer) -> None:
    page = open_with_filter(customer, "latte", "nuts", "vegan")
    expect(page.get_by_label("Oat drink")).to_be_checked()
    chip(page, "Hazelnut syrup").click()
    press_add(page)
    expect(question(page)).to_be_focused()
    expect(question(page)).to_contain_text("contains nuts")
    assert customer.page.request.get("/en/cart/").text().count('class="cart-line"') == 0
    question(page).get_by_role("button", name="Choose again").click()
    expect(question(page)).to_be_hidden()
    expect(page.locator(".item-form__foot > .button")).to_be_focused()
    press_add(page)
    question(page).get_by_role("button", name="Add it").click()
    open_cart_from_the_menu(page)
    expect(page.locator(".cart-line")).to_have_count(1)
    expect(page.locator(".cart-line .is-against")).to_have_text("Contains gluten, nuts · against your filter")
    page.locator("main a[href$='/checkout/']").click()
    expect(page.locator(".receipt__line .is-against")).to_have_text("Contains gluten, nuts · against your filter")


def test_what_was_accepted_is_not_asked_again_and_something_else_is(customer: Customer) -> None:
    page = open_with_filter(customer, "iced-oat-latte", "nuts", "milk")
    # As a script would that adds an item without a page load.
    page.evaluate(
        "document.querySelector('[data-item-form]').addEventListener('submit', (event) => {"
        " event.preventDefault(); window.added = (window.added ?? 0) + 1; })"
    )
    chip(page, "Hazelnut syrup").click()
    press_add(page)
    question(page).get_by_role("button", name="Add it").click()
    press_add(page)
    expect(question(page)).to_be_hidden()
    assert page.evaluate("window.added") == 2
    chip(page, "Whipped cream").click()
    press_add(page)
    expect(question(page)).to_contain_text("contains milk, nuts")
    assert page.evaluate("window.added") == 2


def test_a_choice_that_suits_is_not_asked_about(customer: Customer) -> None:
    page = open_with_filter(customer, "latte", "nuts")
    press_add(page)
    open_cart_from_the_menu(page)
    expect(page.locator(".cart-line")).to_have_count(1)


def test_what_is_not_stated_goes_against_it(customer: Customer) -> None:
    page = open_with_filter(customer, "americano", "nuts")
    page.locator(".chip [data-allergens='']").first.evaluate("(input) => input.removeAttribute('data-stated')")
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    expect(chip(page, "Extra shot").locator(".is-against")).to_have_text("allergens not stated")
    chip(page, "Extra shot").click()
    press_add(page)
    expect(question(page)).to_contain_text("allergens not stated")


def test_a_diet_that_is_not_ticked_goes_against_it(customer: Customer) -> None:
    page = open_with_filter(customer, "hibiscus-berry-tea", "caffeine-free")
    expect(page.locator(".is-against")).to_have_count(0)
    customer.open("item/americano/")
    expect(notice(page)).to_contain_text("Whatever you choose: not marked caffeine-free.")
    press_add(page)
    expect(question(page)).to_contain_text("not marked caffeine-free")


def test_it_is_switched_off_there_and_on_the_menu(customer: Customer) -> None:
    page = open_menu(customer)
    box(page, "milk").check()
    page.locator("#latte .item-card__link").click()
    page.get_by_role("button", name="Switch it off").click()
    expect(notice(page)).to_be_hidden()
    expect(page.locator(".is-against")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()
    page.go_back()
    expect(page.locator("#butter-croissant")).to_be_visible()
    expect(page.locator("#wish-milk")).not_to_be_checked()


def test_one_that_is_switched_on_later_is_minded_when_the_page_comes_back(customer: Customer) -> None:
    customer.open("item/latte/")
    page = customer.page
    page.locator(".way-back a").click()
    page.locator(".wishes__summary").click()
    box(page, "milk").check()
    page.go_back()
    expect(notice(page)).to_contain_text("without milk")


def test_the_keyboard_answers_the_question(new_context: NewContext) -> None:
    customer = Customer(new_context(**DESKTOP, locale="en-GB"))
    page = open_with_filter(customer, "butter-croissant", "milk")
    page.locator(".item-form__foot > .button").focus()
    page.keyboard.press("Enter")
    expect(question(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".item-form__foot > .button")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(question(page).get_by_role("button", name="Choose again")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    open_cart_from_the_menu(page)
    expect(page.locator(".cart-line")).to_have_count(1)


def test_a_refused_choice_is_shown_as_it_was_chosen(
    customer: Customer, refused: Refused, page_errors: list[str]
) -> None:
    """The filter replaces no default once the customer has chosen."""
    page = open_with_filter(customer, "latte", "milk")
    chip(page, "Whole milk").click()
    page.locator("[name=quantity]").evaluate("(input) => { input.max = ''; input.value = '30'; }")
    press_add(page)
    with refused(page, 422):
        question(page).get_by_role("button", name="Add it").click()
    expect(page.locator(".field__error")).to_be_visible()
    expect(page.get_by_label("Whole milk")).to_be_checked()
    expect(notice(page)).to_contain_text("Your filter is on: without milk")
    page_errors[:] = [error for error in page_errors if "status of 422" not in error]  # a script asks first


def test_a_refused_checkout_keeps_its_marks(customer: Customer, page_errors: list[str]) -> None:
    page = open_with_filter(customer, "latte", "nuts")
    chip(page, "Hazelnut syrup").click()
    press_add(page)
    question(page).get_by_role("button", name="Add it").click()
    open_cart_from_the_menu(page)
    page.locator("main a[href$='/checkout/']").click()
    page.locator("form.checkout button.button--accent").click()
    expect(page.locator(".field__error")).to_be_visible()
    expect(page.locator(".receipt__line .is-against")).to_have_text("Contains milk, nuts · against your filter")
    page_errors[:] = [error for error in page_errors if "status of 422" not in error]  # a script asks first


def test_without_a_connection_it_is_refused_and_not_asked_about(customer: Customer) -> None:
    page = open_with_filter(customer, "butter-croissant", "milk")
    page.context.set_offline(True)
    page.locator(".item-form__foot > .button").click(force=True)  # force: the button is aria-disabled
    expect(page.locator("[data-no-ordering]")).to_contain_text("You are offline")
    expect(question(page)).to_be_hidden()
    page.context.set_offline(False)


def test_storage_that_is_forbidden_is_no_filter(customer: Customer) -> None:
    customer.page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error(); } })")
    customer.open("item/iced-oat-latte/")
    expect(notice(customer.page)).to_be_hidden()
    chip(customer.page, "Hazelnut syrup").click()
    expect(sum_of(customer.page)).to_have_text("Contains gluten, nuts")
    press_add(customer.page)
    open_cart_from_the_menu(customer.page)
    expect(customer.page.locator(".cart-line")).to_contain_text("Contains gluten, nuts")
