"""Forms posted from another site are refused."""

import re

import pytest
from django.test import Client

from menu.models import Item
from tests.harness.factories import croissant, nothing_written
from tests.orders.checkout.pages import FORMS, SAME_ORIGIN, add, check_out, cookie, form_of, line_key, submit

pytestmark = pytest.mark.django_db


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


@pytest.mark.few_cases(5)
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
