"""A shared order: anybody with its link sees the order's number and progress, and can change nothing."""

import re

import pytest
from django.core import signing
from django.test import Client, override_settings

from orders.models import Order
from orders.services import advance_order, mark_paid
from orders.storefront.sharing import shared_address
from tests.harness.factories import barista, croissant, nothing_written
from tests.orders.customer import a_device, add, place, text_of

pytestmark = pytest.mark.django_db

PRIVATE = ("王小明", "王", "no sugar", "13800138000", "Croissant", "¥")


@pytest.fixture
def owner() -> Client:
    return a_device()


@pytest.fixture
def friend() -> Client:
    return a_device()


@pytest.fixture
def placed(owner: Client) -> Order:
    add(owner, croissant(stock=5), quantity=2)
    return place(owner, phone="138 0013 8000")


@pytest.fixture
def shared(owner: Client, placed: Order) -> str:
    """Return the address that the order page's share button shares."""
    page = owner.get(f"/en/order/{placed.token}/").content.decode()
    [found] = re.findall(r'href="([^"]+)" data-share', page)
    return found


def test_it_shows_the_number_and_how_far_it_is(friend: Client, placed: Order, shared: str) -> None:
    page = friend.get(shared)
    assert page.status_code == 200
    assert f">{placed.number}</h1>" in page.content.decode()
    assert "Received" in text_of(page)
    advance_order(order=placed, actor=barista())
    assert "Being made" in text_of(friend.get(shared))


def test_it_shows_nothing_else(friend: Client, placed: Order, shared: str) -> None:
    page = friend.get(shared).content.decode()
    for words in (*PRIVATE, placed.token, "<form", "Cancel this order", "Order this again"):
        assert words not in page, words
    mark_paid(order=placed, actor=barista())
    assert "Paid" not in text_of(friend.get(shared))


def test_the_address_holds_no_token_and_gives_none_away(placed: Order, shared: str) -> None:
    assert placed.token not in shared
    assert shared == f"/en/shared/{shared_address(placed).split('/')[3]}/"


def test_it_can_do_nothing(owner: Client, friend: Client, placed: Order, shared: str) -> None:
    code = shared.split("/")[3]
    addresses = [shared, *(f"/en/order/{code}/{action}/" for action in ("cancel", "again", "paper"))]
    for client in (friend, owner):
        for address in (*addresses, f"{shared}cancel/", f"{shared}again/"):
            with nothing_written():
                answer = client.post(address)
            assert answer.status_code in (404, 405), address
            assert "cart" not in answer.cookies
    assert friend.get(f"/en/order/{code}/").status_code == 404
    assert friend.get(f"/api/orders/{code}").status_code == 404


def test_even_its_owner_sees_it_as_others_do(owner: Client, friend: Client, shared: str) -> None:
    assert owner.get(shared).content == friend.get(shared).content


@pytest.mark.parametrize("code", ["1", "1.", "1.x", ".", "x" * 60, "é.é", "0.0", "99999999999999999999.x"])
def test_an_address_that_is_not_ours_is_not_found(friend: Client, placed: Order, code: str) -> None:
    assert friend.get(f"/en/shared/{code}/").status_code == 404


def test_another_orders_number_does_not_fit(friend: Client, placed: Order, shared: str) -> None:
    day_and_number, _dot, signature = shared.split("/")[3].partition(".")
    # The address does not tell how many orders were ever placed.
    assert day_and_number == f"{placed.business_day:%Y%m%d}-{placed.number}"
    day = day_and_number.partition("-")[0]
    assert friend.get(f"/en/shared/{day}-{placed.number + 1}.{signature}/").status_code == 404


@pytest.mark.parametrize("signed", ["", "1", "x-1", "20261121-", "20261399-1", "-1", "1-2-3", "9" * 19])
def test_what_we_signed_for_something_else_is_not_found(friend: Client, placed: Order, signed: str) -> None:
    code = signing.Signer(salt="orders.sharing", sep=".").sign(signed)
    assert friend.get(f"/en/shared/{code}/").status_code == 404


def test_it_lapses_with_the_key_that_signed_it(friend: Client, placed: Order, shared: str) -> None:
    from django.conf import settings

    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[old]):
        assert friend.get(shared).status_code == 200
    with override_settings(SECRET_KEY="n" * 50):
        assert friend.get(shared).status_code == 404


def test_it_is_polled_at_its_own_address(friend: Client, placed: Order, shared: str) -> None:
    page = friend.get(shared).content.decode()
    assert f'hx-get="{shared}?seen=pending"' in page
    polled = friend.get(shared, {"seen": "pending"}, headers={"hx-request": "true"})
    assert (polled.status_code, polled.content) == (204, b"")
    advance_order(order=placed, actor=barista())
    polled = friend.get(shared, {"seen": "pending"}, headers={"hx-request": "true"})
    assert polled.status_code == 200
    for words in (*PRIVATE, placed.token):
        assert words not in polled.content.decode()


def test_nobody_keeps_it_and_no_one_finds_it(friend: Client, shared: str) -> None:
    page = friend.get(shared)
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_only_its_own_device_is_offered_to_share(friend: Client, placed: Order) -> None:
    assert "data-share" not in friend.get(f"/en/order/{placed.token}/").content.decode()
