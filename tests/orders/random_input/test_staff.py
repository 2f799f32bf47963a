"""Random input to the staff's forms: never a 500, and no inconsistent row."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from menu.models import Item
from orders.models import Order, Status
from tests.harness import factories
from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import Cafe, pairs, query_strings, texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def test_the_bars_buttons_make_allowed_moves_or_none(cafe: Cafe, size: Callable[[int], int]) -> None:
    session = cafe.session_of(cafe.barista)
    cafe.before = factories.books()
    actions = ["advance", "undo", "paid", "cancel", "no-show", "refund", "odd"]
    odd_tokens = texts.map(lambda text: text.replace("/", ""))
    form = pairs(
        {
            "seen": st.sampled_from(Status.values),
            "reason": texts,
            "restock": st.sampled_from(["", "on"]),
        }
    )

    @tried(
        size(1000),
        token=st.integers(0, 9).flatmap(lambda n: st.sampled_from(cafe.tokens) if n else odd_tokens),
        action=st.sampled_from(actions),
        form=form,
        asks=st.sampled_from([{}, {"HTTP_HX_REQUEST": "true"}]),
        is_seen=st.booleans(),
    )
    def each_is_answered(token: str, action: str, form: Any, asks: dict[str, str], is_seen: bool) -> None:
        found = Order.objects.filter(token=token).first() if token.isascii() else None
        if is_seen and found and not isinstance(form, bytes):
            form = [*form, ("seen", found.status)]
        response = cafe.submit(f"/admin/bar/{token}/{action}/", form, HTTP_COOKIE=session, **asks)
        was_moved = response.status_code == 302 or (response.status_code == 200 and bool(asks))
        cafe.assert_books(may_differ=was_moved)

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 302, 404, 409}


def test_the_admins_forms_write_counts_and_cancels_or_nothing(cafe: Cafe, size: Callable[[int], int]) -> None:
    session = cafe.session_of(cafe.manager)
    ids = [str(item.pk) for item in Item.objects.all()]
    counts = st.sampled_from(["0", "5", "", "1000000", "1000001", "-1", "2147483648", "1.5", "9" * 30])
    forms = {
        "/admin/orders/stock/add/": {
            "item": st.sampled_from(ids),
            "how": st.sampled_from(["set", "add"]),
            "available": counts,
            "daily": counts,
            "reason": st.just("counted"),
        },
        "/admin/orders/order/": {
            "action": st.sampled_from(["cancel", "refund", "start", "ready", "complete", "no_show", "paid", "odd"]),
            "_selected_action": st.sampled_from([str(order.pk) for order in cafe.orders.values()]),
            "reason": st.just("asked"),
            "restock": st.sampled_from(["", "on"]),
            "select_across": st.sampled_from(["0", "1"]),
            "index": st.just("0"),
        },
    }
    forms["/admin/orders/stock/1/change/"] = forms["/admin/orders/stock/add/"]
    filled = st.sampled_from(list(forms)).flatmap(lambda path: st.tuples(st.just(path), pairs(forms[path])))

    @tried(size(500), form=filled, query=query_strings)
    def each_is_answered(form: tuple[str, Any], query: str) -> None:
        path, fields = form
        response = cafe.submit(path, fields, HTTP_COOKIE=session, QUERY_STRING=query)
        cafe.assert_books(may_differ=response.status_code == 302)

    cafe.tell()
    assert cafe.statuses.keys() >= {200, 302}
