"""The public pages have the same bytes for everybody, so that every cache on the way may keep them."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from menu.models import Item, Option, Picture
from tests.harness.factories import americano, category, croissant, item, latte

pytestmark = pytest.mark.django_db

PUBLIC = "public, max-age=0, s-maxage=1, stale-if-error=86400"
PAGES = ["/en/", "/zh-hans/", "/en/item/latte/", "/zh-hans/item/latte/", "/api/menu"]
ADD = "/cart/add/"


@pytest.fixture(autouse=True)
def menu() -> None:
    latte(description_en="Espresso and milk", description_zh_hans="浓缩与牛奶")
    croissant(stock=3)


def card(page: HttpResponse, slug: str) -> str:
    """Return the card of an item on the menu page."""
    found = re.search(rf'<article class="item-card[^>]*id="{slug}".*?</article>', page.content.decode(), re.DOTALL)
    assert found, f"{slug} is not on the page"
    return found[0]


# For everybody


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_sets_no_cookie_and_varies_by_nothing(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == PUBLIC
    assert "Vary" not in response
    assert not response.cookies
    assert "csrf" not in response.content.decode()


PEOPLE: dict[str, dict[str, Any]] = {
    "a query": {"query_params": {"utm_source": "poster", "seen": "x", "notice": "full"}},
    "another language": {"headers": {"accept-language": "fr, en;q=0.1"}},
    "Chinese": {"headers": {"accept-language": "zh-CN"}},
    "a language cookie": {"headers": {"cookie": "django_language=en"}},
    "cookies": {
        "headers": {
            "cookie": "cart=x; cart_badge=3|9; my_orders=y; csrftoken=z; sessionid=0123456789abcdefghijklmnopqrstuv"
        }
    },
    "cookies that are none of ours": {"headers": {"cookie": "cart=x; csrftoken=z; sessionid=s; =; é; my_orders"}},
    "htmx": {"headers": {"hx-request": "true"}},
    "a phone": {"headers": {"user-agent": "Mozilla/5.0 (iPhone)"}},
    "a login": {"headers": {"authorization": "Basic Og=="}},
}


@pytest.mark.few_cases(10)
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_the_same_bytes(client: Client, path: str, person: str) -> None:
    plain = client.get(path)
    theirs = client.get(path, **PEOPLE[person])
    assert theirs.content == plain.content
    kept = ("Cache-Control", "Content-Type", "Content-Language", "Content-Security-Policy")
    assert [theirs.get(name) for name in kept] == [plain.get(name) for name in kept]
    assert "Vary" not in theirs
    assert not theirs.cookies


def test_staff_get_the_same_bytes(client: Client, admin_client: Client) -> None:
    for path in PAGES:
        assert admin_client.get(path).content == client.get(path).content


@pytest.mark.parametrize("path", PAGES[:4])
def test_a_page_that_is_known_is_not_sent_again(client: Client, path: str) -> None:
    etag = client.get(path)["ETag"]
    known = client.get(path, headers={"if-none-match": etag})
    assert (known.status_code, known.content) == (304, b"")
    assert (known["ETag"], known["Cache-Control"]) == (etag, PUBLIC)
    Item.objects.filter(slug="latte").update(price="26.00")
    changed = client.get(path, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


@pytest.mark.parametrize("path", PAGES)
def test_head_answers_as_get_without_the_body(client: Client, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Cache-Control", "Content-Type"):
        assert head[name] == get[name]


@pytest.mark.parametrize("path", PAGES[:4])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_page_is_only_read(path: str, method: str) -> None:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    assert getattr(client, method)(path).status_code == 405


@pytest.mark.parametrize("path", PAGES[:4])
def test_a_page_has_nothing_inline(client: Client, path: str) -> None:
    response = client.get(path)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", response.content.decode())
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "htmx" not in response.content.decode()


# Contents of the page


IN_LANGUAGE = {
    "en": ["Latte", "拿铁", "Espresso and milk", "Coffee", "Bakery"],
    "zh-hans": ["拿铁", "Latte", "浓缩与牛奶", "咖啡", "烘焙"],
}


@pytest.mark.parametrize("language", IN_LANGUAGE)
def test_the_address_decides_the_language(client: Client, language: str) -> None:
    response = client.get(f"/{language}/")
    page = response.content.decode()
    assert f'<html lang="{language}">' in page
    assert response["Content-Language"] == language
    for word in (*IN_LANGUAGE[language], "¥25", "¥16"):
        assert word in page
    other = "/zh-hans/" if language == "en" else "/en/"
    assert f'href="{other}"' in page


def test_an_item_on_sale_has_a_form(client: Client) -> None:
    shown = card(client.get("/en/"), "latte")
    assert 'action="/en/cart/add/" method="post"' in shown
    assert f'name="item" value="{Item.objects.get(slug="latte").pk}"' in shown
    assert "Sold out" not in shown


def test_sold_out_is_shown_without_a_form(client: Client) -> None:
    americano(stock=0)
    Item.objects.filter(slug="croissant").update(is_available=False)
    page = client.get("/en/")
    for slug in ("americano", "croissant"):
        assert "Sold out today" in card(page, slug)
        assert "<form" not in card(page, slug)
        item_page = client.get(f"/en/item/{slug}/").content.decode()
        assert "Sold out today" in item_page
        assert ADD not in item_page
    assert "<form" in card(page, "latte")


def test_an_item_whose_required_options_are_gone_is_sold_out(client: Client) -> None:
    Option.objects.filter(group__name_en="Size").update(is_available=False)
    assert "<form" not in card(client.get("/en/"), "latte")


def test_the_last_one_sold_is_sold_out_at_once(client: Client) -> None:
    from tests.harness.factories import order, wanted

    assert "<form" in card(client.get("/en/"), "croissant")
    order(wanted(Item.objects.get(slug="croissant"), quantity=3))
    assert "<form" not in card(client.get("/en/"), "croissant")


def test_an_unlisted_item_is_nowhere(client: Client) -> None:
    item("secret", name_en="Secret", name_zh_hans="秘密", is_listed=False)
    for path in ("/en/", "/zh-hans/", "/api/menu"):
        page = client.get(path).content.decode()
        assert "secret" not in page.lower()
        assert "秘密" not in page
    missing = client.get("/en/item/secret/")
    assert (missing.status_code, missing["Cache-Control"]) == (404, "no-store")
    assert not missing.cookies


def test_a_category_without_items_is_not_shown(client: Client) -> None:
    category("empty", "Nothing yet", "还没有")
    assert "Nothing yet" not in client.get("/en/").content.decode()


def test_an_empty_menu_says_so(client: Client) -> None:
    Item.objects.update(is_listed=False)
    response = client.get("/en/")
    assert response.status_code == 200
    assert "The menu is being written." in response.content.decode()


def test_what_a_manager_wrote_is_shown_as_text(client: Client) -> None:
    item("evil", name_en="<script>alert(1)</script>", name_zh_hans="\"'><b>", description_en="<i>x</i>")
    for path in ("/en/", "/zh-hans/", "/en/item/evil/", "/zh-hans/item/evil/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "<i>x" not in page


def test_the_item_page_has_its_options_prices_and_default(client: Client) -> None:
    page = client.get("/en/item/latte/").content.decode()
    for words in ("Size", "choose one", "Small", "Large", "+¥6", "Extras", "up to 2", "Vanilla", "+¥3"):
        assert words in page
    small = Option.objects.get(name_en="Small").pk
    assert re.findall(r'value="(\d+)" data-delta="[^"]*" checked', page) == [str(small)]


def test_an_option_that_is_gone_cannot_be_chosen(client: Client) -> None:
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    page = client.get("/en/item/latte/").content.decode()
    gone = Option.objects.get(name_en="Vanilla").pk
    assert re.findall(r'value="(\d+)" data-delta="[^"]*" disabled', page) == [str(gone)]


def test_a_photo_replaces_the_drawing(client: Client) -> None:
    photo = Picture.objects.create(content_hash="a" * 64, content=b"x", width=1, height=1)
    Item.objects.filter(slug="latte").update(picture=photo)
    page = client.get("/en/")
    small, large = f"/media/{'a' * 64}-small.webp", f"/media/{'a' * 64}.webp"
    assert f'src="{small}" srcset="{small} 320w, {large} 1200w"' in card(page, "latte")
    assert 'class="cutaway"' not in card(page, "latte")
    assert 'class="cutaway"' in card(page, "croissant")


def test_a_price_is_shown_with_its_decimals(client: Client) -> None:
    Item.objects.filter(slug="latte").update(price=Decimal("25.50"))
    assert "¥25.50" in card(client.get("/en/"), "latte")


@pytest.mark.parametrize(
    "path", ["/en/item/nothing/", "/en/item/LATTE/", "/en/nothing/", "/nothing/", "/fr/", "/en/item/拿铁/"]
)
def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_what_is_not_found_is_said_in_the_languages_of_the_address(client: Client) -> None:
    assert "Nothing here but crumbs" in client.get("/en/nothing/").content.decode()
    assert '<html lang="zh-hans">' in client.get("/zh-hans/nothing/").content.decode()


# The bare address

ACCEPTED = [
    (None, "zh-hans"),
    ("", "zh-hans"),
    ("en", "en"),
    ("en-GB,en;q=0.9", "en"),
    ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
    ("zh-SG", "zh-hans"),
    ("zh-TW,zh;q=0.9", "zh-hans"),
    ("fr-FR,fr;q=0.9", "zh-hans"),
    ("fr,en;q=0.5,zh;q=0.1", "en"),
    ("en;q=0.1,zh;q=0.9", "zh-hans"),
    ("*", "zh-hans"),
    ("x" * 5000, "zh-hans"),
    (";;;,,,q=", "zh-hans"),
    ("\x00", "zh-hans"),
]


@pytest.mark.parametrize(("accepted", "language"), ACCEPTED)
def test_the_bare_address_leads_to_a_language_the_browser_reads(
    client: Client, accepted: str | None, language: str
) -> None:
    response = client.get("/", headers={} if accepted is None else {"accept-language": accepted})
    assert (response.status_code, response["Location"]) == (302, f"/{language}/")
    assert "private" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("cookie", ["django_language=en", "cart=x; sessionid=0123456789abcdefghijklmnopqrstuv"])
def test_the_bare_address_ignores_cookies(client: Client, cookie: str) -> None:
    response = client.get("/", headers={"cookie": cookie, "accept-language": "zh-CN"})
    assert response["Location"] == "/zh-hans/"
    assert "Cookie" not in response.get("Vary", "")


def test_the_bare_address_asks_the_database_nothing(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/")


def test_an_address_without_its_language_gets_one(client: Client) -> None:
    response = client.get("/item/latte/", headers={"accept-language": "en"})
    assert (response.status_code, response["Location"]) == (302, "/en/item/latte/")
