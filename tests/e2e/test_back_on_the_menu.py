"""Scroll position: after "Add" the menu opens at the same place as before. A page that is opened at an anchor is
there from its first frame, without a jump."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Customer

# Records the scroll position in each frame, from the first on.
WATCH_SCROLL = """
window.places = [];
const look = () => { places.push(Math.round(scrollY)); requestAnimationFrame(look); };
requestAnimationFrame(look);
"""


def places(page: Page) -> list[int]:
    """Return the scroll positions after the page left its top, in order, without consecutive repeats."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(1200)
    seen: list[int] = page.evaluate("places")
    return [place for place, before in zip(seen, [0, *seen], strict=False) if place != before]


def add(customer: Customer, slug: str) -> None:
    customer.open(f"item/{slug}/")
    customer.page.locator(".item-form__foot .button--accent").click()
    expect(customer.page).to_have_url(re.compile(f"/en/#{slug}(\\.added)?$"))


@pytest.mark.parametrize("options", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("address", ["#iced-oat-latte", "#beans", "#butter-croissant.added"])
def test_arriving_at_a_place_does_not_scroll_there(
    new_context: NewContext, options: dict[str, object], address: str
) -> None:
    page = new_context(**options, locale="en-GB").new_page()
    page.add_init_script(WATCH_SCROLL)
    page.goto(f"/en/{address}")
    assert len(places(page)) == 1
    expect(page.locator(f"[id='{address[1:].removesuffix('.added')}']")).to_be_in_viewport()


def test_a_link_within_the_page_still_travels(customer: Customer) -> None:
    page = customer.page
    page.add_init_script(WATCH_SCROLL)
    customer.open()
    page.locator(".category-bar__link[href='#beans']").click()
    assert len(places(page)) > 5


@pytest.mark.every_run
def test_add_leads_back_to_the_card_and_says_so(customer: Customer) -> None:
    page = customer.page
    page.add_init_script(WATCH_SCROLL)
    add(customer, "iced-oat-latte")
    assert len(places(page)) == 1
    expect(page.locator("#iced-oat-latte")).to_be_in_viewport()
    expect(page.locator("#iced-oat-latte .item-card__added")).to_have_text("In your cart")
    expect(page.locator("#iced-oat-latte .item-card__added")).to_be_visible()
    expect(page.locator("#iced-oat-latte .item-card__added")).to_be_in_viewport()
    expect(page.locator("[role=status][data-said-here]")).to_have_text("Iced Oat Latte is in your cart.")
    expect(page.locator(".cart-bar__go")).to_be_in_viewport()
    assert page.url.endswith("/en/#iced-oat-latte"), "a reload does not say it again"
    page.reload()
    expect(page.locator("[data-said-here]")).to_have_text("")
    expect(page.locator("#iced-oat-latte .item-card__added")).to_be_hidden()


def test_the_card_is_not_hidden_behind_the_bars(customer: Customer) -> None:
    add(customer, "butter-croissant")
    card = customer.page.locator("#butter-croissant").bounding_box()
    bar = customer.page.locator(".category-bar").bounding_box()
    assert card
    assert bar
    assert card["y"] >= bar["y"] + bar["height"] - 1


def test_without_javascript_it_is_the_same(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=False))
    page = customer.page
    for slug in ("iced-oat-latte", "butter-croissant"):  # the first goes via the cart, which checks for the cookie
        add(customer, slug)
        expect(page.locator(f"#{slug} .item-card__added")).to_be_visible()
        expect(page.locator(f"#{slug} .item-card__added")).to_be_in_viewport()
        expect(page.locator(".cart-bar__go:visible")).to_be_in_viewport()
    page.locator(".cart-bar__go:visible").click()
    expect(page.locator(".receipt__line")).to_have_count(2)


def test_back_from_there_leads_to_the_item_as_it_was_chosen(customer: Customer) -> None:
    customer.open("item/latte/")
    customer.page.get_by_label("Oat drink").check()
    customer.page.locator(".item-form__foot .button--accent").click()
    expect(customer.page).to_have_url(re.compile("/en/#latte$"))
    customer.page.go_back()
    expect(customer.page.get_by_label("Oat drink")).to_be_checked()


@pytest.mark.parametrize("options", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_category_link_leads_to_its_category(new_context: NewContext, options: dict[str, object]) -> None:
    page = new_context(**options, locale="en-GB").new_page()
    for number in range(7):
        page.goto("/en/")
        page.locator(".category-bar__link").nth(number).click()
        page.wait_for_timeout(1200)
        bar = page.locator(".category-bar").bounding_box()
        name = page.locator(".menu-section__name").nth(number)
        expect(name).to_be_in_viewport()
        place = name.bounding_box()
        assert bar
        assert place
        assert page.evaluate("innerHeight + scrollY >= document.body.scrollHeight - 1") or (
            0 <= place["y"] - bar["y"] - bar["height"] < 40
        ), number


def test_what_has_the_focus_is_outlined_on_all_sides(customer: Customer) -> None:
    """A section with `content-visibility: auto` clips what is outside of it, such as an outline."""
    page = customer.page
    customer.open()
    expect(page.locator(".menu-section").last).to_have_css("content-visibility", "auto")
    card = page.locator(".menu-section").last.locator(".item-card").last
    card.locator(".item-card__link").focus()
    room = card.evaluate(
        """(card) => {
            const [inner, outer] = [card, card.closest(".menu-section")].map((one) => one.getBoundingClientRect());
            return Math.min(inner.left - outer.left, outer.right - inner.right, outer.bottom - inner.bottom);
        }"""
    )
    style = card.evaluate(
        "(card) => parseFloat(getComputedStyle(card).outlineWidth) + parseFloat(getComputedStyle(card).outlineOffset)"
    )
    assert room >= style > 0
