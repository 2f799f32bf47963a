"""Print styles: any page prints black on white, without controls. Forced colours ("high contrast"): no text is
hidden, and nothing is expressed by a background colour alone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Refused
from tests.e2e.people import Customer, Till
from tests.e2e.test_pages_are_sound import in_every_status
from tests.harness.running_cafe import RunningCafe

HERE = Path(__file__).parent
FIND_UNPRINTABLE = (HERE / "printed.js").read_text("utf-8")
FIND_COVERED = (HERE / "covered_words.js").read_text("utf-8")
MIN_CONTRAST = 4.5

ON_PAPER = {"media": "print", "color_scheme": "dark"}
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("manager")).request, cafe.url)


@pytest.fixture
def bar(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Page:
    return new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("barista")).new_page()


def customers_pages(customer: Customer, till: Till) -> Iterator[tuple[str, str]]:
    """Open each page of a customer; yield (selector, text) that it must show."""
    customer.open()
    yield ".item-card__name", "Latte"
    customer.open("item/latte/")
    yield ".item__price", "¥25"
    customer.open("offline/")
    yield "h1", "You are offline"
    customer.add("latte", "Oat drink", quantity=2)
    yield ".cart-line__options", "Oat drink"
    customer.go_to_checkout()
    yield ".receipt__line", "2 × Latte"
    customer.fill_in("Emma", note="Not too hot")
    number = customer.press_submit()
    yield ".order-state__number", number
    shared = customer.page.locator("[data-share]").get_attribute("href") or ""
    customer.page.goto(shared)
    yield ".order-state__number", number
    customer.open("orders/mine/")
    yield ".order-list__number", number
    for status, token in in_every_status(till).items():
        customer.open(f"order/{token}/")
        yield f".order-state--{status} .order-state__caption", "Your number"
    customer.open("board/")
    yield ".board__number--newest", ""


def staffs_pages(page: Page, till: Till) -> Iterator[tuple[str, str]]:
    tokens = in_every_status(till)
    page.goto("/admin/bar/")
    yield ".ticket__note", "As long as anybody likes"
    for token in tokens.values():
        page.goto(f"/admin/bar/{token}/")
        yield ".ticket-page__number", ""
    page.goto("/admin/bar/day/")
    yield "h1", ""


def test_each_page_is_printed_black_on_white_and_without_its_buttons(
    new_context: NewContext, bar: Page, till: Till, refused: Refused
) -> None:
    customer = Customer(new_context(**DESKTOP, locale="en-GB"))
    found = []
    for page, pages in ((customer.page, customers_pages(customer, till)), (bar, staffs_pages(bar, till))):
        for selector, words in pages:
            page.emulate_media(**ON_PAPER)
            expect(page.locator(selector).filter(has_text=words).first).to_be_visible()
            found += [f"{page.url}: {problem}" for problem in page.evaluate(FIND_UNPRINTABLE, MIN_CONTRAST)]
            page.emulate_media(media="null", color_scheme="light")
    with refused(customer.page, 404):
        customer.open("no-such-page/")
    customer.page.emulate_media(**ON_PAPER)
    found += customer.page.evaluate(FIND_UNPRINTABLE, MIN_CONTRAST)
    assert not found, "\n".join(found)


def test_the_menu_is_a_few_sheets_with_what_each_item_contains(new_context: NewContext) -> None:
    page = new_context(**DESKTOP, locale="en-GB", color_scheme="dark").new_page()
    page.goto("/en/")
    sheets = len(re.findall(rb"/Type ?/Page\b(?!s)", page.pdf(format="A4")))
    assert sheets <= 3
    page.emulate_media(**ON_PAPER)
    expect(page.locator("#latte .item-card__contents")).to_contain_text("milk")
    expect(page.locator("#latte svg:visible")).to_have_count(0)


def test_an_order_is_one_sheet(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", color_scheme="dark"))
    customer.add("latte", "Oat drink", quantity=2)
    customer.place("Emma", note="Not too hot")
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", customer.page.pdf(format="A4"))) == 1


def test_what_cannot_be_read_on_paper_is_found(new_context: NewContext) -> None:
    """Control: the tests above can fail."""
    page = new_context(**DESKTOP, locale="en-GB").new_page()
    page.goto("/en/cart/")
    assert "printed: <nav" in str(page.evaluate(FIND_UNPRINTABLE, MIN_CONTRAST)), "on a screen"
    page.emulate_media(**ON_PAPER)
    assert page.evaluate(FIND_UNPRINTABLE, MIN_CONTRAST) == []
    page.evaluate("document.querySelector('h1').style.color = '#999'")
    assert page.evaluate(FIND_UNPRINTABLE, MIN_CONTRAST) == ["2.85: Your cart"]


# Forced colours


@THEMES
def test_no_words_are_hidden_where_the_system_dictates_the_colours(
    new_context: NewContext, bar: Page, till: Till, theme: str
) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", color_scheme=theme, forced_colors="active"))
    bar.emulate_media(color_scheme=theme, forced_colors="active")
    found = []
    for page, pages in ((customer.page, customers_pages(customer, till)), (bar, staffs_pages(bar, till))):
        for selector, words in pages:
            expect(page.locator(selector).filter(has_text=words).first).to_be_visible()
            found += [f"{page.url}: {problem}" for problem in page.evaluate(FIND_COVERED)]
    assert not found, "\n".join(found)


def test_words_that_are_covered_are_found(new_context: NewContext, till: Till) -> None:
    """Control: the test above can fail."""
    page = new_context(**PHONE, locale="en-GB", forced_colors="active").new_page()
    page.goto(f"/en/order/{till.order('Covered')}/")
    assert page.evaluate(FIND_COVERED) == []
    number = page.locator(".order-state__number")
    number.evaluate("(number) => { number.style.forcedColorAdjust = 'auto'; }")
    assert page.evaluate(FIND_COVERED) == [f'"Your number" behind "{number.inner_text()}"']


def looks(locator: Locator, *, pseudo: str | None = None) -> list[str]:
    """Return the visible style of an element, without its text."""
    names = ["backgroundColor", "borderBottomColor", "outlineStyle", "outlineColor", "fill", "stroke"]
    seen: list[str] = locator.first.evaluate(
        "(one, [pseudo, names]) => names.map((name) => getComputedStyle(one, pseudo)[name])", [pseudo, names]
    )
    return seen


@THEMES
def test_what_a_ground_says_is_said_without_grounds(
    new_context: NewContext, bar: Page, till: Till, cafe: RunningCafe, theme: str
) -> None:
    still = {"reduced_motion": "reduce", "forced_colors": "active"}
    context = new_context(**PHONE, locale="en-GB", color_scheme=theme, **still)
    context.add_cookies([{"name": "cart_badge", "value": "2|50.00|1:2", "url": cafe.url}])
    page = context.new_page()
    page.goto("/en/")
    page.locator(".category-bar__link[href='#tea']").click()
    expect(page.locator(".category-bar__link[aria-current]")).to_have_count(1)
    current = page.locator(".category-bar__link[aria-current]")
    assert looks(current) != looks(page.locator(".category-bar__link:not([aria-current])"))
    assert looks(page.locator(".round-button.has-count")) != looks(page.locator(".round-button:not(.has-count)"))
    page.goto("/en/item/latte/")
    chosen = page.locator(".chip__input:checked + .chip__face")
    assert looks(chosen) != looks(page.locator(".chip__input:not(:checked) + .chip__face"))
    token = till.move(till.order("Forced"), "pending", "advance")
    page.goto(f"/en/order/{token}/")
    done, open_ = page.locator(".steps__step--done"), page.locator(".steps__step:not(.steps__step--done)")
    assert looks(done, pseudo="::before") != looks(open_, pseudo="::before")
    cup = page.locator(".filling-cup")
    assert looks(cup)[-1] == page.evaluate("getComputedStyle(document.body).color")
    bar.emulate_media(color_scheme=theme, forced_colors="active")
    bar.goto("/admin/bar/")
    ticket = bar.locator(".ticket", has=bar.locator(f"form[action*='{token}']"))
    left = ticket.locator(".ticket__age-left")
    on_time = looks(left)
    ticket.locator(".ticket__age").evaluate("(age) => age.classList.add('ticket__age--late')")
    assert looks(left) != on_time
    expect(bar.locator(".button--advance").first).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
