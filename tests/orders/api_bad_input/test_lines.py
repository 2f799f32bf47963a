"""Invalid lines and options of an API client."""

import json
from typing import Any

import pytest
from django.test import Client

from menu.models import Item
from tests.harness.factories import nothing_written, option
from tests.orders.api_bad_input.refusals import REMOVED, assert_refused, basket, course, latte_with, send, short

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lines", [[], None, {}, "latte", 1, True, [{"item": "croissant"}] * 31], ids=short)
def test_lines_are_a_list_of_1_to_30(client: Client, lines: Any) -> None:
    assert_refused(client, {"customer_name": "王芳", "lines": lines}, 422, "invalid", "lines")


@pytest.mark.parametrize(
    "line", [None, 1, "latte", [], [[]], {"slug": "latte"}, {"item": "latte", "price": 1}], ids=short
)
def test_a_line_is_an_object_of_three_fields(client: Client, line: Any) -> None:
    assert_refused(client, basket({"item": "croissant"}, line), 422, "invalid", "lines.1")


@pytest.mark.parametrize("word", [None, "", 1, True, [], {}, "\ud800"], ids=short)
def test_an_item_of_a_line_is_a_text(client: Client, word: Any) -> None:
    assert_refused(client, basket({"item": word}), 422, "invalid", "lines.0.item")


@pytest.mark.few_cases(5)
@pytest.mark.parametrize("options", [None, 1, "1", {}, ["1"], [1.0], [True], [None], [[1]], [{}]], ids=short)
def test_options_are_a_list_of_ids(client: Client, options: Any) -> None:
    line = {"item": "croissant", "options": options}
    assert_refused(client, basket(line), 422, "invalid", "lines.0.options")


def assert_choice_refused(client: Client, *options: int) -> None:
    line = {"item": "latte", "options": list(options)}
    assert_refused(client, basket({"item": "croissant"}, line), 422, "invalid", "lines.1")


def test_a_missing_required_option_is_refused(client: Client) -> None:
    assert_choice_refused(client)
    assert_choice_refused(client, *latte_with("Vanilla"))


def test_two_of_a_group_that_takes_one_are_refused(client: Client) -> None:
    assert_choice_refused(client, *latte_with("Small", "Large"))


def test_more_options_than_a_group_takes_are_refused(client: Client) -> None:
    assert_choice_refused(client, *latte_with("Small", "Vanilla", "Cream", "Extra shot"))


def test_an_option_of_another_item_is_refused(client: Client) -> None:
    green = option(Item.objects.get(slug="tea"), "Green").pk
    assert_choice_refused(client, *latte_with("Small"), green)


@pytest.mark.parametrize("id_", [0, -1, 2**63, 10**400, 999_999_999])
def test_an_option_that_never_was_is_refused(client: Client, id_: int) -> None:
    assert_choice_refused(client, *latte_with("Small"), id_)


def test_an_option_given_twice_is_refused(client: Client) -> None:
    assert_choice_refused(client, *latte_with("Small", "Vanilla", "Vanilla"))


def test_an_option_of_today_sold_out_is_sold_out(client: Client) -> None:
    drink = Item.objects.get(slug="latte")
    drink.option_groups.get(name_en="Extras").options.filter(name_en="Vanilla").update(is_available=False)
    line = {"item": "latte", "options": latte_with("Small", "Vanilla")}
    assert_refused(client, basket({"item": "croissant"}, line), 409, "sold_out")


def test_the_courses_form_is_refused_when_a_default_is_sold_out(client: Client) -> None:
    drink = Item.objects.get(slug="latte")
    drink.option_groups.get(name_en="Size").options.filter(name_en="Small").update(is_available=False)
    assert_refused(client, course(coffee_type="latte", total_price=REMOVED), 409, "sold_out")


def test_more_than_the_most_per_order_is_refused_over_all_lines(client: Client) -> None:
    Item.objects.filter(slug="croissant").update(max_per_order=3)
    lines = [{"item": "croissant", "quantity": 2}, {"item": "croissant", "quantity": 2}]
    assert_refused(client, basket(*lines), 422, "invalid", "lines.1")


def test_every_wrong_field_is_named_at_once(client: Client) -> None:
    body = basket({"item": 1, "quantity": 0}, customer_name="", note=1, phone="x", fulfilment="?", total_price="1")
    names = ["customer_name", "note", "phone", "fulfilment", "total_price", "lines.0.item", "lines.0.quantity"]
    assert_refused(client, body, 422, "invalid", *names)


@pytest.mark.parametrize("name", ["price", "status", "token", "id", "", "ключ", "🐼"])
def test_an_unknown_field_is_named(client: Client, name: str) -> None:
    assert_refused(client, course(**{name: "x"}), 422, "invalid", name)


def test_an_unknown_field_with_half_a_character_is_refused(client: Client) -> None:
    text = json.dumps(course()).replace("{", '{"\\ud800": 1, ', 1)
    with nothing_written():
        response = send(client, text)
    assert response.status_code in (400, 422)
    assert response.json()["error"]["code"] in ("malformed", "invalid")


@pytest.mark.parametrize("name", ["coffee_type", "quantity"])
def test_both_forms_at_once_are_refused(client: Client, name: str) -> None:
    assert_refused(client, basket({"item": "croissant"}, **{name: 1}), 422, "invalid", name)
