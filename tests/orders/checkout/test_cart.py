"""The cart: adding, changing and removing lines, within its limits."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from orders.models import Order
from tests.harness.factories import croissant, item, latte, nothing_written, option
from tests.orders.checkout.pages import add, check_out, cookie, form_of, line_key, lines, submit, text_of

pytestmark = pytest.mark.django_db


def test_an_item_is_added_with_its_options(client: Client) -> None:
    drink = latte()
    with nothing_written():
        response = add(client, drink, "Large", "Cream", quantity="2")
    assert (response.status_code, response["Location"]) == (302, "/en/cart/?added=latte")
    assert lines(client) == [(drink.pk, (option(drink, "Large").pk, option(drink, "Cream").pk), 2, Decimal("35.00"))]
    page = client.get("/en/cart/")
    for words in ("Latte", "Large", "Cream", "¥70"):
        assert words in text_of(page)


def test_the_cards_button_adds_one_with_the_defaults(client: Client) -> None:
    drink = latte()
    assert client.post("/en/cart/add/", {"item": drink.pk}).status_code == 302
    assert lines(client) == [(drink.pk, (option(drink, "Small").pk,), 1, Decimal("25.00"))]


def test_the_cart_bars_script_is_answered_without_a_page(client: Client) -> None:
    response = client.post("/en/cart/add/", {"item": latte().pk}, headers={"x-requested-with": "fetch"})
    assert (response.status_code, response.content) == (204, b"")
    assert len(lines(client)) == 1


def test_the_same_choice_again_is_one_line(client: Client) -> None:
    drink = latte(max_per_order=99)
    for _time in range(2):
        add(client, drink, "Small", quantity="40")
    assert add(client, drink, "Small", quantity="40").status_code == 422, "more than one order takes"
    add(client, drink, "Large")
    assert [(quantity, price) for _id, _options, quantity, price in lines(client)] == [
        (80, Decimal("25.00")),
        (1, Decimal("31.00")),
    ]


def test_the_cookies_are_lax_and_the_cart_is_hidden_from_scripts(client: Client) -> None:
    drink = latte()
    response = add(client, drink, "Small", quantity="2")
    cart, badge = response.cookies["cart"], response.cookies["cart_badge"]
    assert (cart["httponly"], cart["samesite"], cart["path"], cart["max-age"]) == (True, "Lax", "/", 24 * 3600)
    assert (badge["httponly"], badge["samesite"], badge.value) == ("", "Lax", f"2|50.00|{drink.pk}:2")


def test_the_cart_is_never_kept_by_a_cache(client: Client) -> None:
    for response in (add(client, latte(), "Small"), client.get("/en/cart/"), client.get("/en/checkout/")):
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]


@pytest.mark.few_cases(4)
@pytest.mark.parametrize(
    "quantity", ["0", "-1", "1.5", "100", "1000000000", "abc", "NaN", "true", "1e1", "٣٤٥", "\x00"]
)
def test_a_bad_quantity_is_refused_and_the_cart_is_kept(client: Client, quantity: str) -> None:
    drink = latte()
    add(client, drink, "Small")
    before = cookie(client)
    with nothing_written():
        response = add(client, drink, "Large", quantity=quantity)
    assert response.status_code == 422
    assert "A quantity is a whole number from 1 to 99." in text_of(response)
    assert cookie(client) == before


def test_more_than_the_most_per_order_is_refused(client: Client) -> None:
    response = add(client, latte(max_per_order=3), "Small", quantity="4")
    assert response.status_code == 422
    assert "at most 3 in one order" in text_of(response)
    assert lines(client) == []


@pytest.mark.parametrize("id_", ["", "0", "-1", "abc", "1.5", "999999", str(2**63), "9" * 400, "\x00", "拿铁"])
def test_an_item_that_is_none_of_ours_is_not_found(client: Client, id_: str) -> None:
    latte()
    response = client.post("/en/cart/add/", {"item": id_})
    assert response.status_code == 404
    assert lines(client) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "choose “Size”"),
        (["Small", "Large"], "at most 1"),
        (["Small", "Cream", "Vanilla", "Extra shot"], "at most 2"),
    ],
)
def test_the_rules_of_choosing_hold_on_the_server(client: Client, options: list[str], words: str) -> None:
    response = add(client, latte(), *options)
    assert response.status_code == 422
    assert words in text_of(response)
    assert lines(client) == []


@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "0", str(2**62), "9" * 400, "\x00", "１", "999999999"])
def test_an_option_that_is_none_of_the_items_is_refused(client: Client, value: str) -> None:
    drink = latte()
    response = add(client, drink, "Small", **{"group-9": value})
    assert response.status_code == 422
    assert lines(client) == []


def test_a_refused_choice_is_shown_again_as_it_was_ticked(client: Client) -> None:
    drink = latte()
    response = add(client, drink, "Large", "Cream", "Vanilla", "Extra shot")
    ticked = re.findall(r'value="(\d+)" data-delta="[^"]*" checked', response.content.decode())
    assert set(ticked) == {str(option(drink, name).pk) for name in ("Large", "Cream", "Vanilla", "Extra shot")}


def test_a_sold_out_item_is_not_added(client: Client) -> None:
    response = add(client, croissant(stock=0))
    assert response.status_code == 409
    assert "Butter Croissant is sold out." in text_of(response)
    assert lines(client) == []


def test_a_31st_line_is_refused_and_the_30_are_kept(client: Client) -> None:
    rolls = [item(f"cake-{number}") for number in range(31)]
    for roll in rolls[:30]:
        assert add(client, roll).status_code == 302
    with nothing_written():
        response = add(client, rolls[30])
    assert response["Location"] == "/en/cart/?notice=full"
    assert [line[0] for line in lines(client)] == [roll.pk for roll in rolls[:30]]
    assert "30 lines" in text_of(client.get(response["Location"]))
    assert add(client, rolls[0])["Location"] == "/en/#cake-0.added", "more of a line that is there still fits"


def test_30_lines_with_options_fit_into_a_cookie_and_an_order(client: Client) -> None:
    drinks = [item(f"latte-{number}", price="25.00") for number in range(30)]
    groups = list(latte().option_groups.all())
    for number, drink in enumerate(drinks):
        drink.option_groups.set(groups)
        assert add(client, drink, "Large", "Cream", "Vanilla", quantity=str(number % 9 + 1)).status_code == 302
    assert len(cookie(client)) < 3800
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Order.objects.get().lines.count() == 30


@pytest.mark.parametrize(("quantity", "kept"), [("3", [3]), ("99", [99]), ("0", [])])
def test_a_line_is_changed_and_taken_out(client: Client, quantity: str, kept: list[int]) -> None:
    add(client, latte(), "Small")
    key = line_key(client)
    response = client.post("/en/cart/change/", {"line": key, "quantity": quantity})
    onward = "/en/cart/" if kept else f"/en/cart/?removed={key}&quantity=1&place=0"
    assert (response.status_code, response["Location"]) == (302, onward)
    assert [line[2] for line in lines(client)] == kept


@pytest.mark.parametrize("quantity", ["-1", "1.5", "100", "", "abc", "NaN", "9" * 400])
def test_a_bad_change_is_refused_and_the_cart_is_kept(client: Client, quantity: str) -> None:
    add(client, latte(), "Small")
    before = cookie(client)
    response = client.post("/en/cart/change/", {"line": line_key(client), "quantity": quantity})
    assert response.status_code == 422
    assert "A quantity is a whole number from 0 to 99." in text_of(response)
    assert cookie(client) == before


@pytest.mark.parametrize("line", ["nothing", "1-2-3", "\x00", "拿铁"])
def test_a_change_of_an_unknown_line_changes_nothing(client: Client, line: str) -> None:
    add(client, latte(), "Small")
    before = lines(client)
    assert client.post("/en/cart/change/", {"line": line, "quantity": "0"}).status_code in (302, 422)
    assert lines(client) == before


def test_an_empty_cart_is_shown_as_one_and_has_no_checkout(client: Client) -> None:
    assert "Your cart is empty." in text_of(client.get("/en/cart/"))
    assert client.get("/en/checkout/")["Location"] == "/en/cart/"
