"""Random valid and invalid input for every form and JSON address, and what must hold for each answer."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpResponse
from django.test import Client
from hypothesis import strategies as st

from orders import device_orders, services
from orders.audit import check_books
from orders.cart import cookie
from orders.models import FORWARD, Order, Status
from tests.harness import factories
from tests.harness.factories import barista, manager, option, order, wanted
from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture

SIZE_OF_A_SMALL_RUN = 1 / 80
STATUS_OF = {
    "malformed": {400},
    "forbidden": {403},
    "not_found": {404},
    "method_not_allowed": {405},
    "sold_out": {409},
    "price_changed": {409},
    "not_allowed_now": {409},
    "too_large": {413},
    "unsupported_media_type": {415},
    "invalid": {422},
    "unknown_item": {422},
    "key_reused": {422},
}


KEY_OF_AN_ORDER, KEY_OF_A_PROGRAM = "the-key-of-an-order-0001", "the-key-of-a-program"


JSON_ADDRESSES = ("/api/orders", "/orders")


HEADERS = re.findall(
    r"\w+",
    """HTTP_ACCEPT HTTP_ACCEPT_ENCODING HTTP_ACCEPT_LANGUAGE HTTP_AUTHORIZATION HTTP_IDEMPOTENCY_KEY
    HTTP_IF_MODIFIED_SINCE HTTP_IF_NONE_MATCH HTTP_ORIGIN HTTP_REFERER HTTP_SEC_FETCH_SITE HTTP_HX_REQUEST
    HTTP_HX_CURRENT_URL HTTP_HX_TARGET HTTP_X_REQUESTED_WITH HTTP_X_REQUEST_ID HTTP_X_FORWARDED_FOR
    HTTP_X_FORWARDED_HOST HTTP_X_FORWARDED_PROTO HTTP_X_CSRFTOKEN HTTP_RANGE""",
)


SAME_ORIGIN = {"HTTP_ORIGIN": "http://testserver"}


FORM = "application/x-www-form-urlencoded"


Strategy = st.SearchStrategy[Any]


class Cafe:
    """A café with five items and an order in every status; `send` and `submit` send it any request."""

    def __init__(self, note: Callable[[str, object], None]) -> None:
        self.note = note
        self.latte = factories.latte()
        self.americano = factories.americano(stock=40, max_per_order=50)
        self.croissant = factories.croissant(stock=2, max_per_order=5)
        self.gone = factories.item("gone", stock=0)
        self.unlisted = factories.item("unlisted", is_listed=False)
        self.items = [self.latte, self.americano, self.croissant, self.gone, self.unlisted]
        self.options = [option(self.latte, name).pk for name in ("Small", "Large", "Vanilla", "Cream")]
        self.manager, self.barista = manager(), barista()
        services.set_stock(item=self.croissant, available=2, daily=6, reason="counted")
        self.orders = {status: self._order(status) for status in Status}
        self.tokens = [order.token for order in self.orders.values()]
        self.orders["keyed"] = order(wanted(self.americano), submission_key=KEY_OF_A_PROGRAM)
        self.client = Client()
        self.statuses: Counter[int] = Counter()
        self.before = factories.books()

    def _order(self, status: Status) -> Order:
        placed = order(wanted(self.americano), wanted(self.latte, "Large", "Vanilla", quantity=2))
        if status == Status.CANCELLED:
            return services.cancel_order(order=placed)
        while placed.status != status and placed.status in FORWARD and status in Status.values:
            if placed.status == Status.READY and status == Status.NO_SHOW:
                return services.mark_no_show(order=placed)
            services.advance_order(order=placed)
        return placed

    def session_of(self, person: Any) -> str:
        client = Client()
        client.force_login(person)
        return f"sessionid={client.cookies['sessionid'].value}"

    def send(self, method: str, path: str | bytes, body: bytes = b"", type_: str = FORM, **meta: str) -> HttpResponse:
        """Send a request as a WSGI server passes it on; assert what holds for every answer."""
        raw = path if isinstance(path, bytes) else path.encode(errors="surrogatepass")
        response = self.client.generic(
            method, "/", body, content_type=type_, **{"PATH_INFO": raw.decode("latin-1"), "HTTP_COOKIE": ""} | meta
        )
        self.statuses[response.status_code] += 1
        assert response.status_code < 500, response.content
        assert b"Traceback" not in response.content
        if response.wsgi_request.path in JSON_ADDRESSES or response.wsgi_request.path.startswith("/api/"):
            assert_json(response)
        return response

    def submit(self, path: str, fields: Any, **meta: str) -> HttpResponse:
        """Post a form: (name, value) pairs, or raw bytes."""
        body = fields if isinstance(fields, bytes) else urlencode(fields, errors="surrogatepass").encode()
        return self.send("POST", path, body, **SAME_ORIGIN | meta)

    def assert_books(self, *, may_differ: bool) -> None:
        """Assert that no row changed, or (if `may_differ`) that `check_books` has no finding."""
        after = factories.books()
        if not may_differ:
            assert after == self.before
        if after != self.before:
            assert check_books() == []

    def tell(self) -> None:
        """Record the number of answers by status, for pytest to print."""
        answers = ", ".join(f"{times} × {status}" for status, times in sorted(self.statuses.items()))
        self.note("figures", f"{sum(self.statuses.values())} requests: {answers}")


def assert_json(response: HttpResponse) -> None:
    """Assert that the answer is JSON, and a refusal in the contract's shape."""
    assert response["Content-Type"] == "application/json"
    if response.wsgi_request.method == "HEAD":
        return
    answer = json.loads(response.content.decode())
    if response.status_code < 400:
        assert answer != {}
        return
    assert answer.keys() == {"error"}
    assert answer["error"].keys() == {"code", "message", "fields"}
    assert response.status_code in STATUS_OF[answer["error"]["code"]]
    assert isinstance(answer["error"]["message"], str)
    assert answer["error"]["message"]
    assert isinstance(answer["error"]["fields"], dict)
    assert response["Cache-Control"] == "no-store"


numbers = st.one_of(
    st.integers(-3, 120),
    st.integers(),
    st.sampled_from([2**31, 2**63 - 1, 2**63, 2**64, 10**18, 10**30, 10**400]),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-5, max_value=10**12).map(float),
)


texts = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(), max_size=80),  # lone surrogates too
    st.text("a咖é🙂\0\n '\"<&%;", max_size=300),
    st.sampled_from(
        ["", " ", "\u202e", "null", "NaN", "1e9", "٣", "²", "-1", "９", "13800138000", "+8199999999999999999"]
    ),
)


json_values: Strategy = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(texts, inner, max_size=6),
    max_leaves=15,
)


header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


headers = st.dictionaries(
    st.sampled_from(HEADERS),
    header_texts
    | st.sampled_from(
        ["", "*", '"a"', 'W/"a", "b"', "same-origin", "http://[", "null", "true", "en,zh;q=x", "-" * 600, "x" * 300]
    ),
    max_size=4,
)


query_strings = st.one_of(
    st.just(""),
    st.lists(
        st.tuples(st.sampled_from(["notice", "seen", "moved", "next", "q", "p", "o", "e", "status"]) | texts, texts),
        max_size=4,
    ).map(lambda pairs: urlencode(pairs, errors="surrogatepass")),
    header_texts,
)


def signed(value: Any, salt: str, *, compress: bool = False) -> str:
    return signing.dumps(value, salt=salt, compress=compress)


def right_carts(cafe: Cafe) -> Strategy:
    """Return carts as `orders.cart.cookie.write` packs them; some hold items that cannot be ordered."""
    lines = st.tuples(
        st.sampled_from([item.pk for item in cafe.items] + [1, 2**40]),
        st.lists(st.sampled_from(cafe.options), max_size=3, unique=True),
        st.integers(1, 6),
        st.sampled_from(["25.00", "18.00", "16.00", "10.00", "0.00"]),
    ).map(list)
    sellable = st.sampled_from(
        [
            [cafe.latte.pk, [cafe.options[0]], 1, "25.00"],
            [cafe.americano.pk, [], 3, "18.00"],
            [cafe.croissant.pk, [], 2, "16.00"],
        ]
    )
    key = st.just(KEY_OF_AN_ORDER) | st.text("abcXYZ019-_", min_size=16, max_size=64)
    return st.tuples(key, st.lists(sellable, max_size=2) | st.lists(sellable | lines, max_size=6)).map(
        lambda parts: [parts[0], *parts[1]]
    )


def cart_cookies(cafe: Cafe) -> Strategy:
    """Return values of the cart cookie: valid ones, validly signed ones of another shape, forged ones."""
    right = right_carts(cafe)
    return st.one_of(
        right.map(lambda kept: signed(kept, cookie.SALT, compress=True)),
        right.flatmap(mutated).map(lambda kept: signed(kept, cookie.SALT)),
        json_values.map(lambda kept: signed(kept, cookie.SALT)),
        right.map(lambda kept: signed(kept, device_orders.SALT)),
        header_texts,
    )


def device_cookies(cafe: Cafe) -> Strategy:
    tokens = st.lists(st.sampled_from(cafe.tokens), max_size=6)
    return st.one_of(
        tokens.map(lambda kept: signed(kept, device_orders.SALT)),
        tokens.flatmap(mutated).map(lambda kept: signed(kept, device_orders.SALT)),
        json_values.map(lambda kept: signed(kept, device_orders.SALT)),
        header_texts,
    )


def cookie_headers(cafe: Cafe) -> Strategy:
    """Return Cookie headers: none, our two cookies with all these values, other names with any value."""
    ours = st.tuples(cart_cookies(cafe), device_cookies(cafe)).map(
        lambda both: f"cart={both[0]}; my_orders={both[1]}"
    )
    names = st.sampled_from(["cart", "my_orders", "cart_badge", "sessionid", "csrftoken", "django_language"])
    others = st.lists(st.tuples(names | header_texts, header_texts), max_size=4)
    return st.just("") | ours | others.map(lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs))


Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return the path to every value inside a JSON value, its own included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def replaced(value: Any, path: Path, new: Any, *, remove: bool = False) -> Any:
    """Return a copy of a JSON value with the value at one path replaced or removed."""
    if not path:
        return new
    copy = value.copy()
    key, *rest = path
    if remove and not rest:
        del copy[key]
    else:
        copy[key] = replaced(value[key], tuple(rest), new, remove=remove)
    return copy


def mutated(value: Any) -> Strategy:
    """Return values that differ from this one at a single path."""
    path = st.sampled_from(places(value))
    return st.builds(
        lambda path, new, remove: replaced(value, path, new, remove=remove), path, json_values, st.booleans()
    )


def pairs(fields: dict[str, Strategy]) -> Strategy:
    """Return forms: the valid fields, with one missing, with more or random ones; or random bytes."""
    right = st.fixed_dictionaries(fields).map(lambda form: list(form.items()))
    loose = st.lists(
        st.tuples(st.sampled_from(list(fields)) | texts, texts | st.one_of(*fields.values())), max_size=8
    )
    return st.one_of(
        right,
        right.flatmap(lambda form: st.sampled_from(form).map(lambda one: [pair for pair in form if pair != one])),
        st.tuples(right, loose).map(lambda both: both[1] + both[0]),
        st.tuples(right, loose).map(lambda both: both[0] + both[1]),  # Django takes the last value of a name
        loose,
        st.binary(max_size=100),
    )
