"""The search on the menu: typed input in both languages on either page, and what an empty result offers."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer

FOUND = [
    ("gruyere", {"ham-cheese-sandwich"}),
    ("ｌａｔｔｅ", {"latte", "iced-oat-latte", "coconut-latte", "matcha-latte", "hojicha-latte"}),
    ("yanmai", {"iced-oat-latte", "yoghurt-granola-bowl"}),
    ("croisant", {"butter-croissant", "chocolate-croissant"}),
    ("flat-white", {"flat-white"}),
    # More cases of the same kinds
    ("GRUYÈRE", {"ham-cheese-sandwich"}),
    ("flatwhite", {"flat-white"}),
    ("  White   FLAT ", {"flat-white"}),
    ("yan'mai", {"iced-oat-latte", "yoghurt-granola-bowl"}),
    ("ymbnt", {"iced-oat-latte"}),  # initials
    ("bohe", {"sea-salt-lemonade"}),  # 薄荷: 薄 is read differently than alone
    ("燕麦", {"iced-oat-latte", "yoghurt-granola-bowl"}),
    ("焦糖玛奇多", {"caramel-macchiato"}),
    ("crossiant", {"butter-croissant", "chocolate-croissant"}),
    ("Capucino", {"cappuccino"}),
    ("cheesecke", {"basque-cheesecake"}),
    ("hojihca", {"hojicha-latte"}),
    ("cake", {"basque-cheesecake"}),  # an exact word does not also match similar ones, such as "caffeine"
    ("croissant dark", {"chocolate-croissant"}),
]
NOT_FOUND = ["xyzzy", "pizza", "qxcroisant", "🍵", "乌龙面", "latte xyzzy"]


@pytest.fixture(params=["en", "zh-hans"])
def page(request: pytest.FixtureRequest, new_context: NewContext) -> Page:
    customer = Customer(new_context(**PHONE), request.param)
    customer.open()
    return customer.page


def left(page: Page) -> set[str]:
    return {str(card.get_attribute("id")) for card in page.locator(".item-card:visible").all()}


@pytest.mark.every_run
@pytest.mark.few_cases(1)
def test_items_are_found_as_people_type(page: Page) -> None:
    for words, items in FOUND:
        page.locator("#filter").fill(words)
        assert left(page) == items, words
    for words in NOT_FOUND:
        page.locator("#filter").fill(words)
        assert left(page) == set(), words


def test_a_typo_is_forgiven_before_the_word_is_whole(page: Page) -> None:
    word = "capucinno"
    for length in range(3, len(word) + 1):
        page.locator("#filter").fill(word[:length])
        assert "cappuccino" in left(page), word[:length]


def test_marks_alone_are_no_search(page: Page) -> None:
    everything = left(page)
    for words in ("-", " ", "?!", "·"):
        page.locator("#filter").fill(words)
        assert left(page) == everything
    expect(page.locator("[data-filter-empty]")).to_be_hidden()


# Announcements


@pytest.fixture
def english(new_context: NewContext) -> Page:
    customer = Customer(new_context(**PHONE))
    customer.open()
    return customer.page


def test_the_count_is_said_when_somebody_stops_typing(english: Page) -> None:
    said = english.locator("[data-filter-said]")
    expect(said).to_have_attribute("role", "status")
    expect(said).to_have_text("")
    english.locator("#filter").press_sequentially("latte")
    expect(said).to_have_text("5 items found.")
    english.locator("#filter").fill("flat white")
    expect(said).to_have_text("1 item found.")
    english.locator("#filter").fill("xyzzy")
    expect(said).to_have_text("Nothing on the menu is called that.")
    english.locator("#filter").fill("")
    expect(said).to_have_text("")


def test_an_empty_result_has_its_drawing_and_a_way_on_by_keyboard(english: Page) -> None:
    everything = left(english)
    empty = english.locator("[data-filter-empty]")
    expect(empty).to_be_hidden()
    english.locator("#filter").fill("xyzzy")
    expect(empty.locator("svg.state")).to_be_visible()
    expect(empty.get_by_role("button")).to_have_text("Clear the search")
    for _press in range(3):
        english.keyboard.press("Tab")
        if empty.get_by_role("button").evaluate("button => button === document.activeElement"):
            break
    english.keyboard.press("Enter")
    expect(english.locator("#filter")).to_be_focused()
    expect(english.locator("#filter")).to_have_value("")
    assert left(english) == everything
    expect(empty).to_be_hidden()


def test_an_empty_result_by_the_allergen_filter_leads_on_too(english: Page) -> None:
    english.locator(".wishes__summary").click()
    english.locator(".wishes").get_by_role("checkbox", name="gluten", exact=True).check()
    english.locator("#filter").fill("croissant")
    empty = english.locator("[data-filter-empty]")
    expect(empty.locator("[data-filter-nothing]")).to_have_text("Nothing on the menu suits all of that.")
    expect(empty.get_by_role("button")).to_have_text(["Clear the search", "Remove the filter"])
    empty.get_by_role("button", name="Remove the filter").click()
    assert left(english) == {"butter-croissant", "chocolate-croissant"}
    expect(english.locator(".wishes__summary")).to_be_focused()
    expect(empty).to_be_hidden()
