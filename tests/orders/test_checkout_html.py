"""The HTML forms from cart to order page: fields that are kept, requests that are refused, the words of a refusal."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from menu.models import Item, Option
from orders.cart import cookie as carts
from orders.cart.cookie import CartLine
from orders.models import UNDO_IS_SEEN_S, Order, Stock
from orders.services import advance_order, cancel_order, mark_no_show, mark_paid, set_stock, undo_order
from tests.harness.factories import americano, barista, croissant, item, latte, nothing_written, option, order, wanted

pytestmark = pytest.mark.django_db

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
OTHER_CHARACTERS = "购物车".encode().decode("latin-1")  # a WSGI server decodes header bytes as Latin-1


@pytest.fixture
def client() -> Client:
    return Client(headers=SAME_ORIGIN)


@pytest.fixture
def other_device() -> Client:
    return Client(headers=SAME_ORIGIN)


def add(client: Client, what: Item, *options: str, language: str = "en", **fields: Any) -> HttpResponse:
    """Add an item with the options of these English names, as the item page's form does."""
    form: dict[str, Any] = {"item": what.pk, "chosen": "1", "quantity": "1"}
    for name in options:
        chosen = option(what, name)
        form.setdefault(f"group-{chosen.group_id}", []).append(chosen.pk)
    return client.post(f"/{language}/cart/add/", form | fields)


def lines(client: Client) -> list[tuple[int, tuple[int, ...], int, Decimal]]:
    """Return the lines of the client's cart cookie."""
    if not cookie(client):
        return []
    _key, *rows = signing.loads(cookie(client), salt=carts.SALT)
    return [(id_, tuple(options), quantity, Decimal(price)) for id_, options, quantity, price in rows]


def cookie(client: Client) -> str:
    return client.cookies["cart"].value if "cart" in client.cookies else ""


def form_of(page: HttpResponse, **fields: str) -> dict[str, str]:
    """Return the checkout form's fields as a customer fills it in, hidden ones included."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    hidden.pop("csrfmiddlewaretoken", None)
    assert hidden.keys() == {"submission_key", "cart_seen", "expected_total"}
    return hidden | {"customer_name": "王芳", "phone": "", "fulfilment": "to_go", "note": ""} | fields


def check_out(client: Client, language: str = "en") -> HttpResponse:
    page = client.get(f"/{language}/checkout/")
    assert page.status_code == 200
    return page


def submit(client: Client, form: dict[str, str], language: str = "en") -> HttpResponse:
    return client.post(f"/{language}/checkout/", form)


def text_of(page: HttpResponse) -> str:
    """Return a page's visible text: no tags, scripts or drawings, whitespace collapsed."""
    words = re.sub(r"<svg.*?</svg>|<script.*?</script>|<[^>]*>", " ", page.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", words)


# The cart


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


def line_key(client: Client) -> str:
    id_, options, _quantity, _price = lines(client)[0]
    return "-".join(map(str, (id_, *options)))


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


# A cart cookie that is not ours


def signed(*rows: Any, key: str = "k" * 22, salt: str = carts.SALT) -> str:
    return signing.dumps([key, *rows], salt=salt, compress=True)


@pytest.fixture
def forged() -> dict[str, str]:
    good = signed([latte().pk, [], 1, "0.01"])
    return {
        "garbage": "garbage",
        "empty parts": "::",
        "other characters": OTHER_CHARACTERS,
        "no signature": good.rpartition(":")[0],
        "another signature": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another body": "x" + good,
        "another salt": signed([1, [], 1, "0.01"], salt=""),
        "a device's cookie": signing.dumps(["token"], salt="orders.device"),
        "a word": signing.dumps("cart", salt=carts.SALT),
        "a number": signing.dumps(1, salt=carts.SALT),
        "nothing": signing.dumps(None, salt=carts.SALT),
        "no key": signing.dumps([], salt=carts.SALT),
        "half a line": signed([1]),
        "a price that is none": signed([1, [], 1, "x"]),
        "options that are none": signed([1, 2, 1, "1"]),
    }


FORGED = [
    "garbage", "empty parts", "other characters", "no signature", "another signature", "another body", "another salt",
    "a device's cookie", "a number", "nothing", "no key", "half a line", "a price that is none",
    "options that are none",
]  # fmt: skip


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_cart_is_thrown_away_politely(client: Client, forged: dict[str, str], kind: str) -> None:
    client.cookies["cart"] = forged[kind]
    with nothing_written():
        page = client.get("/en/cart/")
    assert page.status_code == 200
    assert "We could not read your cart, so we start with an empty one." in text_of(page)
    assert page.cookies["cart"].value == page.cookies["cart_badge"].value == ""
    assert page.cookies["cart"]["max-age"] == 0


@pytest.mark.parametrize("kind", FORGED)
def test_nothing_is_ordered_from_a_forged_cart(client: Client, forged: dict[str, str], kind: str) -> None:
    client.cookies["cart"] = forged[kind]
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "0.01"}
    with nothing_written():
        response = submit(client, form)
    assert (response.status_code, response["Location"]) == (302, "/en/cart/")


def test_a_forged_cart_is_replaced_by_the_next_item(client: Client, forged: dict[str, str]) -> None:
    client.cookies["cart"] = forged["garbage"]
    roll = croissant()
    add(client, roll)
    assert [line[0] for line in lines(client)] == [roll.pk]


@pytest.mark.parametrize("value", ["garbage", "", OTHER_CHARACTERS])
def test_a_forged_device_cookie_is_no_device(client: Client, value: str) -> None:
    client.cookies["my_orders"] = value
    assert "No orders from this device yet." in text_of(client.get("/en/orders/mine/"))


def test_a_device_cookie_of_another_shape_is_no_device(client: Client) -> None:
    for kept in ({"a": 1}, "token", 1, None, [1, None, {}]):
        client.cookies["my_orders"] = signing.dumps(kept, salt="orders.device")
        assert "No orders from this device yet." in text_of(client.get("/en/orders/mine/"))


def test_a_cart_of_yesterday_is_empty(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as yesterday:
        yesterday.setattr(time, "time", lambda: now - 24 * 3600 - 60)
        client.cookies["cart"] = signed([latte().pk, [], 1, "25.00"])
    page = client.get("/en/cart/")
    assert page.status_code == 200
    assert "Your cart is empty." in text_of(page)


def test_a_price_in_the_cart_is_never_charged(client: Client) -> None:
    drink = latte()
    client.cookies["cart"] = signed([drink.pk, [option(drink, "Small").pk], 1, "0.01"])
    assert client.get("/en/checkout/")["Location"] == "/en/cart/"
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "0.01"}
    with nothing_written():
        assert submit(client, form).status_code == 409


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_signed_line_with_a_quantity_out_of_range_orders_nothing(client: Client, quantity: int) -> None:
    """Only a leaked signing key could sign such a line; the service refuses its quantity."""
    roll = croissant(stock=5)
    client.cookies["cart"] = signed([roll.pk, [], quantity, "16.00"])
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "16.00"}
    with nothing_written():
        assert submit(client, form).status_code in (302, 409)


# Cross-site forms

FORMS = ["cart/add/", "cart/change/", "cart/accept/", "cart/put-back/", "cart/settle/", "checkout/"]
FOREIGN = {
    "cross-site": {"sec-fetch-site": "cross-site"},
    "another subdomain": {"sec-fetch-site": "same-site"},
    "typed": {"sec-fetch-site": "none"},
    "an empty Sec-Fetch-Site": {"sec-fetch-site": ""},
    "cross-site with our Origin": {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    "foreign Origin": {"origin": "https://evil.example"},
    "foreign Origin, our Referer": {"origin": "https://evil.example", "referer": "http://testserver/en/"},
    "null Origin": {"origin": "null"},
    "our name as a part": {"origin": "http://testserver.evil.example"},
    "our name as a user": {"origin": "http://testserver@evil.example"},
    "another port": {"origin": "http://testserver:8080"},
    "no scheme": {"origin": "testserver"},
    "another scheme": {"origin": "ftp://testserver"},
    "half an address": {"origin": "http://[::1"},
    "foreign Referer": {"referer": "https://evil.example/http://testserver/"},
    "nothing at all": {},
}  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_form_from_elsewhere_is_refused(client: Client, headers: dict[str, str]) -> None:
    add(client, croissant(stock=5))
    form = form_of(check_out(client)) | {
        "item": str(Item.objects.get().pk),
        "line": line_key(client),
        "quantity": "0",
    }
    client.defaults.pop("HTTP_SEC_FETCH_SITE")
    before = cookie(client)
    for path in FORMS:
        with nothing_written():
            response = client.post(f"/en/{path}", form, headers=headers)
        assert response.status_code == 403
        assert response["Cache-Control"] == "no-store"
        assert response.cookies.keys() <= {"csrftoken"}
        assert cookie(client) == before


OWN = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    {"origin": "http://testserver"},
    {"referer": "http://testserver/en/"},
]


@pytest.mark.parametrize("headers", OWN, ids=repr)
def test_a_form_of_ours_is_taken_without_a_token(headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/en/cart/add/", {"item": croissant().pk}, headers=headers)
    assert response["Location"] == "/en/cart/?added=croissant"


def test_checkout_and_the_orders_page_want_djangos_token() -> None:
    client = Client(enforce_csrf_checks=True, headers=SAME_ORIGIN)
    add(client, croissant(stock=5))
    page = check_out(client)
    form = form_of(page)
    with nothing_written():
        assert submit(client, form).status_code == 403
        assert submit(client, form | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token
    placed = submit(client, form | {"csrfmiddlewaretoken": token[1]})
    assert placed.status_code == 302
    for action in ("cancel", "again"):
        with nothing_written():
            assert client.post(f"{placed['Location']}{action}/").status_code == 403


# Checkout


@pytest.mark.parametrize(("language", "name", "size"), [("en", "Latte", "Large"), ("zh-hans", "拿铁", "大杯")])
def test_an_order_is_placed_and_its_page_opened(client: Client, language: str, name: str, size: str) -> None:
    add(client, latte(), "Large", quantity="2", language=language)
    page = check_out(client, language)
    for words in (name, size, "¥62"):
        assert words in text_of(page)
    form = form_of(page, customer_name=" 王 芳 🐼 ", phone="138 0013 8000", fulfilment="here", note="少冰")
    response = submit(client, form, language)
    placed = Order.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/{language}/order/{placed.token}/")
    assert (placed.customer_name, placed.phone, placed.note) == ("王 芳 🐼", "+8613800138000", "少冰")
    assert (placed.fulfilment, placed.language, placed.total) == ("here", language, Decimal("62.00"))
    assert lines(client) == []
    assert client.cookies["cart_badge"].value == ""
    mine = response.cookies["my_orders"]
    assert (mine["httponly"], mine["samesite"]) == (True, "Lax")
    shown = text_of(client.get(response["Location"]))
    for words in (str(placed.number), name, size, "¥62", "王 芳 🐼", "少冰"):
        assert words in shown


BAD_FIELDS = [
    {"customer_name": ""},
    {"customer_name": "   "},
    {"customer_name": "a" * 61},
    {"customer_name": "长" * 10_000},
    {"customer_name": "NUL\x00"},
    {"customer_name": "bell\x07"},
    {"note": "n" * 201},
    {"note": "\x00"},
    {"phone": "call me"},
    {"phone": "1"},
    {"phone": "9" * 41},
    {"fulfilment": ""},
    {"fulfilment": "delivery"},
    {"expected_total": ""},
    {"expected_total": "NaN"},
    {"expected_total": "Infinity"},
    {"expected_total": "1e400"},
    {"expected_total": "abc"},
    {"submission_key": ""},
    {"submission_key": "short"},
    {"submission_key": "键" * 20},
    {"submission_key": "k" * 65},
    {"cart_seen": "x" * 17},
]


@pytest.mark.parametrize("wrong", BAD_FIELDS, ids=lambda wrong: repr(wrong)[:40])
def test_a_wrong_field_is_said_and_the_cart_is_kept(client: Client, wrong: dict[str, str]) -> None:
    add(client, croissant(stock=5))
    form = form_of(check_out(client), **wrong)
    before = cookie(client)
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 422
    assert "field__error" in response.content.decode() or "This page was not complete." in text_of(response)
    assert cookie(client) == before


def test_what_was_written_is_shown_again_after_a_wrong_field(client: Client) -> None:
    add(client, croissant())
    response = submit(client, form_of(check_out(client), customer_name="", note="<b>少冰</b>", fulfilment="here"))
    page = response.content.decode()
    assert 'value="&lt;b&gt;少冰&lt;/b&gt;"' in page
    assert re.search(r'value="here" required checked', page)


def test_the_same_form_again_is_the_same_order(client: Client) -> None:
    roll = croissant(stock=5)
    add(client, roll)
    form = form_of(check_out(client))
    first = submit(client, form)
    with nothing_written():
        second = submit(client, form)
    assert second.status_code == 302
    assert second["Location"] == f"{first['Location']}?notice=before"
    assert "nothing was ordered twice" in text_of(client.get(second["Location"]))


def test_the_same_form_twice_at_once_is_the_same_order(client: Client) -> None:
    add(client, croissant(stock=5))
    form, cart = form_of(check_out(client)), cookie(client)
    first = submit(client, form)
    client.cookies["cart"] = cart  # the second request had left before the first answer came
    with nothing_written():
        second = submit(client, form)
    assert second["Location"] == first["Location"]


def test_two_tabs_of_one_cart_are_one_order(client: Client) -> None:
    add(client, croissant(stock=5))
    first, second = form_of(check_out(client)), form_of(check_out(client))
    assert first == second
    submit(client, first)
    with nothing_written():
        submit(client, second)


def test_the_next_cart_is_another_order(client: Client) -> None:
    roll = croissant(stock=5)
    for _time in range(2):
        add(client, roll)
        submit(client, form_of(check_out(client)))
    assert Order.objects.count() == 2
    assert Stock.objects.get().available == 3


def test_a_changed_cart_under_the_same_key_opens_the_first_order_and_keeps_the_rest(client: Client) -> None:
    roll, drink = croissant(stock=5), americano()
    add(client, roll)
    form, cart = form_of(check_out(client)), cookie(client)
    first = submit(client, form)
    client.cookies["cart"] = cart
    add(client, drink)
    with nothing_written():
        response = submit(client, form | {"expected_total": "34.00"})
    assert response["Location"] == f"{first['Location']}?notice=again"
    assert "Your newer cart is kept; it is not ordered yet." in text_of(client.get(response["Location"]))
    assert [line[0] for line in lines(client)] == [drink.pk]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert [line.item_id for line in Order.objects.latest("pk").lines.all()] == [drink.pk]


def test_an_empty_cart_places_nothing(client: Client) -> None:
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "1"}
    for key in ("k" * 22, "", "键", "\x00"):
        with nothing_written():
            assert submit(client, form | {"submission_key": key})["Location"] == "/en/cart/"


def test_a_programs_key_opens_no_order_at_the_checkout(client: Client) -> None:
    """API clients choose idempotency keys such as "order-1": a guessed key must not grant rights over the order."""
    placed = order(submission_key="a-programs-own-order-1", submission_hash="h")
    with nothing_written():
        response = submit(client, {"submission_key": "a-programs-own-order-1"})
    assert response["Location"] == "/en/cart/"
    assert placed.token not in str(client.cookies)


def test_a_price_that_changed_is_shown_and_accepted_by_pressing_again(client: Client) -> None:
    add(client, croissant(stock=5), quantity="2")
    form = form_of(check_out(client))
    Item.objects.update(price="17.50")
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert "it is ¥35 now, not ¥32" in text_of(response)
    assert "Nothing has been ordered yet; your cart is kept." in text_of(response)
    again = form_of(response)
    assert again == form | {"expected_total": "35.00"}
    assert 'value="王芳"' in response.content.decode()
    assert submit(client, again).status_code == 302
    assert Order.objects.get().total == Decimal("35.00")


def test_a_price_that_fell_is_shown_as_well(client: Client) -> None:
    add(client, croissant(stock=5))
    form = form_of(check_out(client))
    Item.objects.update(price="9.00")
    with nothing_written():
        assert submit(client, form).status_code == 409


def test_what_sold_out_meanwhile_is_said_and_the_cart_is_kept(client: Client) -> None:
    roll = croissant(stock=2)
    add(client, roll, quantity="2")
    form, before = form_of(check_out(client)), lines(client)
    set_stock(item=roll, available=1, reason="dropped one")
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert "Only 1 of Butter Croissant left." in text_of(response)
    assert lines(client) == before
    client.post("/en/cart/change/", {"line": line_key(client), "quantity": "1"})
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Stock.objects.get().available == 0


@pytest.mark.parametrize("gone", [{"is_listed": False}, {"is_available": False}])
def test_an_item_that_went_meanwhile_is_refused_and_the_cart_is_kept(client: Client, gone: dict[str, bool]) -> None:
    add(client, croissant())
    add(client, americano())
    form, before = form_of(check_out(client)), lines(client)
    Item.objects.filter(slug="croissant").update(**gone)
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert lines(client) == before


# Menu changes while items are in the cart


def accept(client: Client) -> HttpResponse:
    seen = re.search(r'name="seen" value="(\w+)"', client.get("/en/cart/").content.decode())
    assert seen
    return client.post("/en/cart/accept/", {"seen": seen[1]})


def test_every_change_is_said_and_one_button_accepts_the_repaired_cart(client: Client) -> None:
    drink, roll, cake = latte(), croissant(stock=1), item("cake", name_en="Cake")
    add(client, drink, "Large", "Vanilla", quantity="2")
    add(client, roll)
    add(client, cake, quantity="5")
    set_stock(item=roll, available=0, reason="sold")
    Item.objects.filter(pk=cake.pk).update(max_per_order=3)
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    Option.objects.filter(name_en="Large").update(price_delta="7.00")
    page = text_of(client.get("/en/cart/"))
    for words in (
        "Latte: “Vanilla” is sold out; we leave it out.",
        "Latte costs ¥32 now, not ¥34.",
        "Butter Croissant is sold out; we take it out.",
        "Cake: at most 3 in one order; we take out the rest.",
        "All right, ¥94 then",
    ):
        assert words in page
    assert client.get("/en/checkout/")["Location"] == "/en/cart/", "no checkout before that"
    with nothing_written():
        assert accept(client)["Location"] == "/en/cart/"
    assert lines(client) == [
        (drink.pk, (option(drink, "Large").pk,), 2, Decimal("32.00")),
        (cake.pk, (), 3, Decimal("10.00")),
    ]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Order.objects.get().total == Decimal("94.00")


def test_an_item_that_is_gone_and_an_option_that_is_gone_are_said(client: Client) -> None:
    drink, roll = latte(), croissant()
    add(client, drink, "Large", "Vanilla")
    add(client, roll)
    Item.objects.filter(pk=roll.pk).update(is_listed=False)
    Option.objects.filter(name_en="Vanilla").delete()
    Option.objects.filter(name_en="Large").update(is_available=False)
    page = text_of(client.get("/en/cart/"))
    assert "Something in your cart is no longer on the menu; we take it out." in page
    assert "Latte: one of its options is gone; we leave it out." in page
    assert "Latte comes with “Small” instead." in page
    accept(client)
    assert lines(client) == [(drink.pk, (option(drink, "Small").pk,), 1, Decimal("25.00"))]


def test_a_cart_of_which_nothing_is_left_is_emptied(client: Client) -> None:
    add(client, croissant())
    Item.objects.update(is_listed=False)
    accept(client)
    assert lines(client) == []


@pytest.mark.parametrize("seen", ["", "0" * 16, "拿铁"])
def test_another_repair_than_the_page_showed_is_not_accepted(client: Client, seen: str) -> None:
    add(client, croissant())
    Item.objects.update(price="20")
    before = cookie(client)
    response = client.post("/en/cart/accept/", {"seen": seen})
    assert response["Location"] == "/en/cart/?notice=changed"
    assert cookie(client) == before
    assert "Your cart had changed meanwhile; please look again." in text_of(client.get(response["Location"]))


def test_the_cart_speaks_the_language_of_its_address(client: Client) -> None:
    add(client, croissant(), language="zh-hans")
    assert "黄油可颂" in text_of(client.get("/zh-hans/cart/"))
    assert "Butter Croissant" in text_of(client.get("/en/cart/"))


# The order's page


@pytest.fixture
def placed(client: Client) -> Order:
    """An order of this client's device: two counted croissants of 王小明."""
    add(client, croissant(stock=5), quantity="2")
    submit(client, form_of(check_out(client), customer_name="王小明", note="no sugar"))
    return Order.objects.get()


@pytest.fixture
def page_of(placed: Order) -> Iterator[str]:
    return f"/en/order/{placed.token}/"


def test_cancelling_while_pending_gives_back_the_stock(client: Client, placed: Order, page_of: str) -> None:
    assert "Cancel this order" in text_of(client.get(page_of))
    assert client.post(f"{page_of}cancel/")["Location"] == page_of
    placed.refresh_from_db()
    assert placed.status == "cancelled"
    assert Stock.objects.get().available == 5
    with nothing_written():
        assert client.post(f"{page_of}cancel/")["Location"] == page_of, "pressed twice, it is cancelled all the same"


def test_another_device_may_watch_but_not_cancel_nor_order_again(
    other_device: Client, placed: Order, page_of: str
) -> None:
    page = text_of(other_device.get(page_of))
    assert str(placed.number) in page
    for words in ("王小明", "no sugar", "Cancel this order", "Order this again"):
        assert words not in page
    for action in ("cancel", "again"):
        with nothing_written():
            response = other_device.post(f"{page_of}{action}/")
        assert response["Location"] == f"{page_of}?notice=other"
        assert lines(other_device) == []
    assert "Only the device that placed this order can do that." in text_of(other_device.get(response["Location"]))


def test_cancelling_after_the_start_is_refused(client: Client, placed: Order, page_of: str) -> None:
    advance_order(order=placed, actor=barista())
    assert "Cancel this order" not in text_of(client.get(page_of))
    with nothing_written():
        response = client.post(f"{page_of}cancel/")
    assert response["Location"] == f"{page_of}?notice=late"
    assert "It is too late to cancel this order" in text_of(client.get(response["Location"]))


@pytest.mark.parametrize("token", ["nothing", "a" * 22, "a" * 2000, "é", "拿铁", "%00", "%ff", "0", "-"])
@pytest.mark.parametrize("action", ["", "cancel/", "again/"])
def test_an_unknown_token_is_not_found(client: Client, placed: Order, token: str, action: str) -> None:
    with nothing_written():
        response = (client.post if action else client.get)(f"/en/order/{token}/{action}")
    assert response.status_code == 404


@pytest.mark.parametrize("action", ["cancel/", "again/"])
def test_a_link_changes_nothing(client: Client, placed: Order, page_of: str, action: str) -> None:
    with nothing_written():
        assert client.get(f"{page_of}{action}")["Location"] == page_of


def test_ordering_again_fills_the_cart(client: Client, placed: Order, page_of: str) -> None:
    with nothing_written():
        assert client.post(f"{page_of}again/")["Location"] == "/en/checkout/"
    assert lines(client) == [(Item.objects.get().pk, (), 2, Decimal("16.00"))]


def poll(client: Client, path: str, seen: str) -> HttpResponse:
    return client.get(path, {"seen": seen}, headers={"hx-request": "true"})


def test_an_unchanged_order_is_polled_without_a_page(client: Client, page_of: str) -> None:
    response = poll(client, page_of, "pending.unpaid")
    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response["Cache-Control"]


def test_a_changed_order_is_polled_as_a_fragment(client: Client, placed: Order, page_of: str) -> None:
    advance_order(order=placed, actor=barista())
    response = poll(client, page_of, "pending.unpaid")
    assert response.status_code == 200
    assert response.content.lstrip().startswith(b'<div class="order-state')
    assert "Being made" in text_of(response)
    assert "?seen=preparing.unpaid" in response.content.decode()
    mark_paid(order=placed, actor=barista())
    assert poll(client, page_of, "preparing.unpaid").status_code == 200
    assert poll(client, page_of, "preparing.paid").status_code == 204


def test_a_pick_up_may_be_undone_so_its_page_goes_on_polling_for_a_while(
    client: Client, placed: Order, page_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _step in range(3):
        advance_order(order=placed, actor=barista())
    assert poll(client, page_of, "ready.unpaid").status_code == 200
    assert poll(client, page_of, "completed.unpaid").status_code == 204
    undo_order(order=placed, actor=barista())
    assert "Ready!" in text_of(poll(client, page_of, "completed.unpaid"))
    advance_order(order=placed, actor=barista())
    later = timezone.now() + timedelta(seconds=UNDO_IS_SEEN_S + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    response = poll(client, page_of, "completed.unpaid")
    assert response.status_code == 286
    assert b"hx-get" not in response.content


@pytest.mark.parametrize("end", ["cancelled", "no_show"])
def test_a_closed_order_ends_the_polling_once_its_end_is_not_undone_any_more(
    client: Client, placed: Order, page_of: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if end == "cancelled":
        cancel_order(order=placed)
    else:
        advance_order(order=placed, actor=barista())
        advance_order(order=placed, actor=barista())
        mark_no_show(order=placed, actor=barista())
    assert poll(client, page_of, "pending.unpaid").status_code == 200
    assert poll(client, page_of, f"{end}.unpaid").status_code == 204
    later = timezone.now() + timedelta(seconds=UNDO_IS_SEEN_S + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for seen in ("pending.unpaid", f"{end}.unpaid"):
        response = poll(client, page_of, seen)
        assert response.status_code == 286
        assert b"hx-get" not in response.content
    assert b"hx-get" not in client.get(page_of).content


def test_the_orders_page_takes_three_queries(client: Client, page_of: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        client.get(page_of)


@pytest.mark.parametrize("notice", ["<script>", "nothing", "%00", "拿铁"])
def test_a_notice_that_is_none_of_ours_is_not_shown(client: Client, page_of: str, notice: str) -> None:
    page = client.get(page_of, {"notice": notice})
    assert page.status_code == 200
    assert 'class="notice"' not in page.content.decode()


def test_a_name_is_shown_as_text(client: Client) -> None:
    add(client, croissant())
    response = submit(client, form_of(check_out(client), customer_name="<script>alert(1)</script>"))
    page = client.get(response["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# My orders, and the board


def test_my_orders_are_this_devices_twenty_newest(client: Client, other_device: Client) -> None:
    roll = croissant()
    for _time in range(21):
        add(client, roll)
        submit(client, form_of(check_out(client)))
    tokens = list(Order.objects.order_by("-pk").values_list("token", flat=True))
    page = client.get("/en/orders/mine/").content.decode()
    assert re.findall(r'href="/en/order/([\w-]+)/"', page) == tokens[:20]
    assert "No orders from this device yet." in text_of(other_device.get("/en/orders/mine/"))


def test_my_orders_say_their_status(client: Client, placed: Order) -> None:
    advance_order(order=placed, actor=barista())
    page = text_of(client.get("/en/orders/mine/"))
    for words in (str(placed.number), "2 × Butter Croissant", "¥32", "Being made"):
        assert words in page


def numbers(page: HttpResponse) -> list[list[str]]:
    columns = page.content.decode().split("<section")[1:]
    return [re.findall(r"board__number[^>]*>(\d+)<", column) for column in columns]


def test_the_board_shows_what_is_made_and_what_is_ready(client: Client) -> None:
    actor = barista()
    orders = [order(wanted(croissant()))] + [order() for _time in range(4)]
    for placed in orders[:4]:
        advance_order(order=placed, actor=actor)
    for placed in orders[:2]:
        advance_order(order=placed, actor=actor)
    called = [str(placed.number) for placed in orders]
    page = client.get("/en/board/")
    assert numbers(page) == [[called[2], called[3]], [called[1], called[0]]]
    assert "王芳" not in page.content.decode()
    advance_order(order=orders[0], actor=actor)
    assert numbers(client.get("/en/board/")) == [[called[2], called[3]], [called[1]]]


def test_the_board_is_polled(client: Client) -> None:
    page = client.get("/en/board/").content.decode()
    seen = re.search(r"\?seen=(\w+)", page)
    assert seen
    assert poll(client, "/en/board/", seen[1]).status_code == 204
    advance_order(order=order(), actor=barista())
    changed = poll(client, "/en/board/", seen[1])
    assert changed.status_code == 200
    assert changed.content.lstrip().startswith(b'<div class="board"')


def test_the_board_takes_one_query(client: Client, django_assert_num_queries: Any) -> None:
    for _time in range(3):
        advance_order(order=order(), actor=barista())
    with django_assert_num_queries(1):
        client.get("/en/board/")


PAGES = ["/en/cart/", "/en/orders/mine/", "/en/board/", "/zh-hans/cart/", "/zh-hans/orders/mine/", "/zh-hans/board/"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_a_session_or_an_inline_style(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "sessionid" not in page.cookies
    assert "no-store" in page["Cache-Control"]
    html = page.content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", html)


def test_a_file_sent_instead_of_a_word_is_refused(client: Client) -> None:
    add(client, croissant(stock=5))
    form = {name: value for name, value in form_of(check_out(client)).items() if name != "customer_name"}
    body = encode_multipart(BOUNDARY, form)
    with nothing_written():
        response = client.generic("POST", "/en/checkout/", body, content_type=MULTIPART_CONTENT)
    assert response.status_code == 422


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_10_mb_is_refused(client: Client, path: str) -> None:
    with nothing_written():
        assert client.post(f"/en/{path}", {"note": "x" * 10 * 1024 * 1024}).status_code == 413


def test_a_line_knows_itself_by_its_item_and_options() -> None:
    assert CartLine(7, (3, 1), 2, Decimal(1)).key == "7-3-1"


# Remaining stock, and changes by another tab


def test_one_touch_takes_what_is_left(client: Client) -> None:
    roll, drink = croissant(stock=2), americano()
    add(client, roll, quantity="2")
    add(client, drink)
    form = form_of(check_out(client))
    set_stock(item=roll, available=1, reason="dropped")
    with nothing_written():
        page = submit(client, form)
    assert page.status_code == 409
    assert "Only 1 of" in text_of(page)
    assert "Place the order" not in text_of(page), "pressing it again would be refused again"
    left = dict(re.findall(r'name="(left-\d+)" value="(\d+)"', page.content.decode()))
    assert left == {f"left-{roll.pk}": "1"}
    assert client.post("/en/cart/take-what-is-left/", left)["Location"] == "/en/checkout/"
    assert [(id_, quantity) for id_, _options, quantity, _price in lines(client)] == [(roll.pk, 1), (drink.pk, 1)]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Stock.objects.get().available == 0


@pytest.mark.parametrize(
    "left", [{"left-1": "-1"}, {"left-x": "1"}, {"left-": ""}, {"left-1": "9" * 30}, {"other": "1"}]
)
def test_what_is_no_count_of_what_is_left_changes_nothing(client: Client, left: dict[str, str]) -> None:
    add(client, americano(), quantity="3")
    before = lines(client)
    client.post("/en/cart/take-what-is-left/", left)
    assert lines(client) == before


def test_a_cart_changed_in_another_tab_is_shown_before_it_is_ordered(client: Client) -> None:
    drink = latte()
    add(client, drink, "Small")
    form = form_of(check_out(client))
    add(client, americano())
    with nothing_written():
        page = submit(client, form)
    assert page.status_code == 409
    assert "Your cart had changed meanwhile" in text_of(page)
    assert "price changed" not in text_of(page)
    assert submit(client, form_of(page)).status_code == 302
    assert Order.objects.get().lines.count() == 2


@pytest.mark.parametrize("action", ["add", "change", "accept", "put-back", "settle", "take-what-is-left"])
def test_a_form_s_address_leads_back_to_the_cart(client: Client, action: str) -> None:
    assert client.get(f"/en/cart/{action}/")["Location"] == "/en/cart/"


@pytest.mark.parametrize(
    "name",
    [
        "\u202eevil Bob",
        "Bob\u2066",
        "\u200b",
        "\ufeff",
        "\u3164",
        "\u115f\u1160",
        "\u200d",
        "\u034f",
        "\u034f \u180b",
    ],
    ids=ascii,
)
def test_a_name_that_turns_or_hides_the_text_beside_it_is_refused(client: Client, name: str) -> None:
    add(client, americano())
    form = form_of(check_out(client), customer_name=name)
    with nothing_written():
        assert submit(client, form).status_code == 422


@pytest.mark.parametrize("name", ["👩‍🍳", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "नमस्ते", "مریم"], ids=ascii)
def test_a_name_in_any_script_is_kept(client: Client, name: str) -> None:
    add(client, americano())
    assert submit(client, form_of(check_out(client), customer_name=name)).status_code == 302
    assert Order.objects.get().customer_name == name


def test_a_lost_answer_and_a_form_filled_in_again_are_one_order(client: Client) -> None:
    add(client, americano())
    form = form_of(check_out(client))
    before = client.cookies["cart"].value
    submit(client, form)
    client.cookies["cart"] = before  # the answer, with its cookies, never came
    response = submit(client, form | {"customer_name": "Li Wei"})
    assert response["Location"].endswith("?notice=before")
    assert lines(client) == [], "what is ordered is not in the cart any more"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"customer_name": ""}, {"phone": "no"}])
def test_a_form_that_was_not_known_stays_so_when_it_is_corrected(client: Client, wrong: dict[str, str]) -> None:
    add(client, americano())
    page = submit(client, form_of(check_out(client)) | {"is_unsure": "on"} | wrong)
    assert page.status_code == 422
    assert 'name="is_unsure" value="on"' in page.content.decode()


# A script that asks for JSON gets the next address as JSON; every other request is redirected

AS_SCRIPT = {"accept": "application/json, text/html;q=0.9"}


def test_a_script_is_told_where_its_order_is_with_the_same_cookies(client: Client) -> None:
    add(client, americano())
    response = client.post("/en/checkout/", form_of(check_out(client)), headers=AS_SCRIPT)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == {"location": f"/en/order/{Order.objects.get().token}/"}
    assert "no-store" in response["Cache-Control"]
    assert lines(client) == []
    assert client.get("/en/orders/mine/").context["orders"]


def test_a_script_that_asks_again_is_told_the_same_order(client: Client) -> None:
    add(client, americano())
    form = form_of(check_out(client))
    before = client.cookies["cart"].value
    first = client.post("/en/checkout/", form, headers=AS_SCRIPT).json()["location"]
    again = client.post("/en/checkout/", form, headers=AS_SCRIPT)
    assert again.json() == {"location": f"{first}?notice=before"}
    client.cookies["cart"] = before  # the answer, with its cookies, never came
    assert client.post("/en/checkout/", form, headers=AS_SCRIPT).json() == {"location": first}
    changed = client.post("/en/checkout/", form | {"note": "oat"}, headers=AS_SCRIPT)
    assert changed.json()["location"].startswith(first)
    assert Order.objects.count() == 1


def test_a_script_without_a_cart_is_told_to_go_to_the_cart(client: Client) -> None:
    form = {"submission_key": "x" * 22}
    assert client.post("/en/checkout/", form, headers=AS_SCRIPT).json() == {"location": "/en/cart/"}


def test_a_script_is_refused_with_the_page(client: Client) -> None:
    roll = croissant(stock=1)
    add(client, roll)
    form = form_of(check_out(client))
    set_stock(item=roll, available=0, reason="dropped")
    with nothing_written():
        response = client.post("/en/checkout/", form, headers=AS_SCRIPT)
    assert response.status_code == 409
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html, application/json",
        "*/*",
        "image/png",
    ],
)
def test_who_does_not_prefer_json_is_redirected(client: Client, accept: str) -> None:
    add(client, americano())
    response = client.post("/en/checkout/", form_of(check_out(client)), headers={"accept": accept})
    assert (response.status_code, response["Location"]) == (302, f"/en/order/{Order.objects.get().token}/")
