"""Session expiry at the barista board and in the admin: the action that meets the login page is executed after it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, Staff
from tests.e2e.people import Barista, Till
from tests.harness.running_cafe import RunningCafe

TABLET = {"viewport": {"width": 1180, "height": 820}, "locale": "en-GB"}
AGE = """
from datetime import datetime, timedelta
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore("{key}")
session["signed_in_at"] -= {hours} * 3600
session.set_expiry(datetime.fromisoformat(session["_session_expiry"]) - timedelta(hours={hours}))
session.save()
"""


@pytest.fixture
def barista(new_context: NewContext, staff: Callable[[str], Staff]) -> Barista:
    barista = Barista(new_context(**TABLET))
    barista.sign_in(*staff("barista"))
    return barista


def age_session(cafe: RunningCafe, page: Page, hours: float) -> None:
    """Age the session of this page, as if its start and its last use were this much longer ago."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    cafe.manage("shell", "--verbosity=0", "-c", AGE.format(key=key, hours=hours))


def log_in(page: Page, person: Staff) -> None:
    page.locator("[name=username]").fill(person.username)
    page.locator("[name=password]").fill(person.password)
    page.locator("[type=submit]").click()


def status_of(page: Page, token: str) -> str:
    return str(page.request.get(f"/api/orders/{token}").json()["status"])


def type_a_reason(barista: Barista, token: str) -> None:
    barista.page.goto(f"/admin/bar/{token}/")
    barista.open_form("cancel").locator("[name=reason_words]").fill("牛奶用完了")


def press_cancel(page: Page) -> None:
    page.locator("form[action$='/cancel/'] button").click()


def test_a_typed_reason_is_sent_by_the_login_of_the_same_person(
    barista: Barista, cafe: RunningCafe, staff: Callable[[str], Staff]
) -> None:
    page, token = barista.page, Till(barista.page.request, cafe.url).order("End")
    type_a_reason(barista, token)
    age_session(cafe, page, 13)
    press_cancel(page)
    expect(page.locator(".unsent-note")).to_contain_text("What you pressed is kept")
    assert status_of(page, token) == "pending"
    log_in(page, staff("barista"))
    expect(page.locator("#bar")).to_be_visible()
    assert status_of(page, token) == "cancelled"
    page.goto(f"/admin/bar/{token}/")
    expect(page.locator(".events li").last).to_contain_text("牛奶用完了")


def test_somebody_else_reads_it_and_it_is_not_sent(
    barista: Barista, cafe: RunningCafe, staff: Callable[[str], Staff]
) -> None:
    page, token = barista.page, Till(barista.page.request, cafe.url).order("Else")
    type_a_reason(barista, token)
    age_session(cafe, page, 13)
    press_cancel(page)
    log_in(page, staff("manager"))
    expect(page.locator("h1")).to_have_text("Not sent yet")
    expect(page.locator("main")).to_contain_text("牛奶用完了")
    expect(page.get_by_role("button", name="Send it", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Understood").click()
    expect(page.locator("#bar")).to_be_visible()
    assert status_of(page, token) == "pending"


def test_without_javascript_one_press_sends_it(
    new_context: NewContext, cafe: RunningCafe, staff: Callable[[str], Staff]
) -> None:
    barista = Barista(new_context(**TABLET, java_script_enabled=False))
    barista.sign_in(*staff("barista"))
    page, token = barista.page, Till(barista.page.request, cafe.url).order("Plain")
    type_a_reason(barista, token)
    age_session(cafe, page, 13)
    press_cancel(page)
    log_in(page, staff("barista"))
    expect(page.locator("main")).to_contain_text("Send it now?")
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.locator("#bar")).to_be_visible()
    assert status_of(page, token) == "cancelled"


def test_a_page_of_before_another_sign_in_loses_no_reason(
    barista: Barista, cafe: RunningCafe, staff: Callable[[str], Staff]
) -> None:
    page, token = barista.page, Till(barista.page.request, cafe.url).order("Tab")
    type_a_reason(barista, token)
    other = page.context.new_page()
    other.goto("/admin/bar/")
    other.locator("form[action='/admin/logout/'] button").click()
    other.goto("/admin/bar/")
    log_in(other, staff("barista"))
    expect(other.locator("#bar")).to_be_visible()
    press_cancel(page)
    expect(page.locator("main")).to_contain_text("drawn before the last sign-in")
    assert status_of(page, token) == "pending"
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.locator("#bar")).to_be_visible()
    assert status_of(page, token) == "cancelled"


def test_the_open_bar_warns_and_one_touch_goes_on(barista: Barista, cafe: RunningCafe) -> None:
    page = barista.page
    warning = page.locator("[data-session-ending]")
    expect(warning).to_have_count(0)
    age_session(cafe, page, 11.75)
    expect(warning).to_contain_text(re.compile(r"You will be signed out at ([\w ]+, )?\d\d:\d\d\."))
    expect(page.locator("[data-said-here]")).to_contain_text("You will be signed out")
    warning.get_by_role("button", name="Stay signed in").click()
    expect(page.locator("#bar")).to_be_visible()
    expect(warning).to_have_count(0)
    age_session(cafe, page, 3.5)  # 45 minutes before the maximum age
    page.reload()
    expect(warning).to_have_count(0)


def test_at_the_longest_time_the_bar_leads_to_a_new_login(
    barista: Barista, cafe: RunningCafe, staff: Callable[[str], Staff]
) -> None:
    page = barista.page
    for hours in (8, 7.75):
        age_session(cafe, page, hours)
        page.request.get("/admin/")  # a page opened by a person, not a poll
    page.reload()
    page.get_by_role("button", name="Sign in again now").click()
    log_in(page, staff("barista"))
    expect(page.locator("#bar")).to_be_visible()
    expect(page.locator("[data-session-ending]")).to_have_count(0)
