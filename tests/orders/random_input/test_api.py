"""Random input to the JSON addresses: never a 500, errors of one shape, no inconsistent row."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from orders.models import Order
from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import (
    JSON_ADDRESSES,
    KEY_OF_A_PROGRAM,
    Cafe,
    Strategy,
    header_texts,
    headers,
    json_values,
    mutated,
    texts,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


content_types = st.one_of(
    st.just("application/json"),
    st.sampled_from(
        [
            "application/json; charset=utf-8",
            "application/json;charset=\xe9",
            "Application/JSON",
            "application/x-www-form-urlencoded; charset=utf-16",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "multipart/form-data; boundary=\xff",
            "text/plain",
            "",
        ]
    ),
    header_texts,
)


odd_lengths = st.sampled_from(["", "0", "-1", "1e3", "abc", "\xb2", "99999999", "9" * 5000])


def right_orders(cafe: Cafe) -> Strategy:
    """Return order bodies of an API client: the course's format and lines, most of them valid."""
    course = st.fixed_dictionaries(
        {
            "customer_name": st.just("缓存测试"),
            "coffee_type": st.sampled_from(["美式咖啡", "americano", "拿铁", "gone"]),
        },
        optional={"quantity": st.integers(1, 3), "total_price": st.sampled_from([18, 18.0, 36.00, 25, 0.1 + 0.2])},
    )
    line = st.sampled_from(
        [
            {"item": "latte", "options": [cafe.options[1], cafe.options[2]], "quantity": 2},
            {"item": "latte", "options": [cafe.options[0]]},
            {"item": "americano", "options": [], "quantity": 7},
            {"item": "黄油可颂", "quantity": 1},
        ]
    )
    basket = st.fixed_dictionaries(
        {"customer_name": st.just("李雷"), "lines": st.lists(line, min_size=1, max_size=4)},
        optional={
            "fulfilment": st.sampled_from(["here", "to_go"]),
            "note": st.just("少冰"),
            "phone": st.just("13800138000"),
        },
    )
    return course | basket


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def spoilt(body: bytes) -> Strategy:
    """Return these bytes with a few of them replaced or removed, or others inserted."""
    return st.builds(
        lambda at, removed, put: body[:at] + put + body[at + removed :],
        st.integers(0, len(body)),
        st.integers(0, 4),
        st.binary(max_size=4)
        | st.sampled_from([b'"', b"{", b"]", b",", b"NaN", b"\xed\xa0\x80", b"[" * 3000, b"9" * 5000]),
    )


def test_any_bytes_of_any_kind_are_refused_as_json(cafe: Cafe, size: Callable[[int], int]) -> None:
    bodies = st.binary(max_size=200) | json_values.map(dumped) | right_orders(cafe).map(dumped).flatmap(spoilt)

    @tried(
        size(3000),
        path=st.sampled_from(JSON_ADDRESSES),
        body=bodies,
        type_=content_types,
        meta=headers,
        length=st.none() | st.none() | st.none() | odd_lengths,
    )
    def each_is_answered(path: str, body: bytes, type_: str, meta: dict[str, str], length: str | None) -> None:
        own_length = {} if length is None else {"CONTENT_LENGTH": length}
        response = cafe.send("POST", path, body, type_, **meta | own_length)
        cafe.assert_books(may_differ=response.status_code == 201)

    cafe.tell()
    assert cafe.statuses.keys() >= {400, 415, 422}


def test_json_of_any_shape_is_refused(cafe: Cafe, size: Callable[[int], int]) -> None:
    names = st.sampled_from(["customer_name", "coffee_type", "quantity", "total_price", "lines", "note", "phone"])

    @tried(size(2500), body=json_values | st.dictionaries(names | texts, json_values, max_size=6))
    def each_is_refused(body: Any) -> None:
        response = cafe.send("POST", "/api/orders", dumped(body), "application/json")
        cafe.assert_books(may_differ=response.status_code == 201)

    cafe.tell()
    assert cafe.statuses.keys() >= {400, 422}


def test_an_order_with_one_thing_wrong_is_placed_right_or_not_at_all(cafe: Cafe, size: Callable[[int], int]) -> None:
    right = right_orders(cafe)
    keys = (
        st.none() | st.sampled_from([KEY_OF_A_PROGRAM, "a", "~" * 200, "x" * 201, "a b", "", "own-"]) | header_texts
    )

    @tried(size(5000), body=right | right.flatmap(mutated), key=keys, again=st.booleans())
    def each_is_one_order_or_none(body: Any, key: str | None, again: bool) -> None:
        meta = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
        response = cafe.send("POST", "/api/orders", dumped(body), "application/json", **meta)
        was_placed = response.status_code == 201
        assert Order.objects.count() == len(cafe.before["Order"]) + was_placed
        cafe.assert_books(may_differ=was_placed)
        if was_placed:
            placed = Order.objects.get(token=response.json()["token"])
            assert response.json()["total_price"] == float(placed.total)
            assert cafe.send("GET", f"/api/orders/{placed.token}").status_code == 200
            if again and key:
                repeated = cafe.send("POST", "/api/orders", dumped(body), "application/json", **meta)
                assert (repeated.status_code, repeated.json()) == (201, response.json())

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 201, 409, 422}
