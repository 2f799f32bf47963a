"""The cart page in a browser: lines are edited in place, removed and restored; the checkout remembers its fields."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, NewContext, Refused
from tests.e2e.people import Customer


@pytest.fixture(params=[True, False], ids=["", "without JavaScript"])
def customer(request: pytest.FixtureRequest, new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=request.param))


def test_a_line_is_edited_in_its_place(customer: Customer) -> None:
    page = customer.page
    customer.add("latte", "Oat drink", quantity=2)
    customer.add("espresso")
    page.locator(".cart-line__change").first.click()
    expect(page.get_by_label("Oat drink")).to_be_checked()
    expect(page.locator("[name=quantity]")).to_have_value("2")
    page.get_by_label("Large").check()
    page.locator(".item-form__foot .button--accent").click()
    expect(page).to_have_url(re.compile("/en/cart/$"))
    customer.expect_cart(("latte", 2, "¥72"), ("espresso", 1, "¥15"))


@pytest.mark.every_run
@pytest.mark.few_cases(1)
def test_what_is_taken_out_is_put_back_by_undo(customer: Customer) -> None:
    page = customer.page
    customer.add("latte", "Oat drink")
    customer.add("espresso")
    page.locator(".cart-line").first.locator(".stepper__button").first.click()
    customer.expect_cart(("espresso", 1, "¥15"))
    expect(page.locator("[role=status]", has_text="Latte is out of your cart.").first).to_be_attached()
    page.locator("[data-undo]").click()
    customer.expect_cart(("latte", 1, "¥30"), ("espresso", 1, "¥15"))


def test_the_last_line_is_put_back_into_the_empty_cart(customer: Customer) -> None:
    customer.add("espresso", quantity=3)
    customer.page.locator(".cart-line .link-button", has_text="Remove").click()
    expect(customer.page.locator(".empty")).to_be_visible()
    customer.page.locator("[data-undo]").click()
    customer.expect_cart(("espresso", 3, "¥45"))


def test_an_empty_name_is_said_at_the_field_which_has_the_focus(customer: Customer, refused: Refused) -> None:
    page = customer.page
    customer.add("espresso")
    customer.go_to_checkout()
    customer.fill_in("")
    with refused(page, 422):
        customer.submit.click()
    expect(page.locator("[name=customer_name]")).to_be_focused()
    expect(page.locator("#id_customer_name_error")).to_have_text("Please write a name for the cup; any name will do.")
    customer.fill_in("Ann")
    customer.press_submit()


def test_a_quantity_that_was_emptied_is_said_at_the_field(
    customer: Customer, refused: Refused, page_errors: list[str]
) -> None:
    page = customer.page
    customer.open("item/latte/")
    page.locator("[name=quantity]").fill("")
    with refused(page, 422):
        page.locator(".item-form__foot .button--accent").click()
        expect(page.locator("[name=quantity]")).to_be_focused()
    expect(page.locator("#choice-error")).to_have_text("A quantity is a whole number from 1 to 99.")
    expect(page.locator("#choice-error")).to_be_in_viewport()
    page_errors[:] = [error for error in page_errors if "status of 422" not in error]  # a script asks first


def test_the_device_remembers_who_ordered_until_it_is_told_to_forget(customer: Customer) -> None:
    page = customer.page
    customer.add("espresso")
    customer.place("Ann", fulfilment="here")
    customer.add("espresso")
    customer.go_to_checkout()
    expect(page.locator("[name=customer_name]")).to_have_value("Ann")
    expect(page.locator("[name=fulfilment][value=here]")).to_be_checked()
    page.locator("[form=forget]").click()
    expect(page.locator("[name=customer_name]")).to_have_value("")
    expect(page.locator("[name=remember]")).not_to_be_checked()
    customer.fill_in("Somebody")
    customer.press_submit()
    customer.add("espresso")
    customer.go_to_checkout()
    expect(page.locator("[name=customer_name]")).to_have_value("")


# With JavaScript: no page load


@pytest.fixture
def with_script(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB"))


def test_the_page_stays_and_says_what_has_changed(with_script: Customer) -> None:
    page = with_script.page
    with_script.add("latte")
    with_script.add("espresso")
    page.evaluate("window.stays = true")
    said = page.locator("[data-said-here]")
    page.locator(".cart-line").first.get_by_role("button", name="One Latte more").click()
    expect(said).to_have_text("Total ¥65")
    expect(page.get_by_role("button", name="One Latte more")).to_be_focused()
    page.locator(".cart-line").last.locator(".link-button", has_text="Remove").click()
    expect(said).to_have_text("Espresso is out of your cart.")
    expect(page.locator("[data-undo]")).to_be_focused()
    assert page.evaluate("window.stays")


def test_plus_stops_at_what_one_order_takes(with_script: Customer) -> None:
    page = with_script.page
    with_script.add("latte")
    most = int(page.locator("form.stepper").get_attribute("data-most") or 0)
    more = page.get_by_role("button", name="One Latte more")
    for _touch in range(most - 1):
        more.click()
    expect(more).to_be_disabled()
    with_script.open("cart/")
    expect(page.locator(".stepper__value")).to_have_text(str(most))
    expect(page.locator(".notice--problem:visible")).to_have_count(0)


@pytest.mark.every_run
def test_a_button_is_not_drawn_anew_under_a_finger(with_script: Customer) -> None:
    page = with_script.page
    with_script.add("latte")
    more = page.get_by_role("button", name="One Latte more")
    box = more.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    page.mouse.down()
    page.wait_for_timeout(700)  # until the answer to the first has come
    page.mouse.up()
    expect(page.locator(".stepper__value")).to_have_text("3")
    expect(page.locator(".sum__amount")).to_have_text("¥75")


def test_what_another_tab_adds_is_drawn(with_script: Customer) -> None:
    with_script.add("latte")
    other = Customer(with_script.page.context)
    other.open()
    other.press_plus("espresso")
    with_script.expect_cart(("latte", 1, "¥25"), ("espresso", 1, "¥15"))
    expect(with_script.page.locator(".sum__amount")).to_have_text("¥40")
