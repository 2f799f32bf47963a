"""Overlapping cart requests: the later answer overwrites the cart cookie, and no earlier change is lost."""

import re
import time

import pytest
from django.core import signing
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from menu.models import Item
from orders.cart import changes
from orders.cart import cookie as carts
from orders.models import Order
from tests.harness.factories import americano, croissant, item
from tests.orders.overlapping import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def drink() -> Item:
    return americano(max_per_order=20)


@pytest.fixture
def roll() -> Item:
    return croissant()


def checkout_form(browser: Browser) -> dict[str, str]:
    page = browser.send("checkout/")
    browser.arrive(page)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return hidden | {"customer_name": "王芳", "fulfilment": "to_go"}


def key_of(browser: Browser) -> str:
    key, *_lines = signing.loads(browser.cookies["cart"], salt=carts.SALT)
    return str(key)


# Additions


def test_of_two_additions_that_overlap_none_is_lost(drink: Item, roll: Item) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    first, second = browser.send_add(drink), browser.send_add(roll, 2)
    browser.arrive(second, first)
    assert browser.cart() == [("americano", 2), ("croissant", 2)]


def test_two_additions_that_overlap_from_an_empty_cart_are_both_there(drink: Item, roll: Item) -> None:
    browser = Browser()
    first, second = browser.send_add(drink), browser.send_add(roll)
    browser.arrive(first, second)
    assert dict(browser.cart()) == {"croissant": 1, "americano": 1}


def test_without_the_change_cookies_the_first_of_the_two_is_lost(drink: Item, roll: Item) -> None:
    browser = Browser(merges=False)
    first, second = browser.send_add(drink), browser.send_add(roll)
    browser.arrive(first, second)
    assert browser.cart() == [("croissant", 1)]


def test_three_overlapping_additions_of_one_item_count_three(drink: Item) -> None:
    browser = Browser()
    answers = [browser.send_add(drink) for _touch in range(3)]
    browser.arrive(*answers)
    assert browser.cart() == [("americano", 3)]


def test_an_overtaken_answer_does_not_undo_what_came_after_it(drink: Item, roll: Item) -> None:
    browser = Browser()
    slow = browser.send_add(drink)
    for _time in range(3):
        browser.arrive(browser.send_add(roll))
    browser.arrive(slow)
    assert dict(browser.cart()) == {"americano": 1, "croissant": 3}


def test_the_cart_page_writes_the_merged_cart_so_that_it_outlives_the_change(drink: Item, roll: Item) -> None:
    browser = Browser()
    browser.arrive(*[browser.send_add(what) for what in (drink, roll)])
    browser.cart()
    for name in browser.changes:
        del browser.cookies[name]
    assert dict(browser.cart()) == {"croissant": 1, "americano": 1}


def test_a_line_taken_out_stays_out_when_an_addition_overlapped(drink: Item, roll: Item) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    removal = browser.send("cart/change/", {"line": str(drink.pk), "quantity": "0"})
    addition = browser.send_add(roll)
    browser.arrive(removal, addition)
    assert browser.cart() == [("croissant", 1)]


# While an order is being placed


def test_what_is_added_while_an_order_is_on_its_way_stays_in_the_cart(drink: Item, roll: Item) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    placed = browser.send("checkout/", checkout_form(browser))
    browser.arrive(browser.send_add(roll))
    browser.arrive(placed)
    assert [(line.item_slug, line.quantity) for line in Order.objects.get().lines.all()] == [("americano", 1)]
    assert browser.cart() == [("croissant", 1)]


def test_without_the_change_cookies_it_is_gone_with_the_emptied_cart(drink: Item, roll: Item) -> None:
    browser = Browser(merges=False)
    browser.arrive(browser.send_add(drink))
    placed = browser.send("checkout/", checkout_form(browser))
    browser.arrive(browser.send_add(roll))
    browser.arrive(placed)
    assert browser.cart() == []


def test_an_addition_answered_after_the_order_does_not_bring_the_ordered_back(drink: Item, roll: Item) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink, 2))
    form = checkout_form(browser)
    placed, addition = browser.send("checkout/", form), browser.send_add(roll)
    browser.arrive(placed, addition)
    assert browser.cart() == [("croissant", 1)]
    assert key_of(browser) != form["submission_key"], "the next order is another one"
    browser.arrive(browser.send("checkout/", checkout_form(browser)))
    assert Order.objects.count() == 2
    assert browser.cart() == []


def test_one_more_of_the_ordered_item_is_one_left(drink: Item) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    placed, addition = browser.send("checkout/", checkout_form(browser)), browser.send_add(drink)
    browser.arrive(addition, placed)
    assert browser.cart() == [("americano", 1)]


# The change cookies themselves


def test_settled_changes_are_deleted_and_the_unsettled_are_kept(drink: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    [first] = browser.changes
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + changes.SETTLED_AFTER_S + 2)
    browser.arrive(browser.send_add(drink))
    assert first not in browser.changes
    assert len(browser.changes) == 1
    assert browser.cart() == [("americano", 2)]


def test_the_cookies_of_many_additions_fit_into_a_header() -> None:
    browser = Browser()
    for number in range(30):
        browser.arrive(browser.send_add(item(f"cake-{number}")))
    header = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert len(header) < 14_000
    assert len(browser.cart()) == 30


NOT_OURS = ["", "x", "a:b:c", signing.dumps([], salt=changes.SALT), "\x00", "é"]


@pytest.mark.parametrize("value", NOT_OURS, ids=range(len(NOT_OURS)))
def test_a_change_that_is_not_ours_changes_nothing(drink: Item, value: str) -> None:
    browser = Browser()
    browser.arrive(browser.send_add(drink))
    browser.cookies |= {f"{changes.PREFIX}68a1b2c3d4e5f6": value, f"{changes.PREFIX}x": value}
    browser.cookies["cart_merged"] = browser.cookies["cart_merged"] + ".\x00." + value
    assert browser.cart() == [("americano", 1)]


class AnyOrderOfArrival(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=10))
    def test_the_cart_is_the_sum_of_all_additions(self, requests: list[tuple[int, int]]) -> None:
        """Each request adds an item; its answer arrives after `overtaken` later requests were sent."""
        cakes = [item(f"cake-{number}", max_per_order=99) for number in range(3)]
        browser, on_their_way = Browser(), []
        for place, (which, overtaken) in enumerate(requests):
            on_their_way.append((place + overtaken, browser.send_add(cakes[which])))
            arrived = [entry for entry in on_their_way if entry[0] <= place]
            on_their_way = [entry for entry in on_their_way if entry[0] > place]
            browser.arrive(*[answer for _when, answer in arrived])
        browser.arrive(*[answer for _when, answer in on_their_way])
        expected = {cake.slug: sum(cakes[which] is cake for which, _late in requests) for cake in cakes}
        assert dict(browser.cart()) == {slug: count for slug, count in expected.items() if count}
