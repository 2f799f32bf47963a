"""Animations: which exist, none with `prefers-reduced-motion`; quick feedback to a touch; no layout shift."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, StorageState, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer, Till
from tests.e2e.waiting import wait_until
from tests.harness.running_cafe import RunningCafe

MAX_SHIFT = 0.02
SCRIPTS_LATE_S = 0.3
WATCH_FLIERS = """
  window.fliers = 0;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) window.fliers += node.classList?.contains("flier") ? 1 : 0;
    }
  }).observe(document.body, { childList: true });
"""
# Does not press; returns the element's style in the first frame after it is pressed.
LOOK_IN_THE_NEXT_FRAME = """(element) => {
  const look = () => JSON.stringify(["filter", "transform", "color", "backgroundColor"].map((name) =>
    [getComputedStyle(element)[name], getComputedStyle(element.nextElementSibling ?? element)[name]]));
  const before = look();
  window.pressed = new Promise((done) =>
    addEventListener("pointerdown", () => requestAnimationFrame(() => done([before, look()])), { once: true }));
}"""
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const add = (entry) => (sum += entry.value); // all: for Chromium a phone's load itself is "recent input"
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 500);
})"""


HAS_COME_TO_REST = "(one) => Promise.all(one.getAnimations({ subtree: true }).map(({ finished }) => finished))"


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


def moving(page: Page, selector: str) -> list[str]:
    """Return the names of the running animations within these elements."""
    found: list[str] = page.evaluate(
        "(selector) => [...document.querySelectorAll(selector)]"
        ".flatMap((one) => one.getAnimations({ subtree: true }))"
        ".map((one) => one.animationName ?? one.transitionProperty)",
        selector,
    )
    return sorted(set(found))


def add_latte(customer: Customer) -> None:
    customer.open()
    customer.page.evaluate(WATCH_FLIERS)
    customer.press_plus("latte")
    expect(customer.page.locator("[data-cart-count]")).to_have_text("1")


def test_what_is_added_flies_to_the_cart_and_the_cup_fills(new_context: NewContext, till: Till) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    add_latte(customer)
    wait_until(customer.page, "fliers === 1")
    expect(customer.page.locator(".flier")).to_have_count(0)
    token = till.move(till.order("Move"), "pending", "advance", "advance")
    customer.open(f"order/{token}/")
    assert moving(customer.page, ".filling-cup") == ["cup-fills", "cup-steams", "foam-comes"]


def test_nothing_moves_for_who_wants_it_still(new_context: NewContext, till: Till) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", reduced_motion="reduce"))
    page = customer.page
    add_latte(customer)
    page.wait_for_timeout(200)
    assert page.evaluate("fliers") == 0
    assert moving(page, "body") == []
    token = till.order("Still")
    customer.open(f"order/{token}/")
    page.get_by_role("button", name="Tell me when it is ready").click()
    assert moving(page, "body") == []
    till.move(token, "pending", "advance", "advance")
    customer.expect_status("ready")
    assert moving(page, "body") == []


@pytest.mark.parametrize("reduced_motion", ["no-preference", "reduce"])
def test_a_touch_is_answered_in_the_next_frame(new_context: NewContext, reduced_motion: str) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", reduced_motion=reduced_motion))
    page = customer.page
    for path, selector in [
        ("", "#latte .item-card__form button"),
        ("item/latte/", ".chip__input:not(:checked)"),
        ("item/latte/", "[data-stepper] .stepper__button"),
        ("item/latte/", ".item-form__foot .button--accent"),
    ]:
        customer.open(path)
        target = page.locator(selector).first
        target.scroll_into_view_if_needed()
        target.hover()
        target.evaluate(LOOK_IN_THE_NEXT_FRAME)
        page.mouse.down()
        before, after = page.evaluate("pressed")
        page.mouse.move(0, 0)
        page.mouse.up()
        assert before != after, f"{selector} looks as before"


def test_the_cart_is_in_reach_of_a_thumb(new_context: NewContext) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB"))
    add_latte(customer)
    customer.page.locator("[data-cart-bar]").evaluate(HAS_COME_TO_REST)
    box = customer.page.locator(".cart-bar__go").bounding_box()
    assert box
    height = PHONE["viewport"]["height"]
    assert box["y"] > 0.8 * height
    assert box["y"] + box["height"] < height - 8
    assert box["height"] >= 44


def late(route: Route) -> None:
    """Delay a script until long after the first paint, as on a slow connection."""
    time.sleep(SCRIPTS_LATE_S)
    route.continue_()


@pytest.mark.parametrize("path", [
    "", "item/latte/", "cart/", "orders/mine/", "offline/", "a full cart", "checkout/", "order", "my orders",
])  # fmt: skip
def test_nothing_jumps_while_a_page_loads(new_context: NewContext, path: str) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", service_workers="block"))
    if path in ("order", "my orders"):
        customer.add("latte")
        customer.place("Ann")
        path = {"order": f"order/{customer.token()}/", "my orders": "orders/mine/"}[path]
    elif path in ("a full cart", "checkout/"):
        customer.add("latte")
        path = path.replace("a full cart", "cart/")
    customer.page.context.route("**/*.js", late)
    customer.open(path)
    assert customer.page.evaluate(SHIFTS) <= MAX_SHIFT
