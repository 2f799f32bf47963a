"""Accessibility of ordering: keyboard only, without JavaScript, screen reader, enlarged text, few touches."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Refused
from tests.e2e.people import Barista, Customer, Till
from tests.e2e.test_pages_are_sound import in_every_status
from tests.harness.running_cafe import RunningCafe

MAX_TOUCHES = 6

FIND_FOCUS_PROBLEMS = (Path(__file__).parent / "focus_problems.js").read_text("utf-8")

FIND_CUT_WORDS = (Path(__file__).parent / "cut_words.js").read_text("utf-8")


# The keyboard


class Keyboard:
    """A keyboard user. `problems` collects what is wrong with the focus after each key."""

    def __init__(self, page: Page) -> None:
        self.page, self.problems = page, list[str]()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self._look()

    def go_to(self, selector: str) -> None:
        """Press Tab until this element has the focus."""
        for _press in range(200):
            self.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"no way by Tab to {selector} on {self.page.url}")

    def _look(self) -> None:
        self.problems += [f"{self.page.url}: {words}" for words in self.page.evaluate(FIND_FOCUS_PROBLEMS)]


@pytest.mark.every_run
def test_the_keyboard_alone_leads_from_the_menu_to_an_order_and_its_end(new_context: NewContext) -> None:
    # Without smooth scrolling, so that the check after each key sees the final position.
    customer = Customer(new_context(**DESKTOP, locale="en-GB", reduced_motion="reduce"))
    page, keyboard = customer.page, Keyboard(customer.page)
    customer.open()
    keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    keyboard.go_to("#americano .item-card__form button")
    page.keyboard.press("Space")
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    expect(page.locator("#americano .item-card__form button")).to_be_focused()
    page.goto("/en/")
    keyboard.go_to("#latte .item-card__link")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/item/latte/"))

    milk = page.get_by_label("Whole milk")
    keyboard.go_to(f"[name={milk.get_attribute('name')}]")
    expect(milk).to_be_focused()
    for _step in range(10):
        if page.get_by_label("Oat drink").is_checked():
            break
        keyboard.press("ArrowDown")
    expect(page.get_by_label("Oat drink")).to_be_checked()
    keyboard.go_to("[data-most] input")
    page.keyboard.press("Space")
    expect(page.locator("[data-most] input:checked")).to_have_count(1)
    keyboard.go_to("[name=quantity]")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[name=quantity]")).to_have_value("2")
    keyboard.go_to(".item-form__foot .button--accent")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/en/#latte$"))
    keyboard.press("Tab")
    expect(page.locator("#latte .item-card__added")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".cart-line")).to_have_count(2)

    keyboard.go_to("main a[href$='/checkout/']")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/checkout/"))
    keyboard.go_to("[name=customer_name]")
    page.keyboard.type("Key")
    keyboard.go_to("[name=fulfilment]")
    keyboard.press("Space")
    keyboard.go_to("form.checkout button.button--accent")
    page.keyboard.press("Enter")
    customer.number()
    expect(page.locator(".receipt__line")).to_have_count(2)

    keyboard.go_to(".sure__summary")
    page.keyboard.press("Enter")
    keyboard.go_to("form[action$='/cancel/'] button")
    page.keyboard.press("Enter")
    customer.expect_status("cancelled")
    assert not keyboard.problems, "\n".join(keyboard.problems)


def test_a_focus_that_is_not_seen_is_found(new_context: NewContext) -> None:
    """Control: the focus checks of the journey can fail."""
    customer = Customer(new_context(**DESKTOP, bypass_csp=True))
    customer.open("cart/")
    customer.page.add_style_tag(content="*:focus-visible { outline: none !important }")
    keyboard = Keyboard(customer.page)
    keyboard.press("Tab", "Tab")
    assert ["not seen" in words for words in keyboard.problems] == [True, True]


# Touches


class Finger:
    """A phone user; `touches` counts the touches. Typing needs a touch of the field first."""

    def __init__(self, page: Page) -> None:
        self.page, self.touches = page, 0

    def touch(self, what: Locator) -> None:
        what.tap()
        self.touches += 1

    def type(self, field: Locator, words: str) -> None:
        self.touch(field)
        self.page.keyboard.type(words)


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["", "without JavaScript"])
def test_a_latte_with_oat_milk_takes_six_touches(new_context: NewContext, java_script_enabled: bool) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=java_script_enabled))
    page = customer.page
    finger = Finger(page)
    customer.open()
    finger.touch(page.locator("#latte .item-card__link"))
    finger.touch(page.locator(".chip", has_text="Oat drink"))
    finger.touch(page.locator(".item-form__foot .button--accent"))
    finger.touch(page.locator("main a[href$='/checkout/']:visible"))
    finger.type(page.locator("[name=customer_name]"), "Ann")
    finger.touch(customer.submit)
    customer.number()
    expect(page.locator(".receipt__line")).to_contain_text("Oat drink")
    assert finger.touches <= MAX_TOUCHES


def test_what_the_plus_has_added_is_placed_in_four_touches(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    finger = Finger(customer.page)
    customer.open()
    finger.touch(customer.page.locator("#latte .item-card__form button"))
    finger.touch(customer.page.locator(".cart-bar__go"))
    finger.type(customer.page.locator("[name=customer_name]"), "Ann")
    finger.touch(customer.submit)
    customer.number()
    assert finger.touches == 4


# Large letters and small screens


def enlarge(page: Page, *, width: int, letters: float) -> None:
    """Set the viewport to `width` CSS pixels and scale the text by the factor `letters` (WCAG 1.4.4, 1.4.10)."""
    page.set_viewport_size({"width": width, "height": 640})
    page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{letters * 100}%")


# 1280 px at 400 % is 320 px wide; 320 px with text at 200 % is more than WCAG demands.
ENLARGED = [(320, 1.0), (320, 2.0), (640, 2.0), (1280, 2.0)]


def cut_words(page: Page, path: str) -> Iterator[str]:
    page.goto(path)
    for width, letters in ENLARGED:
        enlarge(page, width=width, letters=letters)
        for problem in page.evaluate(FIND_CUT_WORDS):
            yield f"{page.url} at {width} px, letters ×{letters}: {problem}"


@pytest.fixture
def barista(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Barista:
    return Barista(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")))


@pytest.fixture
def till(barista: Barista, cafe: RunningCafe) -> Till:
    return Till(barista.page.request, cafe.url)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_cut_when_it_is_enlarged(
    new_context: NewContext, barista: Barista, till: Till, refused: Refused, language: str
) -> None:
    customer = Customer(new_context(**DESKTOP, device_scale_factor=2), language)
    page = customer.page
    customer.add("americano", quantity=2)
    customer.add("house-espresso-blend")
    paths = ["", "item/latte/", "cart/", "checkout/", "orders/mine/", "board/"]
    paths += [f"order/{token}/" for token in in_every_status(till).values()]
    found = [problem for path in paths for problem in cut_words(page, f"/{language}/{path}")]
    with refused(page, 404):
        page.goto(f"/{language}/no-such-page/")
    enlarge(page, width=320, letters=2)
    found += page.evaluate(FIND_CUT_WORDS)
    found += cut_words(barista.page, "/admin/bar/")
    assert not found, "\n".join(found)


def test_words_that_are_cut_are_found(new_context: NewContext) -> None:
    """Control: the test above can fail."""
    page = new_context(**DESKTOP).new_page()
    assert list(cut_words(page, "/en/cart/")) == []
    page.evaluate("""() => {
        const words = document.querySelector("h1");
        Object.assign(words.style, { whiteSpace: "nowrap", overflow: "hidden", width: "2em" });
    }""")
    assert page.evaluate(FIND_CUT_WORDS) == ["cut by page__title: Your cart"]


@pytest.mark.parametrize("path", ["", "item/latte/"])
def test_the_longest_name_breaks(new_context: NewContext, path: str) -> None:
    page = new_context(**PHONE, locale="en-GB").new_page()
    page.goto(f"/en/{path}")
    page.locator("h1, .item-card__name").first.evaluate("(name) => { name.textContent = 'W'.repeat(60) }")
    enlarge(page, width=320, letters=1)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320


# Screen readers


def test_the_cart_says_what_was_added(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    customer.open()
    said = customer.page.locator("[data-said-here][role=status]")
    expect(said).to_have_text("")
    customer.press_plus("americano")
    expect(said).to_have_text("Americano is in your cart.")
    expect(customer.page.locator("[data-cart-bar] [aria-live=polite]")).to_contain_text("1 item")


def test_a_change_of_an_order_is_said_in_a_place_that_stays(
    new_context: NewContext, till: Till, barista: Barista
) -> None:
    token = till.order("Said")
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    customer.open(f"order/{token}/")
    number = customer.number()
    board = new_context(**DESKTOP).new_page()
    board.goto("/en/board/")
    barista.open_bar()
    pages = (customer.page, board, barista.page)
    for page in pages:
        expect(page.locator("[data-said-here][role=status]")).to_have_text("")
        page.evaluate("document.querySelector('[data-said-here]').wasThereFirst = true")
    barista.advance(number)
    barista.expect_in("preparing", number)
    expect(customer.page.locator("[data-said-here]")).to_have_text(f"{number} · Being made")
    barista.advance(number)
    expect(customer.page.locator("[data-said-here]")).to_have_text(f"{number} · Ready! Pick it up at the bar.")
    expect(board.locator("[data-said-here]")).to_have_text(f"Ready, please pick up: {number}")
    expect(barista.page.locator("[data-said-here]")).to_contain_text(number)
    for page in pages:
        assert page.evaluate("document.querySelector('[data-said-here]').wasThereFirst"), page.url


def test_what_belongs_together_is_named_together(new_context: NewContext, refused: Refused) -> None:
    """Every choice is in a fieldset with a legend, and every error message is linked to its field."""
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    page = customer.page
    loose = "input:is([type=radio], [type=checkbox]):not(fieldset:has(> legend) *)"
    customer.open("item/latte/")
    assert page.locator("fieldset > legend").count() >= 3
    assert page.locator(loose).count() == 0
    customer.add("americano")
    customer.go_to_checkout()
    assert page.locator("fieldset > legend").count() == 2
    assert page.locator(loose).count() == 0
    customer.fill_in("Ann")
    page.locator("[name=phone]").fill("call me")
    with refused(page, 422):
        customer.submit.click()
    phone = page.locator("[name=phone]")
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_accessible_description("This is not a phone number that we can call.")
    expect(page.locator("[name=customer_name]")).to_have_accessible_description(re.compile("the name is for the cup"))
