"""The first screen of the menu: four items, muted "+" buttons with a count, allergens only with the filter. The
display font and its figures. The view transition of the picture from a card to its item."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Customer, Till
from tests.e2e.test_pages_are_sound import LANGUAGES, LOCALES
from tests.harness.running_cafe import ROOT, RunningCafe

FONTS = ROOT / "static" / "fonts"
MAX_FONT_BYTES = 20_000
MIN_CARDS = 4
TIMES = 3  # Chromium skips a view transition when the stylesheet comes late

WHOLLY_IN_VIEW = """() => {
  const bar = document.querySelector("[data-cart-bar]:not([hidden])");
  const end = bar ? bar.getBoundingClientRect().top : innerHeight;
  const boxes = [...document.querySelectorAll(".item-card")].map((card) => card.getBoundingClientRect());
  return boxes.filter(({ top, bottom }) => top >= 0 && bottom <= end).length;
}"""
# Returns the width of each digit in an element's own font.
FIGURE_WIDTHS = """(element) => {
  const shown = element.cloneNode(false);
  element.parentElement.append(shown);
  const widths = [..."0123456789"].map((figure) => {
    shown.textContent = figure.repeat(10);
    const range = document.createRange();
    range.selectNodeContents(shown);
    return Math.round(range.getBoundingClientRect().width);
  });
  shown.remove();
  return widths;
}"""
# Registered after the page's own scripts, so called after them.
NOTE_THE_SWAP = """addEventListener("pageswap", (event) => {
  event.viewTransition?.ready.catch(() => {});
  const named = [...document.querySelectorAll(".item-card--opened")].map((card) => card.id);
  sessionStorage.setItem("swapped", JSON.stringify([Boolean(event.viewTransition), named]));
});"""
NOTE_THE_REVEAL = """addEventListener("pagereveal", (event) => (window.isMoved = Boolean(event.viewTransition)));"""


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


def put_into_cart(context: BrowserContext, cafe: RunningCafe, badge: str) -> None:
    context.add_cookies([{"name": "cart_badge", "value": badge, "url": cafe.url}])


def item_id(page: Page, slug: str) -> str:
    return page.locator(f"#{slug} [name=item]").input_value()


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@LANGUAGES
@pytest.mark.parametrize("badge", ["", "3|75.00"], ids=["first visit", "with a cart"])
def test_four_items_are_wholly_on_the_first_screen(
    new_context: NewContext, cafe: RunningCafe, language: str, badge: str
) -> None:
    context = new_context(**PHONE, locale=LOCALES[language])
    if badge:
        put_into_cart(context, cafe, badge)
    page = context.new_page()
    page.goto(f"/{language}/")
    expect(page.locator("[data-cart-bar]")).to_be_visible(visible=bool(badge))
    assert page.evaluate("document.fonts.ready.then(() => scrollY)") == 0
    assert page.evaluate(WHOLLY_IN_VIEW) >= MIN_CARDS


def test_allergens_are_told_where_they_are_asked_for(new_context: NewContext) -> None:
    page = new_context(**PHONE, locale="en-GB").new_page()
    page.goto("/en/")
    told = page.locator("#latte .item-card__contents")
    expect(told).to_be_hidden()
    page.locator(".wishes__summary").click()
    expect(told).to_be_visible()
    page.locator(".wishes__summary").click()
    expect(told).to_be_hidden()
    page.locator(".wishes__summary").click()
    page.locator("#wish-eggs").check()
    page.locator(".wishes__summary").click()
    expect(told).to_contain_text("milk")
    page.locator(".wishes__all").click()
    expect(told).to_be_hidden()
    page.goto("/en/item/latte/")
    expect(page.locator(".contents__summary")).to_contain_text("milk")


def test_a_disc_is_quiet_until_it_counts(new_context: NewContext, cafe: RunningCafe) -> None:
    context = new_context(**PHONE, locale="en-GB")
    page = context.new_page()
    page.goto("/en/")
    disc = page.locator("#latte .round-button")
    expect(disc).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(disc).to_have_accessible_name("Add Latte")
    put_into_cart(context, cafe, f"12|300.00|{item_id(page, 'latte')}:2,{item_id(page, 'mocha')}:10")
    page.evaluate("dispatchEvent(new Event('cart-changed'))")
    expect(disc).to_have_text("2")
    expect(disc).to_have_accessible_name("Add Latte, 2 in your cart")
    expect(page.locator("#mocha .round-button")).to_have_text("10")
    expect(page.locator(".round-button.has-count")).to_have_count(2)
    for old in ("1|25.00", "1|25.00|", "1|25.00|x", "nonsense"):
        put_into_cart(context, cafe, old)
        page.reload()
        expect(page.locator(".round-button.has-count")).to_have_count(0)


def test_what_cannot_be_taken_back_has_its_own_colour(new_context: NewContext, till: Till) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    customer.add("espresso")
    customer.place("Ann")
    customer.page.locator(".sure__summary").click()
    confirm = customer.page.locator("form[action$='/cancel/'] button")
    expect(confirm).to_have_css("background-color", "rgb(168, 20, 58)")
    customer.open("item/latte/")
    accent = customer.page.locator(".item-form__foot .button--accent")
    expect(accent).to_have_css("background-color", "rgb(168, 58, 25)")
    chosen = customer.page.locator(".chip__input:checked + .chip__face").first
    expect(chosen).to_have_css("background-color", "rgb(243, 230, 211)")


# The font


def test_the_font_is_small_and_has_its_licence() -> None:
    fonts = list(FONTS.glob("*.woff2"))
    assert [font.name for font in fonts] == ["fraunces.woff2"]
    assert sum(font.stat().st_size for font in fonts) <= MAX_FONT_BYTES
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "fraunces.LICENSE").read_text("utf-8")
    css = Path(ROOT / "static" / "css" / "fonts.css").read_text("utf-8")
    assert css.count("@font-face") == css.count("font-display: optional") == 1


@pytest.mark.parametrize(("path", "selectors"), [
    ("/en/", [".item-card__price"]),
    ("/en/item/latte/", [".item__price", ".stepper__input"]),
    ("/en/cart/", [".cart-line__price", ".stepper__value", ".sum__amount"]),
    ("/en/board/", [".board__number"]),
    ("/admin/bar/", [".ticket__number", ".ticket__quantity", ".bar__count"]),
])  # fmt: skip
def test_figures_are_of_one_width(
    new_context: NewContext, signed_in: Callable[[str], StorageState], till: Till, path: str, selectors: list[str]
) -> None:
    till.move(till.order("Wide"), "pending", "advance")
    state = signed_in("barista")
    customer = Customer(new_context(**DESKTOP, locale="en-GB", storage_state=state))
    customer.add("espresso")
    page = customer.page
    page.goto(path)  # the font was loaded with the page before
    page.evaluate("document.fonts.ready")
    for selector in selectors:
        element = page.locator(selector).first
        expect(element).to_have_css("font-variant-numeric", "tabular-nums")
        assert len(set(element.evaluate(FIGURE_WIDTHS))) == 1, selector
    assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded"]


def test_numbers_on_the_board_stand_in_columns(new_context: NewContext, till: Till) -> None:
    for _number in range(4):
        till.move(till.order("Column"), "pending", "advance")
    page = new_context(**DESKTOP).new_page()
    page.goto("/en/board/")
    numbers = page.locator("section:first-child .board__number")
    numbers.first.evaluate("(number) => { number.textContent = '7'; }")
    widths = numbers.evaluate_all("(all) => all.map((one) => Math.round(one.getBoundingClientRect().width))")
    assert len(set(widths)) == 1


# View transitions


@pytest.mark.parametrize(("reduced_motion", "is_moved"), [("no-preference", True), ("reduce", False)])
def test_the_cards_picture_becomes_the_items(new_context: NewContext, reduced_motion: str, is_moved: bool) -> None:
    context = new_context(**PHONE, locale="en-GB", reduced_motion=reduced_motion)
    context.add_init_script(NOTE_THE_REVEAL)
    page = context.new_page()
    seen = set()
    for _time in range(TIMES):
        page.goto("/en/")
        page.evaluate(NOTE_THE_SWAP)
        page.locator("#mocha .item-card__link").click()
        expect(page).to_have_url(re.compile("/item/mocha/"))
        assert page.evaluate("JSON.parse(sessionStorage.getItem('swapped'))") == [is_moved, ["mocha"] * is_moved]
        seen.add(page.evaluate("isMoved"))
    assert is_moved in seen
    assert is_moved or seen == {False}
    expect(page.locator(".item__tile")).to_have_css("view-transition-name", "item-picture" if is_moved else "none")
    page.go_back()
    expect(page.locator("#mocha")).to_be_in_viewport()
    expect(page.locator(".item-card--opened")).to_have_count(0)


def test_arriving_at_an_item_of_the_menu_takes_no_journey(new_context: NewContext) -> None:
    page = new_context(**PHONE, locale="en-GB").new_page()
    page.goto("/en/#iced-oat-latte")
    expect(page.locator("#iced-oat-latte")).to_be_in_viewport()
    before = page.evaluate("scrollY")
    page.wait_for_timeout(300)
    assert before == page.evaluate("scrollY") > 0
