"""Random paths and query strings: never a 500."""

import re
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import Cafe, cookie_headers, headers, query_strings, texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


ADDRESSES = re.findall(
    r"\S+",
    """/ /en/ /zh-hans/ /en/item/{}/ /zh-hans/item/{} /media/{}.webp /api/orders/{} /api/{} /api /en/order/{}/
    /zh-hans/order/{}/ /en/cart/ /zh-hans/checkout/ /en/orders/mine/ /en/board/ /admin/bar/ /admin/bar/{}/
    /admin/orders/order/{}/change/ /admin/{} /i18n/setlang/ /api/menu /api/orders /orders /en/{} /{} {}
    /en/order/{}/cancel/ /en/order/{}/again/ /admin/bar/{}/advance/ /health /cache/stats""",
)


def test_any_address_is_answered_and_writes_nothing(cafe: Cafe, size: Callable[[int], int]) -> None:
    words = st.one_of(
        st.sampled_from([*cafe.tokens, "latte", "gone", "0", "-", "a" * 22, "..", "%", "[", "//["]),
        texts.map(lambda text: text.replace("\n", "\\")),
    )
    methods = st.sampled_from(["GET"] * 6 + ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "ODD"])

    @tried(
        size(3500),
        pattern=st.sampled_from(ADDRESSES),
        word=words,
        raw=st.binary(max_size=4),
        method=methods,
        query=query_strings,
        cookies=cookie_headers(cafe),
        meta=headers,
        host=st.sampled_from(["testserver"] * 8 + ["", "a b", "[", "example.org", "\xe9", "testserver:99999"]),
    )
    def each_is_answered(
        pattern: str, word: str, raw: bytes, method: str, query: str, cookies: str, meta: dict[str, str], host: str
    ) -> None:
        head, found, tail = pattern.partition("{}")
        path = head.encode() + (word.encode(errors="surrogatepass") + raw if found else b"") + tail.encode()
        cafe.send(method, path, HTTP_COOKIE=cookies, QUERY_STRING=query, HTTP_HOST=host, **meta)
        cafe.assert_books(may_differ=False)

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 302, 400, 404, 405}
