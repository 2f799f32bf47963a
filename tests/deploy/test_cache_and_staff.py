"""The edge's cache stores no staff page and no session: with two browsers, one signed in, its files are searched."""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.deploy.crowd import Person
from tests.deploy.testbed import Testbed
from tests.e2e.conftest import chromium

STAFF = f"barista{secrets.token_hex(3)}"
PUBLIC = ["/en/", "/zh-hans/", "/en/item/latte/", "/api/menu", "/api/orders"]
CREATE = (
    f"from django.contrib.auth.models import User;User.objects.create_superuser('{STAFF}', password='{STAFF}-secret')"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def staff(testbed: Testbed, browser: Browser) -> BrowserContext:
    """A browser context that is signed in to the admin."""
    testbed.instances[0].manage("shell", "-c", CREATE)
    context = browser.new_context(base_url=testbed.edge.url)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", STAFF)
    page.fill("[name=password]", f"{STAFF}-secret")
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")
    return context


def cached_bytes(testbed: Testbed) -> bytes:
    """Return the content of all cache files of the edge, joined."""
    kept = b"".join(testbed.edge.kept("pages", "files"))
    assert b"KEY: /en/" in kept
    return kept


def body_of(page: Page, path: str) -> bytes:
    response = page.goto(path)
    assert response
    return response.body()


@pytest.mark.only_full
def test_nothing_of_a_staff_session_is_kept(testbed: Testbed, staff: BrowserContext, browser: Browser) -> None:
    session = next(cookie["value"] for cookie in staff.cookies() if cookie["name"] == "sessionid")
    customer = browser.new_context(base_url=testbed.edge.url)
    by_staff, by_customer = staff.new_page(), customer.new_page()
    for path in [*PUBLIC, "/admin/", "/admin/bar/", "/admin/cache/", "/en/cart/", "/admin/menu/item/"]:
        by_staff.goto(path)
    for path in PUBLIC:
        first, second = body_of(by_staff, path), body_of(by_customer, path)
        assert second == first  # the same for everybody
        assert STAFF.encode() not in second
    for name in ("/admin/", "/admin/bar/"):
        assert STAFF.encode() not in body_of(by_customer, name)
    kept = cached_bytes(testbed)
    for secret in (session, STAFF, "csrfmiddlewaretoken", "sessionid", "Set-Cookie", "KEY: /admin"):
        assert secret.encode() not in kept, secret
    customer.close()


@pytest.mark.few_cases(3)
@pytest.mark.parametrize("headers", [{"Cookie": "a=b; sessionid=x"}, {"Authorization": "Bearer x"}])
@pytest.mark.parametrize("path", PUBLIC)
def test_who_is_signed_in_is_neither_served_from_the_cache_nor_stored(
    testbed: Testbed, path: str, headers: dict[str, str]
) -> None:
    person = Person(testbed.edge)
    person.get(path)
    assert {person.get(path, **headers).headers["X-Cache-Status"] for _ in range(3)} == {"BYPASS"}
    assert person.get(path).headers["X-Cache-Status"] in ("HIT", "EXPIRED")


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_is_kept_by_its_address_and_coding_alone(testbed: Testbed, path: str) -> None:
    person = Person(testbed.edge)
    plain = person.get(path)
    asked = [
        {"Cookie": "cart=3; csrftoken=abc"},
        {"Accept-Language": "fr"},
        {"User-Agent": "another"},
        {"Host": "localhost"},
    ]
    for headers in asked:
        told = person.get(path + "?utm_source=x", **headers)
        assert (told.status, told.body) == (200, plain.body)
        assert "Set-Cookie" not in told.headers
    for accepted, coding in [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
    ]:
        told = person.get(path, **{"Accept-Encoding": accepted})
        assert told.headers.get("Content-Encoding") == (coding if path != "/api/orders" else None), accepted
    keys = set(re.findall(rb"KEY: (\S+ ?\S*)\n", cached_bytes(testbed)))
    mine = {key.decode() for key in keys if key.split()[0].decode() == path}
    assert mine == {f"{path} ", f"{path} br", f"{path} gzip"}
