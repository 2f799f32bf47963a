"""The switch "Tell me when it is ready": title and screen reader always; sound, buzz, notification if allowed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, StorageState, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer, Till
from tests.e2e.waiting import wait_until
from tests.harness.running_cafe import RunningCafe

TONES = 3  # tones of one chime
# Counts the tones and vibrations that the page starts, without blocking them.
LISTEN = """
  window.tones = 0;
  window.buzzes = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.tones += 1;
    return start.apply(this, when);
  };
  const vibrate = Navigator.prototype.vibrate;
  Navigator.prototype.vibrate = function (pattern) {
    window.buzzes += 1;
    return vibrate.call(this, pattern);
  };
"""
NOTIFICATIONS = """async () => {
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.getNotifications() ?? []).map(({ title, body, tag, lang }) => [title, body, tag, lang]);
}"""


@pytest.fixture
def till(new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe) -> Till:
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    context = new_context(**PHONE, locale="en-GB")
    context.add_init_script(LISTEN)
    return context


def wait_for(context: BrowserContext, token: str) -> Customer:
    """Open this order's page as a customer who came from the menu; return the customer."""
    customer = Customer(context)
    customer.open()
    customer.open(f"order/{token}/")
    return customer


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Tell me when it is ready")


def how(page: Page) -> Locator:
    return page.locator("#tell-me-how")


def said(page: Page) -> Locator:
    """The text that a screen reader announces."""
    return page.locator("[data-said-here]")


def heard(page: Page) -> tuple[int, int]:
    told: list[int] = page.evaluate("[tones, buzzes]")
    return told[0], told[1]


@pytest.mark.whole_chromium
def test_who_allowed_it_is_told_by_sound_buzz_and_notification(context: BrowserContext, till: Till) -> None:
    context.grant_permissions(["notifications"])
    token = till.order("Ring")
    customer = wait_for(context, token)
    page = customer.page
    expect(button(page)).to_have_attribute("aria-pressed", "false")
    button(page).click()
    expect(button(page)).to_have_attribute("aria-pressed", "true")
    expect(how(page)).to_contain_text("send you a notification")
    assert heard(page) == (TONES, 0), "this is how it sounds"
    wait_until(page, "navigator.serviceWorker.ready.then((worker) => worker.active.state === 'activated')")

    till.move(token, "pending", "advance")
    customer.expect_status("preparing")
    assert heard(page) == (TONES, 0)
    assert page.evaluate(NOTIFICATIONS) == []
    till.move(token, "preparing", "advance")
    customer.expect_status("ready")
    wait_until(page, f"tones === {3 * TONES} && buzzes === 1")  # the chime rings twice
    words = "Ready! Pick it up at the bar."
    expect(said(page)).to_have_text(f"{customer.number()} · {words}")
    expect(page).to_have_title(f"{customer.number()} · Ready at the bar")
    assert page.evaluate(NOTIFICATIONS) == [[customer.number(), words, f"/en/order/{token}/", "en"]]
    expect(button(page)).to_be_hidden()

    # The next order on this device: the setting is remembered, and sound works after any touch.
    second = till.order("Again")
    customer.open(f"order/{second}/")
    expect(button(page)).to_have_attribute("aria-pressed", "true")
    page.locator("h1").click()
    till.move(second, "pending", "advance", "advance")
    customer.expect_status("ready")
    wait_until(page, f"tones === {2 * TONES} && buzzes === 1")


def test_refused_notifications_leave_the_sound(context: BrowserContext, till: Till) -> None:
    context.grant_permissions([])  # denies all permissions
    token = till.order("Refused")
    customer = wait_for(context, token)
    page = customer.page
    assert page.evaluate("Notification.permission") == "denied"
    button(page).click()
    expect(how(page)).to_have_text("We will ring, as long as this page stays open.")
    till.move(token, "pending", "advance", "advance")
    customer.expect_status("ready")
    wait_until(page, f"tones === {3 * TONES} && buzzes === 1")
    assert page.evaluate(NOTIFICATIONS) == []


def test_who_did_not_ask_hears_nothing_but_the_title_and_the_screen_reader_tell(
    context: BrowserContext, till: Till
) -> None:
    context.grant_permissions(["notifications"])
    token = till.order("Quiet")
    customer = wait_for(context, token)
    page = customer.page
    button(page).click()
    button(page).click()
    expect(button(page)).to_have_attribute("aria-pressed", "false")
    before = heard(page)
    till.move(token, "pending", "advance")
    expect(said(page)).to_contain_text("Being made")
    till.move(token, "preparing", "advance")
    expect(said(page)).to_contain_text("Ready! Pick it up at the bar.")
    expect(page).to_have_title(f"{customer.number()} · Ready at the bar")
    page.wait_for_timeout(300)
    assert heard(page) == before
    assert page.evaluate(NOTIFICATIONS) == []


def test_an_order_that_is_ready_is_not_waited_for(context: BrowserContext, till: Till) -> None:
    token = till.move(till.order("There"), "pending", "advance", "advance")
    customer = wait_for(context, token)
    customer.expect_status("ready")
    expect(button(customer.page)).to_be_hidden()
    assert heard(customer.page) == (0, 0)


def test_without_javascript_nothing_is_offered_that_does_not_work(new_context: NewContext, till: Till) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=False))
    customer.open(f"order/{till.order('Plain')}/")
    customer.expect_status("pending")
    expect(button(customer.page)).to_be_hidden()
