"""Slips and A4 pages as PDF, QR codes decoded as a phone would, sharing an order, and reorder."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Customer, Till
from tests.harness.qr import read_screenshot
from tests.harness.running_cafe import RunningCafe

MM_PER_POINT = 25.4 / 72


@pytest.fixture
def bar(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Page:
    return new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("barista")).new_page()


def sheets(page: Page) -> list[tuple[float, float]]:
    """Print the page to PDF; return the width and height of each sheet (mm)."""
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox ?\[([-\d. ]+)\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type ?/Page\b(?!s)", pdf))
    corners = [[float(number) * MM_PER_POINT for number in box.split()] for box in boxes]
    return [(round(right - x, 1), round(top - y, 1)) for x, y, right, top in corners]


def expect_one_sheet(page: Page, width_mm: float, height_mm: float | None = None) -> float:
    """Expect one sheet of this size, within a millimetre; return its height (mm)."""
    [(width, height)] = sheets(page)
    assert width == pytest.approx(width_mm, abs=1)
    assert height == pytest.approx(height_mm or height, abs=1)
    return height


def place_an_order(customer: Customer, *, lines: int = 1) -> str:
    """Place an order and return its token."""
    customer.add("latte", "Oat drink", quantity=2)
    for slug in ("espresso", "egg-tart", "pour-over", "dirty")[: lines - 1]:
        customer.add(slug)
    customer.place("Emma", note="Not too hot, please")
    return customer.token()


def test_an_order_is_printed_on_80_mm_and_on_a4(customer: Customer) -> None:
    page = customer.page
    short = place_an_order(customer)
    page.locator(".order-actions a[href$='/paper/']").click()
    expect(page.locator(".paper__number")).to_be_visible()
    few = expect_one_sheet(page, 80)
    page.locator("a[href='?on=a4']").click()
    expect(page.locator(".paper--a4")).to_be_visible()
    expect_one_sheet(page, 210, 297)
    page.emulate_media(media="print")
    for hidden in (".site-header", ".paper-tools", ".way-back", "h1"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".paper__line")).to_contain_text("Oat drink")
    page.emulate_media(media="null")  # with "screen", the screen would be printed

    long = place_an_order(customer, lines=5)
    assert long != short
    customer.open(f"order/{long}/paper/")
    assert expect_one_sheet(page, 80) > few + 10, "a longer order takes a longer slip"


def test_the_longest_order_is_one_slip(bar: Page, new_context: NewContext, cafe: RunningCafe) -> None:
    till = Till(bar.context.request, cafe.url)
    menu = bar.request.get("/api/menu").json()["categories"]
    slugs = [item["slug"] for category in menu for item in category["items"] if not item["sold_out"]]
    simple = [item["slug"] for category in menu for item in category["items"] if not item["option_groups"]]
    lines = [{"item": slug, "quantity": 1} for slug in simple[:20]]
    assert len(lines) > 5 <= len(slugs)
    token = till.order("W" * 60, *lines, note="As long as anybody likes: " + "少糖少冰 " * 30)
    bar.goto(f"/admin/bar/{token}/paper/")
    assert expect_one_sheet(bar, 80) > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_code_on_the_slip_leads_to_the_orders_page(
    customer: Customer, bar: Page, cafe: RunningCafe, scheme: str
) -> None:
    token = place_an_order(customer)
    bar.emulate_media(color_scheme=scheme)
    bar.goto(f"/admin/bar/{token}/")
    bar.locator("a[href$='/paper/']").click()
    expect(bar.locator(".paper")).to_contain_text("Emma")
    address = read_screenshot(bar.locator(".qr").screenshot())
    assert address == f"{cafe.url}/en/order/{token}/"


def test_the_card_of_a_table_opens_the_menu(bar: Page, cafe: RunningCafe, new_context: NewContext) -> None:
    bar.goto("/admin/bar/")
    bar.locator("a[href='/admin/bar/table/']").click()
    bar.locator("[name=table]").fill("Window 5")
    bar.locator(".paper-form button").click()
    expect(bar.locator(".paper__table")).to_have_text("Window 5")
    address = read_screenshot(bar.locator(".qr").screenshot())
    assert address == f"{cafe.url}/"
    expect_one_sheet(bar, 105, 148)
    guest = new_context(**PHONE, locale="en-GB").new_page()
    guest.goto(address)
    expect(guest).to_have_url(re.compile("/en/$"))


# Sharing


def test_a_shared_order_is_followed_by_a_friend_who_can_do_nothing(
    customer: Customer, new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe
) -> None:
    token = place_an_order(customer)
    number = customer.number()
    page = customer.page
    page.evaluate("navigator.share = (what) => { window.shared = what; return Promise.resolve(); }")
    page.locator("[data-share]").click()
    shared = page.evaluate("window.shared")
    assert number in shared["title"]
    assert token not in shared["url"]

    friend = Customer(new_context(**PHONE, locale="en-GB"))
    friend.page.goto(shared["url"])
    assert friend.page.locator(".order-state__number").inner_text() == number
    friend.expect_status("pending")
    expect(friend.page.locator("main form, main button")).to_have_count(0)
    expect(friend.page.locator("main")).not_to_contain_text("Emma")
    till = Till(new_context(storage_state=signed_in("barista")).request, cafe.url)
    till.move(token, "pending", "advance", "advance")
    friend.expect_status("ready")
    expect(friend.page).to_have_title(re.compile("Ready"))
    assert token not in friend.page.content()


def test_where_a_device_has_no_share_menu_the_link_is_copied(customer: Customer) -> None:
    place_an_order(customer)
    page = customer.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("delete Navigator.prototype.share")
    page.locator("[data-share]").click()
    expect(page.locator("[data-share-said]")).to_have_text("The link is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.goto(copied)
    expect(page.locator(".order-state__caption")).to_have_text("Order number")


def test_without_javascript_the_link_leads_to_what_is_shared(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=False))
    place_an_order(customer)
    customer.page.locator("[data-share]").click()
    expect(customer.page).to_have_url(re.compile("/en/shared/"))
    expect(customer.page.locator("main form")).to_have_count(0)


# Reorder


@pytest.mark.parametrize("with_javascript", [True, False])
def test_two_touches_from_my_orders_place_the_same_again(new_context: NewContext, with_javascript: bool) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=with_javascript))
    first = place_an_order(customer, lines=2)
    page = customer.page
    customer.open("orders/mine/")
    touches = 0

    page.locator(".order-list__order").first.get_by_role("button").click()
    touches += 1
    expect(page).to_have_url(re.compile("/en/checkout/$"))
    expect(page.locator("[name=customer_name]")).to_have_value("Emma")
    expect(page.locator("[name=note]")).to_have_value("Not too hot, please")
    expect(page.locator(".receipt__line")).to_have_count(2)

    customer.submit.click()
    touches += 1
    customer.number()
    customer.expect_status("pending")
    assert touches == 2
    assert customer.token() != first
    expect(page.locator(".receipt__line")).to_have_count(2)
    expect(page.locator(".receipt__line").first).to_contain_text("Oat drink")


def test_two_touches_from_the_orders_page_place_the_same_again(customer: Customer) -> None:
    first = place_an_order(customer)
    customer.page.locator("form[action$='/again/'] button").click()
    customer.submit.click()
    expect(customer.page).not_to_have_url(re.compile(f"/checkout/|{first}"))
    customer.expect_status("pending")
