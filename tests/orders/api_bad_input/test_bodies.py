"""Bodies that are no JSON object."""

import json

import pytest
from django.test import Client

from orders.models import Order
from tests.harness.factories import nothing_written
from tests.orders.api_bad_input.refusals import assert_error, assert_refused, course, send, short

pytestmark = pytest.mark.django_db


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


@pytest.mark.few_cases(12)
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
