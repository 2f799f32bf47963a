"""Allergens and diets of an item follow the chosen options, on its page and in the cart; the browser computes the
same as the server."""

import itertools
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer

NAMES = {"gluten": "gluten", "eggs": "egg", "soya": "soya", "milk": "milk", "nuts": "nuts"}  # in display order
# Selects exactly these options by value, and returns the displayed allergens in the same task.
CHOOSE = """(values) => {
  const form = document.querySelector("[data-item-form]");
  for (const input of form.querySelectorAll(".chip__input")) input.checked = values.includes(input.value);
  form.dispatchEvent(new Event("input"));
  return form.querySelector("[data-contents-shown]").textContent.trim();
}"""


@pytest.fixture
def customer(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", reduced_motion="reduce"))


def sum_of(page: Page) -> Locator:
    return page.locator("[data-contents-shown]")


def chip(page: Page, name: str) -> Locator:
    return page.locator(".chip", has=page.get_by_text(name, exact=True))


@pytest.mark.every_run
def test_the_sum_follows_each_choice(customer: Customer) -> None:
    customer.open("item/iced-oat-latte/")
    page = customer.page
    expect(sum_of(page)).to_have_text("Contains gluten")
    chip(page, "Hazelnut syrup").click()
    expect(sum_of(page)).to_have_text("Contains gluten, nuts")
    expect(page.locator(".contents__short")).to_have_text("Contains gluten, nuts")
    chip(page, "Coconut milk").click()
    expect(sum_of(page)).to_have_text("Contains nuts")
    chip(page, "Hazelnut syrup").click()
    expect(sum_of(page)).to_have_text("None of the 14 allergens")
    page.locator(".contents__summary").click()
    expect(page.locator(".contents")).to_contain_text("With what you have chosen:")
    expect(page.locator("[data-diets-now]")).to_have_text("vegan")
    chip(page, "Whole milk").click()
    expect(page.locator("dd[data-contents-now]")).to_have_text("milk")
    expect(page.locator("[data-diets-now]")).to_have_text("vegetarian")
    expect(page.get_by_role("status").filter(has_text="Contains milk")).to_have_count(1)


def test_it_speaks_chinese(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE), "zh-hans")
    customer.open("item/iced-oat-latte/")
    chip(customer.page, "榛果糖浆").click()
    expect(sum_of(customer.page)).to_have_text("含麸质、坚果")


@pytest.mark.parametrize("slug", ["mocha", "phoenix-milk-tea", "avocado-toast"])
def test_the_browser_and_the_server_add_up_alike(customer: Customer, slug: str) -> None:
    customer.open(f"item/{slug}/")
    menu = customer.page.request.get("/api/menu").json()
    (item,) = (item for category in menu["categories"] for item in category["items"] if item["slug"] == slug)
    for chosen in choices_of(item):
        parts = [item["own_contents"], *(option["contents"] for option, adds in chosen if adds)]
        keys = {key for part in parts for key in part["allergens"]}
        words = customer.page.evaluate(CHOOSE, [str(option["id"]) for option, _adds in chosen])
        expected = [name for key, name in NAMES.items() if key in keys]
        assert words == (f"Contains {', '.join(expected)}" if expected else "None of the 14 allergens")


def choices_of(item: dict[str, Any]) -> list[list[tuple[dict[str, Any], bool]]]:
    """Return every combination of one option of each group; an optional group may also have none."""
    groups = []
    for group in item["option_groups"]:
        options = [(option, group["adds_ingredients"]) for option in group["options"]]
        groups.append(options if group["min_choices"] else [None, *options])
    return [[one for one in choice if one] for choice in itertools.product(*groups)]


@pytest.mark.parametrize("with_javascript", [True, False])
def test_the_cart_says_the_sum(customer: Customer, plain_customer: Customer, with_javascript: bool) -> None:
    who = customer if with_javascript else plain_customer
    who.add("iced-oat-latte", "Hazelnut syrup")
    expect(who.page.locator(".cart-line")).to_contain_text("Contains gluten, nuts")
    who.open("item/iced-oat-latte/")
    expect(sum_of(who.page)).to_be_visible(visible=with_javascript)


def test_an_option_says_that_it_contains(customer: Customer) -> None:
    """The allergen is visible, and part of the option's accessible name."""
    customer.open("item/latte/")
    page = customer.page
    expect(chip(page, "Hazelnut syrup")).to_contain_text("contains nuts")
    expect(page.get_by_role("checkbox", name="Hazelnut syrup +¥3 contains nuts", exact=True)).to_have_count(1)
    expect(page.get_by_role("radio", name="Whole milk contains milk", exact=True)).to_have_count(1)
    expect(page.get_by_role("radio", name="Coconut milk +¥5", exact=True)).to_have_count(1)


def test_unknown_stays_unknown(customer: Customer) -> None:
    customer.open("item/iced-oat-latte/")
    page = customer.page
    page.locator("[data-allergens='nuts']").evaluate("(input) => input.removeAttribute('data-stated')")
    chip(page, "Hazelnut syrup").click()
    expect(sum_of(page)).to_have_text("Contains gluten, nuts; more is not stated")
    page.locator("[data-allergens='']").first.evaluate("(input) => input.removeAttribute('data-stated')")
    chip(page, "Hazelnut syrup").click()
    chip(page, "Coconut milk").click()
    expect(sum_of(page)).to_have_text("Allergens not stated")
