"""Printed pages: an order's slip and a table's card; who may print which, and where the card's QR code leads."""

import re

import pytest
from django.test import Client, override_settings

from cafe.conf import env
from orders.models import Order
from orders.services import cancel_order, mark_paid
from tests.harness.factories import barista, croissant, latte, manager, wanted
from tests.harness.factories import order as place_order
from tests.harness.qr import read_svg
from tests.orders.customer import a_device, add, place, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Client:
    return a_device()


@pytest.fixture
def placed(owner: Client) -> Order:
    add(owner, latte(), "Large", "Cream", quantity=2)
    add(owner, croissant())
    return place(owner)


@pytest.fixture
def bar() -> Client:
    return signed_in(barista())


def signed_in(user: object) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    client.force_login(user)
    return client


def paper_of(client: Client, address: str, **query: str) -> str:
    """Return the part of a page that is printed."""
    page = client.get(address, query)
    assert page.status_code == 200
    found = re.search(r'<article class="paper.*?</article>', page.content.decode(), re.DOTALL)
    assert found
    return found[0]


def words_of(paper: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]*>", " ", paper, flags=re.DOTALL))


def test_the_slip_has_all_of_the_order(owner: Client, placed: Order) -> None:
    words = words_of(paper_of(owner, f"/en/order/{placed.token}/paper/"))
    for word in (
        str(placed.number),
        "王小明",
        "For here",
        "no sugar",
        "2 × Latte Large · Cream",
        "1 × Butter Croissant",
        "¥70",
        "¥16",
        "Total ¥86",
        "You pay at the counter.",
    ):
        assert word in words, word


def test_another_device_prints_no_name_and_no_note(placed: Order) -> None:
    words = words_of(paper_of(a_device(), f"/en/order/{placed.token}/paper/"))
    assert "2 × Latte" in words
    for word in ("王小明", "no sugar"):
        assert word not in words


@pytest.mark.parametrize(
    ("on", "paper"), [("", "slip"), ("slip", "slip"), ("a4", "a4"), ("a3", "slip"), ("<script>", "slip")]
)
def test_it_is_a_slip_or_a_sheet(owner: Client, placed: Order, on: str, paper: str) -> None:
    page = owner.get(f"/en/order/{placed.token}/paper/", {"on": on}).content.decode()
    assert f'class="paper paper--{paper}"' in page
    assert f'class="prints prints--{paper}"' in page
    assert "<script>" not in page


def test_its_code_leads_to_the_orders_page(owner: Client, placed: Order) -> None:
    address = f"/en/order/{placed.token}/"
    assert read_svg(paper_of(owner, f"{address}paper/")) == f"http://testserver{address}"
    assert "Received" in text_of(a_device().get(address))


def test_its_code_leads_to_the_address_that_customers_use(bar: Client, placed: Order) -> None:
    with override_settings(PUBLIC_ORIGIN="https://cafe.example.com"):
        paper = paper_of(bar, f"/admin/bar/{placed.token}/paper/")
    assert read_svg(paper) == f"https://cafe.example.com/en/order/{placed.token}/"


def test_a_paid_order_says_so_and_a_cancelled_one_too(owner: Client, placed: Order) -> None:
    address = f"/en/order/{placed.token}/paper/"
    mark_paid(order=placed, actor=barista())
    words = words_of(paper_of(owner, address))
    assert "Paid" in words
    assert "You pay at the counter." not in words
    cancel_order(order=placed, actor=barista(), reason="no milk", restock=None)
    assert "Cancelled" in words_of(paper_of(owner, address))


def test_nothing_of_it_is_inline_or_kept(owner: Client, bar: Client, placed: Order) -> None:
    for client, address in (
        (owner, f"/en/order/{placed.token}/paper/"),
        (bar, f"/admin/bar/{placed.token}/paper/"),
        (bar, "/admin/bar/table/"),
    ):
        page = client.get(address)
        assert "no-store" in page["Cache-Control"]
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)", page.content.decode())


def test_a_note_is_printed_as_text(bar: Client) -> None:
    evil = place_order(wanted(croissant()), customer_name="<b>x</b>", note="<script>alert(1)</script>")
    page = bar.get(f"/admin/bar/{evil.token}/paper/").content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page


# The bar


def test_the_bar_prints_in_the_language_of_the_order(bar: Client) -> None:
    order = place_order(wanted(croissant()), language="zh-hans")
    assert f'href="/admin/bar/{order.token}/paper/"' in bar.get(f"/admin/bar/{order.token}/").content.decode()
    paper = paper_of(bar, f"/admin/bar/{order.token}/paper/")
    assert 'lang="zh-hans"' in paper
    for word in ("黄油可颂", "王芳", "合计"):
        assert word in words_of(paper)
    assert read_svg(paper) == f"http://testserver/zh-hans/order/{order.token}/"


@pytest.mark.parametrize("address", ["/admin/bar/{token}/paper/", "/admin/bar/table/"])
def test_only_the_bar_prints_there(placed: Order, address: str) -> None:
    path = address.format(token=placed.token)
    nobody = a_device()
    assert nobody.get(path)["Location"].startswith("/admin/login/")
    assert signed_in(manager()).get(path).status_code == 200
    assert signed_in(barista()).post(path).status_code == 405


@pytest.mark.parametrize("token", ["nothing", "a" * 22, "é", "%00"])
def test_an_unknown_order_is_not_printed(bar: Client, token: str) -> None:
    assert a_device().get(f"/en/order/{token}/paper/").status_code == 404
    assert bar.get(f"/admin/bar/{token}/paper/").status_code == 404


# The card of a table


def test_a_table_card_opens_the_menu_in_the_language_of_the_phone(bar: Client) -> None:
    paper = paper_of(bar, "/admin/bar/table/", table=" Window 5 ")
    assert "Window 5" in words_of(paper)
    assert "扫码点单" in words_of(paper)
    assert "Scan to order" in words_of(paper)
    assert "testserver" in words_of(paper)
    assert read_svg(paper) == "http://testserver/"
    for language, menu in (("en-GB", "/en/"), ("zh-CN", "/zh-hans/")):
        assert Client().get("/", headers={"accept-language": language})["Location"] == menu


def test_a_card_needs_no_table(bar: Client) -> None:
    assert "paper__table" not in paper_of(bar, "/admin/bar/table/")
    assert "paper__table" not in paper_of(bar, "/admin/bar/table/", table="   ")


@pytest.mark.parametrize("table", ["x" * 21, "bell\x07", "\u202egnp.5"])
def test_a_name_that_cannot_be_printed_is_refused_with_a_word(bar: Client, table: str) -> None:
    page = bar.get("/admin/bar/table/", {"table": table})
    assert page.status_code == 422
    assert "field__error" in page.content.decode()
    assert "<article" not in page.content.decode()


def test_a_tables_name_is_printed_as_text(bar: Client) -> None:
    assert "&lt;b&gt;5" in paper_of(bar, "/admin/bar/table/", table="<b>5")


# The address that customers use


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", ""),
        ("https://cafe.example.com", "https://cafe.example.com"),
        ("https://cafe.example.com/", "https://cafe.example.com"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("http://[fd00::1]:8000", "http://[fd00::1]:8000"),
    ],
)
def test_an_origin_is_read(monkeypatch: pytest.MonkeyPatch, value: str, read: str) -> None:
    monkeypatch.setattr(env, "PROBLEMS", {})
    monkeypatch.setenv("PUBLIC_ORIGIN", value)
    assert env.origin("PUBLIC_ORIGIN") == read
    assert env.PROBLEMS == {}


@pytest.mark.parametrize(
    "value", ["cafe.example.com", "ftp://cafe", "https://", "https://a/menu", "https://a b", "https://u@a"]
)
def test_a_wrong_origin_is_a_problem(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(env, "PROBLEMS", {})
    monkeypatch.setenv("PUBLIC_ORIGIN", value)
    assert env.origin("PUBLIC_ORIGIN") == ""
    assert set(env.PROBLEMS) == {"PUBLIC_ORIGIN"}
