"""A page with nothing to show, or with an error, has a drawing, kind words and one button."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from cafe.web import errors
from tests.harness.factories import category, item, latte

DRAWINGS = Path(settings.BASE_DIR, "templates", "components", "states")

pytestmark = pytest.mark.django_db


def drawing(name: str) -> str:
    """Return a drawing's markup as a page has it: the component file without its comment."""
    return (DRAWINGS / f"_{name}.html").read_text().split("#}\n")[1].strip()


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def buttons(page: str) -> list[str]:
    return re.findall(r'<a class="button[^"]*" href="([^"]*)"', main_of(page))


def expect_state(response: HttpResponse, name: str, *, status: int = 200) -> None:
    page = response.content.decode()
    assert response.status_code == status
    assert drawing(name) in page
    assert page.count('class="state"') == 1
    assert buttons(page) == ["/en/"]


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("/en/nothing/", "not_found", 404),
        ("/en/cart/", "empty_cart", 200),
        ("/en/orders/mine/", "no_orders", 200),
        ("/en/item/muffin/", "sold_out", 200),
    ],
)
def test_a_state_has_its_drawing_and_one_button(client: Client, path: str, name: str, status: int) -> None:
    latte()
    item("muffin", stock=0)
    expect_state(client.get(path), name, status=status)


def test_the_offline_page_has_its_drawing_and_a_button_for_each_language_s_menu(client: Client) -> None:
    page = client.get("/en/offline/").content.decode()
    assert drawing("offline") in page
    # js/offline-page.js shows the button of the cached menu, or else "Try again"
    assert buttons(page) == ["/en/", "/zh-hans/", ""]


def test_an_empty_menu_has_its_drawing(client: Client) -> None:
    category()
    page = client.get("/en/").content.decode()
    assert drawing("no_orders") in page


@pytest.mark.parametrize(
    ("answer", "name", "status"),
    [
        (errors.server_error, "server_error", 500),
        (errors.unavailable, "busy", 503),
        (errors.too_large, "too_large", 413),
        (errors.bad_request, "not_found", 400),
        (errors.forbidden, "not_found", 403),
    ],
)
def test_an_error_has_its_drawing_and_one_button(
    rf: RequestFactory, answer: Callable[..., HttpResponse], name: str, status: int
) -> None:
    with override("en"):
        expect_state(answer(rf.get("/en/cart/")), name, status=status)


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("x"), 500), (TooManyFieldsSent("x"), 400)])
def test_a_view_that_breaks_ends_on_such_a_page(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def breaks(*_args: object) -> None:
        raise error

    monkeypatch.setattr("orders.storefront.cart.review_cart", breaks)
    client = Client(raise_request_exception=False)
    response = client.get("/en/cart/")
    assert response.status_code == status
    assert buttons(response.content.decode()) == ["/en/"]


@pytest.mark.parametrize("file", sorted(DRAWINGS.glob("*.html")), ids=lambda file: file.stem)
def test_a_drawing_is_small_and_takes_its_colours_from_the_stylesheet(file: Path) -> None:
    text = drawing(file.stem.removeprefix("_"))
    assert len(text) < 1500
    assert 'aria-hidden="true"' in text
    assert re.findall(r"style=|#[0-9a-fA-F]{3,6}\b|url\(|<text|id=", text) == []
