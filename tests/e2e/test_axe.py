"""No page of ours violates a WCAG A or AA rule of axe-core; with --full in both languages and themes, on a phone and
a desktop. Violations on Django's own admin pages are only counted (docs/accessibility.md)."""

from collections.abc import Callable, Iterator

import pytest
from django.test import RequestFactory
from django.utils.translation import override
from playwright.sync_api import Page, StorageState

from cafe.edge.error_responses import ANSWERS
from cafe.management.commands.edge_pages import rendered
from cafe.web import errors
from tests.e2e.axe import LOOKS, PHONE_LIGHT, Look, violations, violations_in
from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Refused
from tests.e2e.people import Customer, Manager, Till
from tests.e2e.test_pages_are_sound import LOCALES, in_every_status
from tests.harness.running_cafe import RunningCafe

# The first case is one look, for every run; the others are all looks.
CASES = [
    pytest.param("zh-hans", [PHONE_LIGHT], id="a phone in Chinese, light"),
    *[pytest.param(language, LOOKS, id=f"every look, {language}") for language in LOCALES],
]

# axe-core measures with inline styles, which our Content-Security-Policy blocks: it is off here, tested elsewhere.
WAYS = pytest.mark.parametrize(("language", "looks"), CASES)


@pytest.fixture
def till(manager: Manager, cafe: RunningCafe) -> Till:
    return Till(manager.page.request, cafe.url)


def look_at(pages: Iterator[Page], looks: list[Look]) -> None:
    found = [words for page in pages for words in violations_in(page, looks)]
    assert not found, "\n".join(found)


@WAYS
def test_the_customers_pages(
    new_context: NewContext, refused: Refused, till: Till, language: str, looks: list[Look]
) -> None:
    customer = Customer(new_context(**DESKTOP, locale=LOCALES[language], bypass_csp=True), language)
    look_at(customers_pages(customer, refused, till), looks)


def customers_pages(customer: Customer, refused: Refused, till: Till) -> Iterator[Page]:
    page = customer.page

    def opened(path: str, must_show: str = "main") -> Page:
        customer.open(path)
        page.locator(must_show).first.wait_for()
        return page

    yield opened("", ".item-card")
    yield opened("item/latte/", ".item-form")
    page.evaluate("sessionStorage.setItem('wishes', '[\"milk\", \"vegan\"]')")
    yield opened("item/mocha/", ".chip .is-against")
    page.locator(".item-form__foot > .button").click()
    page.locator(".item-question").wait_for()
    yield page
    page.evaluate("sessionStorage.clear()")
    yield opened("cart/", ".empty")
    yield opened("orders/mine/", ".empty")
    customer.add("americano", quantity=2)
    customer.add("latte")
    yield opened("cart/", ".cart-line")
    yield opened("", "[data-cart-bar]")
    yield opened("checkout/", "form.checkout")
    customer.fill_in("Axe")
    page.locator("[name=phone]").fill("call me")
    with refused(page, 422):
        customer.submit.click()
    page.locator(".field__error").first.wait_for()
    yield page
    page.locator("[name=phone]").fill("")
    customer.press_submit()
    yield page
    yield opened("orders/mine/", ".order-list")
    for status, token in in_every_status(till).items():
        yield opened(f"order/{token}/", f".order-state--{status}")
    yield opened("board/", ".board__number--newest")


@WAYS
def test_what_is_said_when_something_went_wrong(
    new_context: NewContext, refused: Refused, language: str, looks: list[Look]
) -> None:
    page = new_context(**DESKTOP, locale=LOCALES[language], bypass_csp=True).new_page()
    look_at(error_pages(page, refused, language), looks)


def error_pages(page: Page, refused: Refused, language: str) -> Iterator[Page]:
    with refused(page, 404):
        page.goto(f"/{language}/no-such-page/")
    yield page
    request = RequestFactory().get(f"/{language}/item/latte/")
    with override(language):
        answers = {
            500: errors.server_error(request),
            503: errors.unavailable(request),
            403: errors.forbidden(request),
        }
    for status, answer in answers.items():
        yield from shown(page, status, answer.content)
    files = rendered()
    page.route("**/edge/edge.css", lambda route: route.fulfill(body=files["edge.css"], content_type="text/css"))
    for edges in ANSWERS:
        yield from shown(page, edges.statuses[0], files[f"{edges.name}.{language}.html"])


def shown(page: Page, status: int, body: bytes) -> Iterator[Page]:
    """Open these bytes as a page of the café, with status 200: the console reports any error status as an error."""
    address = f"**/answer-{status}/"
    page.route(address, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    page.goto(f"/answer-{status}/")
    page.locator("h1").wait_for()
    yield page
    page.unroute(address)


@WAYS
def test_the_staffs_pages(
    new_context: NewContext,
    signed_in: Callable[[str], StorageState],
    till: Till,
    language: str,
    looks: list[Look],
) -> None:
    context = new_context(**DESKTOP, locale=LOCALES[language], storage_state=signed_in("manager"), bypass_csp=True)
    look_at(staffs_pages(context.new_page(), till), looks)


def staffs_pages(page: Page, till: Till) -> Iterator[Page]:
    tokens = in_every_status(till)
    page.goto("/admin/bar/")
    page.locator(".ticket").first.wait_for()
    yield page
    for status in ("pending", "ready", "cancelled"):
        page.goto(f"/admin/bar/{tokens[status]}/")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        yield page
    for path in ("day/", "find/?number=1"):
        page.goto(f"/admin/bar/{path}")
        yield page
    for path in ("cache/", "cache/?still", "orders/order/books/", "orders/stock/add/", "staff/member/add/"):
        page.goto(f"/admin/{path}")
        page.locator("#content").wait_for()
        yield page


@WAYS
def test_the_login_page(new_context: NewContext, language: str, looks: list[Look]) -> None:
    page = new_context(**DESKTOP, locale=LOCALES[language], bypass_csp=True).new_page()
    page.goto("/admin/bar/")
    look_at(iter([page]), looks)


def test_what_is_broken_is_found(new_context: NewContext) -> None:
    """Control: the tests above can fail."""
    customer = Customer(new_context(**PHONE, bypass_csp=True))
    customer.open()
    assert violations(customer.page) == {}
    customer.page.evaluate(
        """() => {
          const words = document.querySelector(".greeting__line");
          words.style.color = "rgb(200 200 200)";
          words.style.backgroundColor = "rgb(230 230 230)";
          document.querySelector("main").append(document.createElement("button"), document.createElement("img"));
          document.documentElement.removeAttribute("lang");
        }"""
    )
    assert set(violations(customer.page)) == {"button-name", "color-contrast", "html-has-lang", "image-alt"}


STOCK_PAGES = [
    "",
    "menu/item/",
    "menu/item/add/",
    "menu/category/",
    "menu/optiongroup/",
    "orders/order/",
    "orders/stock/",
]


def test_djangos_own_pages_are_listed(
    new_context: NewContext,
    signed_in: Callable[[str], StorageState],
    record_property: Callable[[str, object], None],
) -> None:
    page = new_context(**DESKTOP, storage_state=signed_in("manager"), bypass_csp=True).new_page()
    broken = {}
    for path in STOCK_PAGES:
        page.goto(f"/admin/{path}")
        broken[f"/admin/{path}"] = sorted(violations(page))
    record_property("figures", broken)
    assert len(broken) == len(STOCK_PAGES)
