"""The customer's pages in a browser, one by one: menu, item, sold-out item."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Refused
from tests.e2e.people import Customer, Manager

SHOWN_WITHIN_MS = 2000  # the time within which every instance shows a change of the menu


# Menu


def test_the_menu_sets_no_cookie(customer: Customer) -> None:
    customer.open()
    customer.open("item/latte/")
    assert customer.page.context.cookies() == []


@pytest.mark.parametrize("words", ["ESPRESSO house", "意式拼配"])
def test_the_quick_filter_finds_items_in_either_language(customer: Customer, words: str) -> None:
    page = customer.page
    customer.open()
    everything = page.locator(".item-card").count()
    page.locator("#filter").fill(words)
    expect(page.locator(".item-card:visible")).to_have_count(1)
    expect(page.locator("#house-espresso-blend")).to_be_visible()
    expect(page.locator(".menu-section:visible")).to_have_count(1)
    page.locator("#filter").fill("no such thing")
    expect(page.locator(".item-card:visible")).to_have_count(0)
    expect(page.locator("[data-filter-nothing]")).to_be_visible()
    page.locator("#filter").fill("")
    expect(page.locator(".item-card:visible")).to_have_count(everything)
    expect(page.locator("[data-filter-nothing]")).to_be_hidden()


def test_without_javascript_there_is_no_quick_filter(plain_customer: Customer) -> None:
    plain_customer.open()
    expect(plain_customer.page.locator(".item-card").first).to_be_visible()
    expect(plain_customer.page.locator("#filter")).to_be_hidden()


def test_the_category_bar_stays_in_sight_and_leads_to_its_category(customer: Customer) -> None:
    page = customer.page
    customer.open()
    page.locator(".category-bar__link[href='#beans']").click()
    expect(page.locator(".category-bar__link[aria-current=location]")).to_have_attribute("href", "#beans")
    expect(page.locator("#beans-name")).to_be_in_viewport()
    expect(page.locator(".category-bar")).to_be_in_viewport()
    top_of_name = page.locator("#beans-name").bounding_box()["y"]
    bar = page.locator(".category-bar").bounding_box()
    assert top_of_name >= bar["y"] + bar["height"]


def test_the_languages_lead_to_the_same_page(customer: Customer) -> None:
    page = customer.page
    customer.add("americano")
    for path in ("", "item/latte/", "cart/", "checkout/", "orders/mine/"):
        customer.open(path)
        page.locator(".site-header__language").click()
        expect(page).to_have_url(re.compile(f"/zh-hans/{path}$"))
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        page.locator(".site-header__language").click()
        expect(page).to_have_url(re.compile(f"/en/{path}$"))
    customer.open("cart/")
    customer.expect_cart(("americano", 1, "¥18"))
    customer.place("Li")
    page.locator(".site-header__language").click()
    expect(page).to_have_url(re.compile(f"/zh-hans/order/{customer.token()}/$"))
    customer.expect_status("pending")


@pytest.mark.parametrize(
    "path", ["?from=table%204#beans", "item/latte/?from=table%204&x=%22", "cart/?notice=late#main"]
)
def test_the_languages_keep_the_query_and_the_place(customer: Customer, path: str) -> None:
    page = customer.page
    customer.open(path)
    for language in ("zh-hans", "en"):
        page.locator(".site-header__language").click()
        expect(page).to_have_url(re.compile(f"/{language}/{re.escape(path)}$"))


# Item


@pytest.mark.every_run
def test_the_price_on_the_button_follows_options_and_quantity(customer: Customer) -> None:
    page = customer.page
    customer.open("item/latte/")
    price = page.locator("[data-item-price]")
    expect(price).to_have_text(" · ¥25")
    page.get_by_label("Large").check()
    expect(price).to_have_text(" · ¥31")
    page.get_by_label("Oat drink").check()
    expect(price).to_have_text(" · ¥36")
    page.get_by_label("Whole milk").check()
    expect(price).to_have_text(" · ¥31")
    page.locator("[data-stepper] .stepper__button").last.click()
    expect(price).to_have_text(" · ¥62")
    page.locator("[name=quantity]").fill("3")
    expect(price).to_have_text(" · ¥93")
    page.locator(".item-form__foot .button--accent").click()
    expect(page.locator("[data-cart-total]")).to_have_text("¥93")
    customer.open("cart/")
    customer.expect_cart(("latte", 3, "¥93"))
    expect(page.locator(".sum__amount")).to_have_text("¥93")


def test_no_more_options_can_be_ticked_than_a_group_takes(customer: Customer) -> None:
    page = customer.page
    customer.open("item/latte/")
    group = page.locator("[data-most]").first
    most = int(group.get_attribute("data-most") or 0)
    boxes = group.locator("input[type=checkbox]")
    assert boxes.count() > most > 0
    for box in boxes.all()[:most]:
        box.check()
    expect(boxes.nth(most)).to_be_disabled()
    boxes.first.uncheck()
    expect(boxes.nth(most)).to_be_enabled()


def test_too_many_options_are_refused_with_the_reason_and_kept_ticked(
    plain_customer: Customer, refused: Refused
) -> None:
    page = plain_customer.page
    plain_customer.open("item/latte/")
    group = page.locator("[data-most]").first
    most = int(group.get_attribute("data-most") or 0)
    for box in group.locator("input[type=checkbox]").all()[: most + 1]:
        box.check()
    page.get_by_label("Oat drink").check()
    with refused(page, 422):
        page.locator(".item-form__foot .button--accent").click()
    expect(page.locator("[role=alert]")).to_contain_text(str(most))
    expect(page.get_by_label("Oat drink")).to_be_checked()
    expect(group.locator("input:checked")).to_have_count(most + 1)
    plain_customer.open("cart/")
    plain_customer.expect_cart()


# Sold out


def test_what_is_sold_out_says_so_and_cannot_be_ordered(
    customer: Customer, plain_customer: Customer, manager: Manager, refused: Refused
) -> None:
    page = customer.page
    plain_customer.open("item/blueberry-muffin/")
    customer.open()
    customer.add("blueberry-muffin")
    customer.add("egg-tart")
    item_id = plain_customer.page.locator("[name=item]").input_value()
    manager.count("Blueberry Muffin", 0)

    page.wait_for_timeout(2 * SHOWN_WITHIN_MS)
    customer.open()
    card = page.locator("#blueberry-muffin")
    expect(card.locator(".item-card__sold-out")).to_be_visible()
    expect(card.locator("form")).to_have_count(0)
    customer.open("item/blueberry-muffin/")
    expect(page.locator("[data-item-form]")).to_have_count(0)

    # A page that was open before, and a form by hand.
    with refused(plain_customer.page, 409):
        plain_customer.page.locator(".item-form__foot .button--accent").click()
    expect(plain_customer.page.locator("[role=alert]")).to_contain_text("Blueberry Muffin")
    answer = page.request.post(
        "/en/cart/add/", form={"item": item_id}, headers={"Referer": page.url}, max_redirects=0
    )
    assert answer.status == 409

    # Sold out while in the cart: the page says so, and one button accepts the change.
    customer.open("cart/")
    expect(page.locator(".notice--problem")).to_contain_text("Blueberry Muffin")
    expect(page.locator("main a[href$='/checkout/']")).to_have_count(0)
    page.locator("form[action$='/accept/'] button").click()
    customer.expect_cart(("egg-tart", 1, "¥9"))
    customer.place("Mei")


def test_the_last_one_is_sold_once(
    customer: Customer, plain_customer: Customer, manager: Manager, refused: Refused
) -> None:
    manager.count("Cinnamon Roll", 1)
    for person in (customer, plain_customer):
        person.add("cinnamon-roll")
        person.go_to_checkout()
        person.fill_in("Last")
    customer.submit.click()
    customer.number()
    with refused(plain_customer.page, 409):
        plain_customer.submit.click()
    expect(plain_customer.page.locator("[role=alert]")).to_contain_text("Cinnamon Roll")
    assert manager.orders_named("Last") == 1
    plain_customer.page.locator("[role=alert] a").click()
    expect(plain_customer.page.locator(".notice--problem")).to_contain_text("Cinnamon Roll")
    plain_customer.page.locator("form[action$='/accept/'] button").click()
    expect(plain_customer.page.locator(".empty")).to_be_visible()
