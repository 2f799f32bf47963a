"""The dietary filter (allergens and diets) on the menu: with and without JavaScript, by keyboard, together with the
search, and kept for one visit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Customer


def open_menu(customer: Customer) -> Page:
    customer.open()
    customer.page.locator(".wishes__summary").click()
    return customer.page


def box(page: Page, name: str) -> Locator:
    return page.locator(".wishes").get_by_role("checkbox", name=name, exact=True)


def left(page: Page) -> Locator:
    return page.locator(".item-card:visible")


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@pytest.mark.parametrize("with_javascript", [True, False])
def test_what_does_not_suit_is_out_of_sight(
    customer: Customer, plain_customer: Customer, with_javascript: bool
) -> None:
    page = open_menu(customer if with_javascript else plain_customer)
    everything = left(page).count()
    box(page, "milk").check()
    for gone in ("dirty", "butter-croissant", "hot-chocolate"):
        expect(page.locator(f"#{gone}")).to_be_hidden()
    for kept in ("americano", "avocado-toast", "latte"):
        expect(page.locator(f"#{kept}")).to_be_visible()

    # An item that suits only with another option says so; the option is chosen on its page.
    latte = page.locator("#latte")
    expect(latte.locator(".item-card__by-choice")).to_be_visible()
    expect(latte.locator("form")).to_be_hidden()
    expect(page.locator("#americano form")).to_be_visible()
    expect(page.locator("#americano .item-card__by-choice")).to_have_count(0)

    box(page, "vegan").check()
    expect(page.locator("#avocado-toast")).to_be_hidden()
    expect(page.locator("#americano")).to_be_visible()
    expect(page.locator(".wishes__on")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    expect(left(page)).to_have_count(everything)
    expect(page.locator(".wishes__on")).to_be_hidden()
    expect(latte.locator("form")).to_be_visible()


def test_what_suits_each_by_another_choice_only_is_out_of_sight(customer: Customer) -> None:
    page = open_menu(customer)
    card = page.locator("#latte")
    card.evaluate("card => { card.dataset.canSuit = 'milk nuts'; card.dataset.suits = 'gluten'; }")
    card.evaluate("card => { card.dataset.suitsTogether = 'milk|nuts'; }")
    for one, other in (("milk", "nuts"), ("nuts", "milk")):
        box(page, one).check()
        expect(card).to_be_visible()
        box(page, "gluten").check()
        expect(card).to_be_visible()
        box(page, other).check()
        expect(card).to_be_hidden()
        page.get_by_role("button", name="Show everything").click()
        expect(card).to_be_visible()


def test_without_javascript_a_category_says_how_much_is_left(plain_customer: Customer) -> None:
    page = open_menu(plain_customer)
    line = page.locator("#bakery .menu-section__left")
    expect(line).to_be_hidden()
    box(page, "gluten").check()
    expect(line).to_be_visible()
    expect(page.locator("#bakery .item-card:visible")).to_have_count(0)
    assert shown_counts(page) == {
        section.get_attribute("id"): section.locator(".item-card:visible").count()
        for section in page.locator(".menu-section").all()
    }


def shown_counts(page: Page) -> dict[str | None, int]:
    """Return the count that each category shows. It is a CSS counter, so it is read from the accessibility tree."""
    browser = page.context.new_cdp_session(page)
    top = browser.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    counts = {}
    for section in page.locator(".menu-section").all():
        line = {"nodeId": top, "selector": f"#{section.get_attribute('id')} .menu-section__left"}
        tree = browser.send("Accessibility.queryAXTree", browser.send("DOM.querySelector", line))
        words = [node["name"]["value"] for node in tree["nodes"] if node["role"]["value"] == "StaticText"]
        label, count = words
        assert label == "Items that fit here: "
        counts[section.get_attribute("id")] = int(count)
    return counts


def test_a_category_with_nothing_left_goes_and_comes_back(customer: Customer) -> None:
    page = open_menu(customer)
    box(page, "gluten").check()
    expect(page.locator("#bakery")).to_be_hidden()
    expect(page.locator(".category-bar__link[href='#bakery']")).to_be_hidden()
    expect(page.locator("#coffee")).to_be_visible()
    box(page, "gluten").uncheck()
    expect(page.locator("#bakery")).to_be_visible()
    expect(page.locator(".category-bar__link[href='#bakery']")).to_be_visible()


def test_the_count_is_said_and_so_is_nothing(customer: Customer) -> None:
    page = open_menu(customer)
    said = page.locator("[data-wishes-left]")
    expect(said).to_have_text("")
    box(page, "milk").check()
    expect(said).to_have_text(f"{left(page).count()} items fit.")
    expect(page.locator("[data-filter-nothing]")).to_be_hidden()
    page.locator("#filter").fill("croissant")
    expect(left(page)).to_have_count(0)
    expect(said).to_have_text("")
    expect(page.locator("[data-filter-nothing]")).to_have_text("Nothing on the menu suits all of that.")
    page.locator("#filter").fill("avocado")
    expect(left(page)).to_have_count(1)
    expect(said).to_have_text("1 item fits.")
    box(page, "milk").uncheck()
    expect(said).to_have_text("")
    page.locator("#filter").fill("no such thing")
    expect(page.locator("[data-filter-nothing]")).to_have_text("Nothing on the menu is called that.")


def test_it_is_kept_for_the_visit_in_both_languages(customer: Customer, new_context: NewContext) -> None:
    page = open_menu(customer)
    box(page, "nuts").check()
    box(page, "caffeine-free").check()
    count = left(page).count()
    page.locator("#hibiscus-berry-tea .item-card__link").click()
    customer.open()
    expect(left(page)).to_have_count(count)
    expect(page.locator(".wishes__on")).to_be_visible()
    expect(page.locator("[data-wishes-left]")).to_have_text(f"{count} items fit.")
    page.locator(".site-header__language").click()
    expect(page.locator("#wish-nuts")).to_be_checked()
    expect(left(page)).to_have_count(count)
    page.locator("[type=reset]").click()
    page.reload()
    expect(page.locator("#wish-nuts")).not_to_be_checked()
    another_visit = Customer(new_context(**PHONE, locale="en-GB"))
    another_visit.open()
    expect(another_visit.page.locator(":checked")).to_have_count(0)


def test_the_keyboard_is_enough(new_context: NewContext) -> None:
    page = new_context(**DESKTOP, locale="en-GB").new_page()
    page.goto("/en/")
    page.locator("#filter").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".wishes__summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(box(page, "gluten")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#butter-croissant")).to_be_hidden()
    page.keyboard.press("Enter")  # submitting the form would reload the page
    expect(box(page, "gluten")).to_be_checked()
    expect(page.get_by_role("group", name="Without")).to_be_visible()


def test_a_manager_states_it_and_customers_see_it(
    new_context: NewContext, signed_in: Callable[[str], StorageState], customer: Customer
) -> None:
    page = new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")).new_page()
    page.goto("/admin/menu/item/?q=Sea+Salt")
    page.locator("#result_list tbody th a").click()
    page.get_by_role("checkbox", name="sulphites").check()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    customer.open("item/sea-salt-lemonade/")
    customer.page.wait_for_timeout(2000)
    customer.page.reload()
    expect(customer.page.locator(".contents")).to_contain_text("Contains sulphites")
    open_menu(customer)
    box(customer.page, "sulphites").check()
    expect(customer.page.locator("#sea-salt-lemonade")).to_be_hidden()
