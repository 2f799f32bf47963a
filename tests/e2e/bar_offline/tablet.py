"""The barista's tablet with a connection that breaks in several ways."""

import re

from playwright.sync_api import Locator, Page

from tests.e2e.people import Till

TABLET = {"viewport": {"width": 1180, "height": 820}, "locale": "en-GB"}


PATIENCE_MS = 20_000  # the timeout of a touch is 8 s


def status_of(till: Till, token: str) -> str:
    return str(till.requests.get(f"/api/orders/{token}").json()["status"])


def events_of(till: Till, token: str) -> list[str]:
    page = till.requests.get(f"/admin/bar/{token}/", headers={"Accept-Language": "en"}).text()
    return re.findall(r"</time> (.*?)</li>", page)


def form(page: Page, token: str, action: str) -> Locator:
    return page.locator(f"form[action='/admin/bar/{token}/{action}/']").first


def touch(page: Page, token: str, action: str) -> None:
    form(page, token, action).locator("button").first.click()


def notes(page: Page) -> Locator:
    return page.locator("[data-bar-notes]")


def waiting(page: Page) -> Locator:
    return page.locator(".touch-waiting")
