"""Random input to the customers' forms: never a 500, and no inconsistent row."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core import signing
from hypothesis import strategies as st

from orders import device_orders
from orders.cart import cookie
from orders.models import Order, Status
from tests.harness import factories
from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import (
    KEY_OF_AN_ORDER,
    Cafe,
    cart_cookies,
    cookie_headers,
    device_cookies,
    headers,
    pairs,
    right_carts,
    signed,
    texts,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def test_the_carts_forms_take_anything_and_order_nothing(cafe: Cafe, size: Callable[[int], int]) -> None:
    item_ids = [str(item.pk) for item in cafe.items]
    ids = st.sampled_from([*item_ids, *map(str, cafe.options)])
    counts = st.integers(-1, 120).map(str)
    forms = {
        "add": {
            "item": st.sampled_from(item_ids),
            "quantity": counts,
            "chosen": st.sampled_from(["1", ""]),
            "group-1": ids,
            "group-2": ids,
        },
        "change": {"line": ids | st.builds("{}-{}".format, ids, ids), "quantity": counts},
        "accept": {"seen": st.text("0123456789abcdef", min_size=16, max_size=16)},
        "take-what-is-left": {f"left-{item_id}": counts for item_id in item_ids},
    }
    filled = st.sampled_from(list(forms)).flatmap(lambda name: st.tuples(st.just(name), pairs(forms[name])))

    @tried(size(2500), form=filled, cookies=cookie_headers(cafe), meta=headers | st.just({}))
    def each_is_answered(form: tuple[str, Any], cookies: str, meta: dict[str, str]) -> None:
        name, fields = form
        response = cafe.submit(f"/en/cart/{name}/", fields, HTTP_COOKIE=cookies, **meta)
        cafe.assert_books(may_differ=False)
        if "cart" in response.cookies:  # the pages render the cart that the cookie now holds
            kept = response.cookies["cart"].value
            cafe.send("GET", "/en/cart/", HTTP_COOKIE=f"cart={kept}")
            cafe.send("GET", "/en/checkout/", HTTP_COOKIE=f"cart={kept}")

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 302, 404, 422}


def test_the_checkout_places_one_right_order_or_none(cafe: Cafe, size: Callable[[int], int]) -> None:
    fields = {
        "customer_name": st.just("王芳"),
        "phone": st.sampled_from(["", "13800138000"]),
        "note": st.just(""),
        "fulfilment": st.sampled_from(["here", "to_go"]),
        "submission_key": st.sampled_from(["a-key-of-this-cart-0001", "another-key-of-this-one", KEY_OF_AN_ORDER]),
        "is_unsure": st.sampled_from(["", "on"]),
        "expected_total": st.sampled_from(
            ["25.00", "18.00", "54.00", "79", "86.00", "32.0", "1e2", "0.30000000000000004"]
        ),
    }

    placed_before(cafe)
    sellable = st.sampled_from([[cafe.americano.pk, [], 3, "18.00"], [cafe.latte.pk, [cafe.options[0]], 1, "25.00"]])
    placed = Counter[bool]()

    @tried(
        size(2000),
        form=st.fixed_dictionaries(fields).map(lambda form: list(form.items())) | pairs(fields),
        kept=sellable.map(lambda line: signed(["a-key-of-this-cart-0001", line], cookie.SALT)) | cart_cookies(cafe),
        language=st.sampled_from(["en", "zh-hans"]),
        has_seen_the_page=st.booleans(),
    )
    def each_is_one_order_or_none(form: Any, kept: str, language: str, has_seen_the_page: bool) -> None:
        address, cookies = f"/{language}/checkout/", f"cart={kept}"
        if has_seen_the_page and not isinstance(form, bytes):
            page = cafe.send("GET", address, HTTP_COOKIE=cookies).content.decode()
            form = [
                *form,
                *(("expected_total", total) for total in re.findall(r'expected_total" value="(.+?)"', page)),
            ]
        response = cafe.submit(address, form, HTTP_COOKIE=cookies)
        new = Order.objects.count() - len(cafe.before["Order"])
        if response.status_code == 302 and "/order/" in response["Location"]:
            assert new == ("?notice=" not in response["Location"])
            placed[new == 1] += 1
            assert cafe.send("GET", response["Location"].partition("?")[0]).status_code == 200
        else:
            assert new == 0
        cafe.assert_books(may_differ=new == 1)

    # A few random examples may all be refused; these two are a new order and an idempotent replay.
    for key in ("another-key-of-this-one", KEY_OF_AN_ORDER):
        good = {"customer_name": "王芳", "phone": "", "note": "", "fulfilment": "here", "is_unsure": ""}
        line = signed([key, [cafe.latte.pk, [cafe.options[0]], 1, "25.00"]], cookie.SALT)
        form = list((good | {"submission_key": key, "expected_total": "25.00"}).items())
        with undone():
            each_is_one_order_or_none(form=form, kept=line, language="en", has_seen_the_page=False)

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 302, 422}
    assert placed.keys() == {True, False}  # a new order, and an idempotent replay


def placed_before(cafe: Cafe) -> None:
    """Place an order by the checkout, under an idempotency key that some random carts share."""
    kept = signed([KEY_OF_AN_ORDER, [cafe.americano.pk, [], 1, "18.00"]], cookie.SALT)
    form = {"customer_name": "王芳", "fulfilment": "here", "submission_key": KEY_OF_AN_ORDER, "expected_total": "18"}
    response = cafe.submit("/en/checkout/", form, HTTP_COOKIE=f"cart={kept}")
    assert response.status_code == 302
    cafe.before = factories.books()


def test_an_orders_forms_obey_its_own_device_only(cafe: Cafe, size: Callable[[int], int]) -> None:
    @tried(
        size(1000),
        token=st.sampled_from(cafe.tokens),
        action=st.sampled_from(["cancel", "again"]),
        form=pairs({"a": texts}),
        kept=device_cookies(cafe),
        full=right_carts(cafe).map(lambda kept: signed(kept, cookie.SALT)),
    )
    def each_is_answered(token: str, action: str, form: Any, kept: str, full: str) -> None:
        cookies = f"my_orders={kept}; cart={full}"
        response = cafe.submit(f"/zh-hans/order/{quote(token)}/{action}/", form, HTTP_COOKIE=cookies)
        assert response.status_code == 302
        is_cancelled = action == "cancel" and "?notice=" not in response["Location"]
        cafe.assert_books(may_differ=is_cancelled)
        if is_cancelled:
            assert token in signing.loads(kept, salt=device_orders.SALT)
            assert Order.objects.get(token=token).status == Status.CANCELLED

    cafe.tell()
