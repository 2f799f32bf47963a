"""Every page in three widths and both languages (staff's pages: both with --full): no console error, no horizontal
scrolling, and an accessible name for every control."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, StorageState

from tests.e2e.conftest import DESKTOP, NewContext, Refused
from tests.e2e.people import Customer, Till
from tests.harness.running_cafe import RunningCafe

WIDTHS = (320, 390, 1280)
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
LANGUAGES = pytest.mark.parametrize("language", LOCALES)
# Without --full staff's pages are checked only in the language with the longer words.
STAFFS_LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])

# Returns a description of each problem of the open page. Django's own admin pages have fewer checks.
FIND_PROBLEMS = """
([language, width, isOurs]) => {
  const problems = [];
  const show = (element) => element.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  const complain = (words, elements) => [...elements].forEach((one) => problems.push(`${words}: ${show(one)}`));

  if (document.documentElement.lang !== language) problems.push(`lang is ${document.documentElement.lang}`);
  if (document.scrollingElement.scrollWidth > width) {
    problems.push(`${width} px wide, content ${document.scrollingElement.scrollWidth} px`);
    const sticksOut = (one) => one.getBoundingClientRect().right > width + 1;
    complain("sticks out", [...document.body.querySelectorAll("*")].filter(sticksOut).slice(0, 3));
  }
  const headings = document.querySelectorAll("h1");
  if (headings.length !== 1) problems.push(`${headings.length} h1`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => problems.push(`id twice: ${id}`));
  if (!document.title.trim()) problems.push("no title");
  if (!isOurs) return problems;

  complain("inline style", document.querySelectorAll("[style], style"));
  const isForPeople = (one) => one.checkVisibility() && !one.closest("[aria-hidden=true]");
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isForPeople);
  const labelOf = (one) => (one.labels?.length ? [...one.labels].map((label) => label.textContent).join("") : "");
  const named = (one) => one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
  complain("no label", all("input, select, textarea").filter((one) => !labelOf(one).trim() && !named(one)));
  complain("no name", all("button, a[href]").filter((one) => !one.textContent.trim() && !named(one)));
  complain("no alt", all("img").filter((one) => !one.hasAttribute("alt")));
  complain("no lang", all("a[hreflang]").filter((one) => one.lang !== one.hreflang));

  // What a finger can hit: the element, or what its ::after stretches it to. A link within a sentence is exempt.
  const isInSentence = (one) => {
    const around = one.closest("p, li, dd");
    return one.tagName === "A" && around && around.textContent.trim().length > one.textContent.trim().length + 3;
  };
  const targetOf = (one) => (getComputedStyle(one, "::after").position === "absolute" ? one.offsetParent : one);
  const isOffScreen = (one) => one.matches(".skip-link");
  const targets = all("a[href], button, input, select, textarea, summary");
  for (const one of targets.filter((one) => !isInSentence(one) && !isOffScreen(one))) {
    const box = targetOf(one).getBoundingClientRect();
    if (box.width < 24 || box.height < 24) {
      problems.push(`${Math.round(box.width)}×${Math.round(box.height)} px to touch: ${show(one)}`);
    }
  }
  return problems;
}
"""


def problems(page: Page, language: str, *, ours: bool = True) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for problem in page.evaluate(FIND_PROBLEMS, [language, width, ours]):
            yield f"{page.url} at {width} px: {problem}"


def visit(page: Page, paths: list[str], language: str, *, ours: bool = True, must_show: str = "main") -> list[str]:
    """Return the problems of these pages; the selector `must_show` proves that the right page is open."""
    found = []
    for path in paths:
        page.goto(path)
        assert page.locator(must_show).count(), page.url
        found += problems(page, language, ours=ours)
    return found


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("manager")).request, cafe.url)


@LANGUAGES
def test_the_customers_pages(new_context: NewContext, refused: Refused, language: str) -> None:
    customer = Customer(new_context(**DESKTOP, locale=LOCALES[language]), language)
    page = customer.page
    at = f"/{language}"
    found = visit(page, [f"{at}/", f"{at}/item/latte/", f"{at}/item/espresso/"], language)
    page.goto(f"{at}/")
    page.locator(".wishes__summary").click()
    page.locator("#wish-milk").check()
    found += problems(page, language)
    found += visit(page, [f"{at}/cart/", f"{at}/orders/mine/"], language, must_show=".empty")
    customer.add("americano", quantity=2)
    customer.open("item/matcha-latte/")
    page.locator(".item-form__foot .button--accent").click()
    page.wait_for_url(re.compile("/#matcha-latte"))
    customer.open()  # with the cart bar at the bottom
    page.locator("[data-cart-bar]").wait_for()
    found += problems(page, language)
    found += visit(page, [f"{at}/cart/"], language, must_show=".cart-line")
    found += visit(page, [f"{at}/checkout/"], language, must_show="form.checkout")
    customer.fill_in("Sound")
    page.locator("[name=phone]").fill("call me")
    with refused(page, 422):
        customer.submit.click()
    found += problems(page, language)
    page.locator("[name=phone]").fill("")
    number = customer.press_submit()
    assert number
    found += problems(page, language)
    order = page.url
    shared = page.locator("[data-share]").get_attribute("href") or ""
    found += visit(page, [f"{order}paper/", f"{order}paper/?on=a4"], language, must_show=".paper")
    found += visit(page, [shared], language, must_show=".order-state")
    found += visit(page, [f"{at}/orders/mine/"], language, must_show=".order-list")
    with refused(page, 404):
        page.goto(f"{at}/no-such-page/")
    found += problems(page, language)
    assert not found, "\n".join(found)


@LANGUAGES
def test_orders_in_every_status_and_the_board(new_context: NewContext, till: Till, language: str) -> None:
    tokens = in_every_status(till)
    page = new_context(**DESKTOP, locale=LOCALES[language]).new_page()
    found = []
    for status, token in tokens.items():
        address = f"/{language}/order/{token}/"
        found += visit(page, [address], language, must_show=f".order-state--{status}")
    found += visit(page, [f"/{language}/board/"], language, must_show=".board__number--newest")
    assert not found, "\n".join(found)


def in_every_status(till: Till) -> dict[str, str]:
    """Return the token of an order in each status, with names and notes of awkward lengths."""
    many = [{"item": slug, "quantity": 4} for slug in ("tie-guan-yin", "basque-cheesecake", "dirty")]
    tokens = {
        "pending": till.order("等", note="As long as anybody likes: " + "少糖少冰 " * 30),
        "preparing": till.move(till.order("W" * 60, *many), "pending", "advance"),
        "ready": till.move(till.order("Ready"), "pending", "advance", "advance"),
        "completed": till.move(till.order("Done"), "pending", "paid", "advance", "advance", "advance"),
        "cancelled": till.move(till.order("No"), "pending", "paid", "cancel", reason="No milk"),
        "no_show": till.move(till.order("Where"), "pending", "advance", "advance", "no-show"),
    }
    till.move(tokens["cancelled"], "cancelled", "refund", reason="No milk")
    return tokens


@STAFFS_LANGUAGES
def test_the_staffs_pages(
    new_context: NewContext, signed_in: Callable[[str], StorageState], till: Till, language: str
) -> None:
    tokens = in_every_status(till)
    context = new_context(**DESKTOP, locale=LOCALES[language], storage_state=signed_in("manager"))
    page = context.new_page()
    found = visit(page, ["/admin/bar/"], language, must_show=".ticket")
    tickets = [f"/admin/bar/{token}/" for token in tokens.values()]
    found += visit(page, tickets, language, must_show=".ticket-page")
    papers = [f"{tickets[0]}paper/", f"{tickets[1]}paper/?on=a4", "/admin/bar/table/?table=Window%205"]
    found += visit(page, papers, language, must_show=".paper")
    found += visit(page, ["/admin/bar/find/?number=1"], language, must_show=".notice")
    assert not found, "\n".join(found)


@STAFFS_LANGUAGES
def test_the_admins_pages(
    new_context: NewContext, signed_in: Callable[[str], StorageState], till: Till, language: str
) -> None:
    till.order("Admin")
    context = new_context(**DESKTOP, locale=LOCALES[language], storage_state=signed_in("manager"))
    page = context.new_page()
    page.goto("/admin/menu/item/?q=Latte")
    item = page.locator("#result_list tbody th a").first.get_attribute("href")
    page.goto("/admin/orders/order/?q=Admin")
    order = page.locator("#result_list tbody th a").first.get_attribute("href")
    assert item
    assert order
    paths = [
        "/admin/",
        "/admin/menu/item/",
        item,
        "/admin/menu/item/add/",
        "/admin/menu/optiongroup/",
        "/admin/menu/category/",
        "/admin/menu/picture/add/",
        "/admin/orders/order/",
        order,
        "/admin/orders/stock/",
        "/admin/orders/stock/add/",
        "/admin/cache/",
        "/admin/staff/member/",
        "/admin/staff/member/add/",
    ]
    found = visit(page, paths, language, ours=False)
    assert not found, "\n".join(found)


@STAFFS_LANGUAGES
def test_the_login_page(new_context: NewContext, language: str) -> None:
    page = new_context(**DESKTOP, locale=LOCALES[language]).new_page()
    found = visit(page, ["/admin/bar/"], language, ours=False, must_show="[name=password]")
    assert not found, "\n".join(found)
