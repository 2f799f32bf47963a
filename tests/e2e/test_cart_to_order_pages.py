"""The customer's pages in a browser, one by one: cart, checkout, order."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Refused
from tests.e2e.people import Customer, Manager, Till
from tests.harness.running_cafe import RunningCafe


@pytest.fixture
def till(manager: Manager, cafe: RunningCafe) -> Till:
    return Till(manager.page.request, cafe.url)


# Cart


def test_a_line_of_the_cart_is_changed_and_removed(customer: Customer) -> None:
    page = customer.page
    customer.add("espresso")
    customer.add("latte", "Oat drink")
    customer.add("latte")
    customer.add("latte")
    customer.expect_cart(("espresso", 1, "¥15"), ("latte", 1, "¥30"), ("latte", 2, "¥50"))
    espresso, oat_latte, latte = (page.locator(".cart-line").nth(row) for row in range(3))
    espresso.locator("form.stepper button").last.click()
    customer.expect_cart(("espresso", 2, "¥30"), ("latte", 1, "¥30"), ("latte", 2, "¥50"))
    latte.locator("form.stepper button").first.click()
    customer.expect_cart(("espresso", 2, "¥30"), ("latte", 1, "¥30"), ("latte", 1, "¥25"))
    oat_latte.locator("button.link-button").click()
    customer.expect_cart(("espresso", 2, "¥30"), ("latte", 1, "¥25"))
    expect(page.locator(".sum__amount")).to_have_text("¥55")
    espresso.locator("button.link-button").click()
    customer.expect_cart(("latte", 1, "¥25"))
    page.locator(".cart-line button.link-button").click()
    expect(page.locator(".empty")).to_be_visible()
    customer.open()
    expect(page.locator("[data-cart-bar]")).to_be_hidden()


def test_a_tampered_cart_is_thrown_away_politely(customer: Customer, cafe: RunningCafe) -> None:
    customer.page.context.add_cookies([{"name": "cart", "value": "eyJ9:forged:cart", "url": cafe.url}])
    customer.open("cart/")
    expect(customer.page.locator(".notice")).to_be_visible()
    customer.page.reload()
    expect(customer.page.locator(".notice")).to_have_count(0)
    customer.add("espresso")
    customer.expect_cart(("espresso", 1, "¥15"))


def test_a_price_that_changed_is_said_in_the_cart_and_accepted_by_one_button(
    customer: Customer, manager: Manager
) -> None:
    customer.add("hot-chocolate")
    customer.expect_cart(("hot-chocolate", 1, "¥28"))
    manager.set_price("Hot Chocolate", "31.50")
    customer.page.reload()
    changes = customer.page.locator(".notice--problem li")
    expect(changes).to_have_count(1)
    expect(changes).to_contain_text("¥28")
    expect(changes).to_contain_text("¥31.50")
    customer.open("checkout/")  # leads back to the cart until the change is accepted
    expect(customer.page).to_have_url(re.compile("/cart/$"))
    customer.page.locator("form[action$='/accept/'] button").click()
    expect(customer.page.locator(".notice--problem")).to_have_count(0)
    customer.expect_cart(("hot-chocolate", 1, "¥31.50"))
    customer.place("Dear")
    expect(customer.page.locator(".receipt .sum__amount")).to_have_text("¥31.50")


# Checkout


@pytest.mark.every_run
def test_a_price_that_changes_during_the_checkout_is_asked_again_before_anything_is_ordered(
    customer: Customer, manager: Manager, refused: Refused
) -> None:
    page = customer.page
    customer.add("hojicha-latte", "Oat drink", quantity=2)
    customer.go_to_checkout()
    expect(page.locator(".sum__amount")).to_have_text("¥66")
    customer.fill_in("Price", note="hot, please", fulfilment="here")
    manager.set_price("Hojicha Latte", "29.00")
    with refused(page, 409):
        customer.submit.click()
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator(".sum__amount")).to_have_text("¥68")
    assert manager.orders_named("Price") == 0
    expect(page.locator("[name=customer_name]")).to_have_value("Price")
    expect(page.locator("[name=note]")).to_have_value("hot, please")
    expect(page.locator("[name=fulfilment][value=here]")).to_be_checked()
    customer.submit.click()
    customer.number()
    expect(page.locator(".receipt .sum__amount")).to_have_text("¥68")
    assert manager.orders_named("Price") == 1


def test_a_wrong_field_is_named_and_what_was_typed_is_kept(customer: Customer, refused: Refused) -> None:
    page = customer.page
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("小雨", note="☂")
    page.locator("[name=phone]").fill("call me")
    with refused(page, 422):
        customer.submit.click()
    expect(page.locator("[name=phone]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field__error")).to_have_count(1)
    expect(page.locator("[name=customer_name]")).to_have_value("小雨")
    page.locator("[name=phone]").fill("138 0013 8000")
    customer.submit.click()
    customer.number()


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@pytest.mark.parametrize("with_javascript", [True, False])
def test_a_double_click_makes_one_order(new_context: NewContext, manager: Manager, with_javascript: bool) -> None:
    customer = Customer(new_context(**DESKTOP, locale="en-GB", java_script_enabled=with_javascript))
    name = f"Double{with_javascript}"
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in(name)
    customer.submit.dblclick()
    customer.number()
    customer.expect_status("pending")
    assert manager.orders_named(name) == 1


@pytest.mark.every_run
def test_reload_and_back_after_placing_order_nothing_twice(customer: Customer, manager: Manager) -> None:
    page = customer.page
    customer.add("espresso")
    number = customer.place("Again")
    page.reload()
    assert customer.number() == number
    page.go_back()
    expect(page.locator("main")).to_be_visible()
    if customer.submit.count():  # the browser restored the form: submit it once more
        customer.submit.click()
        assert customer.number() == number
    else:
        expect(page.locator(".empty")).to_be_visible()
    assert manager.orders_named("Again") == 1
    customer.open("orders/mine/")
    expect(page.locator(".order-list__order")).to_have_count(1)


def test_two_tabs_with_one_cart_make_one_order(customer: Customer, manager: Manager) -> None:
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("Tabs")
    second = Customer(customer.page.context)
    second.open("checkout/")
    second.fill_in("Tabs")
    number = customer.press_submit()
    second.submit.click()
    assert second.number() == number
    expect(second.page.locator(".notice")).to_be_visible()
    assert manager.orders_named("Tabs") == 1


def test_an_old_form_does_not_order_the_new_cart(customer: Customer, manager: Manager) -> None:
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("Old")
    second = Customer(customer.page.context)
    second.open("cart/")
    number = second.place("Old")
    second.add("egg-tart")
    customer.submit.click()
    assert customer.number() == number
    expect(customer.page.locator(".notice")).to_be_visible()
    assert manager.orders_named("Old") == 1
    customer.open("cart/")
    customer.expect_cart(("egg-tart", 1, "¥9"))
    assert customer.place("Old") != number
    assert manager.orders_named("Old") == 2


# Order


@pytest.mark.every_run
def test_an_order_is_cancelled_while_nobody_makes_it(customer: Customer) -> None:
    customer.add("espresso")
    customer.place("Cancel")
    customer.cancel()
    customer.expect_status("cancelled")
    expect(customer.page.locator("form[action$='/cancel/']")).to_have_count(0)


def test_the_cancel_button_leaves_when_the_order_is_being_made(customer: Customer, till: Till) -> None:
    customer.add("espresso")
    customer.place("Late")
    offer = customer.page.locator(".sure")
    expect(offer).to_be_visible()
    till.move(customer.token(), "pending", "advance")
    customer.expect_status("preparing")
    expect(offer).to_have_count(0)


def test_a_cancel_that_comes_too_late_is_told_so(plain_customer: Customer, till: Till) -> None:
    page = plain_customer.page
    plain_customer.add("espresso")
    plain_customer.place("Too late")
    page.locator(".sure__link:visible").click()  # asks whether to cancel
    till.move(plain_customer.token(), "pending", "advance")
    page.locator("form[action$='/cancel/'] button").click()
    plain_customer.expect_status("preparing")
    expect(page.locator(".notice")).to_be_visible()


def test_my_orders_are_listed_and_ordered_again(customer: Customer) -> None:
    page = customer.page
    customer.open("orders/mine/")
    expect(page.locator(".empty")).to_be_visible()
    customer.add("latte", "Oat drink", quantity=2)
    first = customer.place("First")
    customer.add("espresso")
    second = customer.place("Second")
    customer.open("orders/mine/")
    listed = page.locator(".order-list__number")
    expect(listed).to_have_count(2)
    assert set(listed.all_inner_texts()) == {first, second}
    page.locator(".order-list__link").filter(has_text="Latte").click()
    assert customer.number() == first
    customer.open("orders/mine/")

    # The first touch opens the checkout, filled in as before; the second orders.
    page.locator(".order-list__order").filter(has_text="Latte").get_by_role("button", name="Order again").click()
    expect(page).to_have_url(re.compile("/en/checkout/$"))
    expect(page.locator("[name=customer_name]")).to_have_value("First")
    expect(page.locator(".notice--problem")).to_have_count(0)
    cart = Customer(page.context)
    cart.open("cart/")
    cart.expect_cart(("latte", 2, "¥60"))
    expect(cart.page.locator(".cart-line__options")).to_contain_text("Oat drink")
    assert customer.press_submit() not in {first, second}
    expect(page.locator(".receipt")).to_contain_text("Oat drink")
    expect(page.locator(".receipt .sum__amount")).to_have_text("¥60")


def test_another_device_may_watch_an_order_but_not_touch_it(customer: Customer, new_context: NewContext) -> None:
    customer.add("latte", "Oat drink")
    number = customer.place("Secretive", note="for Anna")
    address = customer.page.url

    stranger = Customer(new_context(**PHONE, locale="en-GB"))
    stranger.page.goto(address)
    assert stranger.number() == number
    stranger.expect_status("pending")
    main = stranger.page.locator("main")
    expect(main.locator("form")).to_have_count(0)
    expect(main).not_to_contain_text("Secretive")
    expect(main).not_to_contain_text("Anna")

    # The stranger posts the forms of their own order, with its CSRF token, to the other order's URL.
    stranger.add("espresso")
    stranger.place("Stranger")
    own = stranger.page.url
    for action in ("cancel", "again"):
        stranger.page.goto(own)
        stranger.page.evaluate(
            """([action, address]) => {
                const form = document.querySelector(`form[action$="/${action}/"]`);
                form.action = address + action + "/";
                form.submit();
            }""",
            [action, address],
        )
        expect(stranger.page).to_have_url(re.compile(re.escape(address.split("/order/")[1])))
        expect(stranger.page.locator(".notice")).to_be_visible()
        stranger.expect_status("pending")
    stranger.open("cart/")
    stranger.expect_cart()
    customer.expect_status("pending")
