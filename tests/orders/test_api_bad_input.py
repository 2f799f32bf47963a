"""Invalid requests of an API client: each gets its error code, never a 500, and no row is written."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.models import Order
from tests.harness.factories import croissant, group, item, latte, nothing_written, option

pytestmark = pytest.mark.django_db

REMOVED = ...  # a field that is not sent


def short(value: Any) -> str:
    return repr(value)[:30]


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def menu() -> None:
    """A latte with required options, a counted croissant, and a tea with options of its own."""
    latte()
    croissant(stock=5)
    tea = item("tea", name_en="Tea", name_zh_hans="茶")
    tea.option_groups.add(group("Leaf", "茶叶", 1, 1, ("Green", "绿茶", "0")))


def course(**fields: Any) -> dict[str, Any]:
    body = {"customer_name": "王芳", "coffee_type": "croissant", "quantity": 1, "total_price": 16.00} | fields
    return {name: value for name, value in body.items() if value is not REMOVED}


def basket(*lines: Any, **fields: Any) -> dict[str, Any]:
    return {"customer_name": "王芳", "lines": list(lines)} | fields


def send(client: Client, body: bytes | str, content_type: str = "application/json", **headers: str) -> HttpResponse:
    return client.post("/api/orders", body, content_type=content_type, headers=headers)


def assert_refused(client: Client, body: Any, status: int, code: str, *fields: str, **headers: str) -> None:
    """Send a body (an object, or raw text); assert this error response, and that no row is written."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    with nothing_written():
        response = send(client, text, **headers)
    assert_error(response, status, code)
    if fields:
        assert response.json()["error"]["fields"].keys() == set(fields)


def assert_error(response: HttpResponse, status: int, code: str) -> None:
    assert response["Content-Type"] == "application/json"
    assert response.json().keys() == {"error"}
    assert response.json()["error"].keys() == {"code", "message", "fields"}
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def latte_with(*names: str) -> list[int]:
    drink = Item.objects.get(slug="latte")
    return [option(drink, name).pk for name in names]


def test_the_bodies_of_this_file_go_through_when_nothing_is_wrong(client: Client) -> None:
    """Control for every test below: the unchanged bodies are accepted."""
    line = {"item": "latte", "options": latte_with("Small", "Vanilla"), "quantity": 1}
    for body in (course(), basket({"item": "croissant"}), basket(line)):
        assert send(client, json.dumps(body)).status_code == 201


# Values


@pytest.mark.parametrize(
    "quantity", [0, -1, 1.5, 10**9, 100, True, False, "1", None, [], {}, 1.0, 10**400, [1]], ids=short
)
def test_a_quantity_is_a_whole_number_from_1_to_99(client: Client, quantity: Any) -> None:
    assert_refused(client, course(quantity=quantity, total_price=REMOVED), 422, "invalid", "quantity")
    line = {"item": "croissant", "quantity": quantity}
    assert_refused(client, basket(line), 422, "invalid", "lines.0.quantity")


@pytest.mark.parametrize("number", ["1e9", "1E0", "-0.0", "1e-400", "1e400", "-1e99999"])
def test_a_quantity_with_an_exponent_or_a_point_is_none(client: Client, number: str) -> None:
    text = json.dumps(course(quantity="?")).replace('"?"', number)
    assert_refused(client, text, 422, "invalid", "quantity")


@pytest.mark.parametrize(
    "name",
    [
        REMOVED, None, "", "   ", "\t\n", "a" * 61, "长" * 10_000, "NUL\x00", "line\nbreak", "\x7f", "\ud800",
        "half \udfff", 1, 1.5, True, [], {}, ["王芳"], {"name": "王芳"},
    ],
    ids=short,
)  # fmt: skip
def test_a_name_is_a_text_of_1_to_60_characters(client: Client, name: Any) -> None:
    assert_refused(client, course(customer_name=name), 422, "invalid", "customer_name")


@pytest.mark.parametrize(
    "name", ["🐼", "👩‍👩‍👧‍👦 家", "𠮷野家", "王" * 60, "O'Brien", '<b>"&amp;', "'; DROP TABLE orders_order;--", "ñ́"]
)
def test_any_other_name_is_kept_to_the_character(client: Client, name: str) -> None:
    response = send(client, json.dumps(course(customer_name=f" {name} ", note=name), ensure_ascii=False).encode())
    assert response.status_code == 201
    placed = Order.objects.get()
    assert (placed.customer_name, placed.note) == (name, name)


@pytest.mark.parametrize("note", ["n" * 201, "\x00", "\ud800", 1, True, [], {}], ids=short)
def test_a_note_is_a_text_of_at_most_200_characters(client: Client, note: Any) -> None:
    assert_refused(client, course(note=note), 422, "invalid", "note")


PHONES = ["call me", "1", "9" * 41, "+", "\x00", "\ud800", 13800138000, True, [], {}, "１３８" * 9]


@pytest.mark.parametrize("phone", PHONES, ids=short)
def test_a_phone_is_a_number_that_can_be_called(client: Client, phone: Any) -> None:
    assert_refused(client, course(phone=phone), 422, "invalid", "phone")


@pytest.mark.parametrize("way", ["", "HERE", "togo", 1, True, [], {}, ["here"], "\ud800"], ids=short)
def test_a_fulfilment_is_one_of_two_words(client: Client, way: Any) -> None:
    assert_refused(client, course(fulfilment=way), 422, "invalid", "fulfilment")


@pytest.mark.parametrize("price", ["16", "16.00", True, False, -1, -0.01, 10**10, 10**400, [], {}, [16]], ids=short)
def test_a_total_is_an_amount_of_money(client: Client, price: Any) -> None:
    assert_refused(client, course(total_price=price), 422, "invalid", "total_price")


@pytest.mark.parametrize("price", ["1e400", "1e999999999", "-1e999999999"])
def test_a_total_beyond_any_money_is_refused(client: Client, price: str) -> None:
    assert_refused(client, json.dumps(course(total_price="?")).replace('"?"', price), 422, "invalid", "total_price")


@pytest.mark.parametrize("price", ["1e-400", "1e-999999999", "16.0050000000000000000000000000000000001", "-0.0", "0"])
def test_a_total_that_is_wrong_by_half_a_cent_or_more_is_a_changed_price(client: Client, price: str) -> None:
    text = json.dumps(course(total_price="?")).replace('"?"', price)
    assert_refused(client, text, 409, "price_changed", "total_price")


@pytest.mark.parametrize("word", [REMOVED, None, "", " ", 1, True, [], {}, "x" * 61, "\x00", "\ud800"], ids=short)
def test_a_coffee_type_is_a_text(client: Client, word: Any) -> None:
    assert_refused(client, course(coffee_type=word), 422, "invalid", "coffee_type")


@pytest.mark.parametrize("word", ["nothing", "CROISSANT", "拿铁拿铁", "🐼", "é", "%", "0", "latte' OR 1=1"])
def test_an_unknown_item_is_refused(client: Client, word: str) -> None:
    assert_refused(client, course(coffee_type=word), 422, "unknown_item", "lines.0")
    good = {"item": "croissant"}
    assert_refused(client, basket(good, {"item": word}), 422, "unknown_item", "lines.1")


# Lines and options


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


# Bodies that are no JSON object


MALFORMED = {
    "blank": " ",
    "a word": "latte",
    "half": '{"customer_name": "a"',
    "two": "{}{}",
    "trailing comma": '{"customer_name": "a",}',
    "comment": '{"customer_name": "a" /* b */}',
    "single quotes": "{'customer_name': 'a'}",
    "raw newline in a text": '{"customer_name": "a\nb"}',
    "a list": '[{"customer_name": "a"}]',
    "an empty list": "[]",
    "a text": '"latte"',
    "a number": "1",
    "true": "true",
    "null": "null",
    "NaN": '{"customer_name": "王芳", "coffee_type": "croissant", "quantity": NaN}',
    "NaN as a total": '{"customer_name": "王芳", "coffee_type": "croissant", "total_price": NaN}',
    "Infinity": '{"customer_name": "王芳", "coffee_type": "croissant", "total_price": Infinity}',
    "-Infinity": '{"customer_name": "王芳", "coffee_type": "croissant", "total_price": -Infinity}',
    "a key twice": '{"customer_name": "王芳", "coffee_type": "croissant", "customer_name": "b"}',
    "a key twice inside": '{"customer_name": "a", "lines": [{"item": "croissant", "item": "croissant"}]}',
    "deep lists": '{"customer_name": ' + "[" * 20_000 + "]" * 20_000 + "}",
    "deep objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "deep and unclosed": '{"a":' + "[" * 60_000,
    "a number of 5,000 digits": f'{{"customer_name": "a", "quantity": {"9" * 5000}}}',
    "an exponent without end": '{"customer_name": "a", "total_price": 1e}',
    "an exponent that no number has": '{"customer_name": "a", "total_price": 1e99999999999999999999}',
    "plus one": '{"quantity": +1}',
    "leading zero": '{"quantity": 01}',
    "GBK": '{"customer_name": "王芳"}'.encode("gbk"),
    "UTF-16": '{"customer_name": "a"}'.encode("utf-16"),
    "a lone continuation byte": b'{"customer_name": "\x80"}',
    "an encoded surrogate": b'{"customer_name": "\xed\xa0\x80"}',
    "an overlong NUL": b'{"customer_name": "\xc0\x80"}',
    "a byte order mark": b'\xef\xbb\xbf{"customer_name": "a"}',
    "a form": "customer_name=a&coffee_type=latte",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_one_json_object_is_malformed(client: Client, body: str | bytes) -> None:
    assert_refused(client, body, 400, "malformed")


def test_a_total_with_a_huge_number_of_digits_is_refused(client: Client) -> None:
    text = json.dumps(course(total_price="?")).replace('"?"', "1." + "1" * 50_000)
    assert_refused(client, text, 409, "price_changed")


CONTENT_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "text/json",
    "application/jsonp",
    "*/*",
    "json",
    "",
]


@pytest.mark.parametrize("content_type", [*CONTENT_TYPES, "multipart/form-data; boundary=x", "application/xml"])
def test_another_content_type_is_refused(client: Client, content_type: str) -> None:
    with nothing_written():
        response = send(client, json.dumps(course()), content_type)
    assert_error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x"]
)
def test_json_with_a_parameter_is_json(client: Client, content_type: str) -> None:
    assert send(client, json.dumps(course()), content_type).status_code == 201


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024], ids=["just over", "10 MB"])
@pytest.mark.parametrize("path", ["/api/orders", "/orders"])
def test_a_large_body_is_refused(client: Client, path: str, size: int) -> None:
    text = json.dumps(course(note="x")).replace('"x"', f'"{"x" * size}"')
    with nothing_written():
        response = client.post(path, text, content_type="application/json")
    assert_error(response, 413, "too_large")


def test_a_body_up_to_the_limit_is_read(client: Client) -> None:
    text = json.dumps(course())
    assert send(client, text + " " * (64 * 1024 - len(text))).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 201, "ключ", "é", "键", "tab\t", "\x7f", "🐼"], ids=short)
def test_an_idempotency_key_is_1_to_200_visible_ascii_characters(client: Client, key: str) -> None:
    header = key.encode().decode("latin-1")
    assert_refused(client, course(), 422, "invalid", "Idempotency-Key", idempotency_key=header)


@pytest.mark.parametrize("key", ["a", "~" * 200, '"quoted"', "';--", "%00"])
def test_any_other_key_is_taken(client: Client, key: str) -> None:
    assert send(client, json.dumps(course()), idempotency_key=key).status_code == 201
    assert Order.objects.get().submission_key == key
