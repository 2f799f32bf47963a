"""A manager adds a colleague, who sets a password by the link or its QR code, uses the barista board, and leaves."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.axe import LOOKS, violations_in
from tests.e2e.conftest import DESKTOP, PHONE, NewContext
from tests.e2e.people import Barista
from tests.e2e.test_pages_are_sound import problems
from tests.harness.qr import read_screenshot

PASSWORD = "oat-milk-at-nine"


@pytest.fixture
def boss(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> Page:
    context = new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager"), bypass_csp=True)
    return context.new_page()


def add(boss: Page, name: str) -> str:
    """Add a barista; return the link that the page then shows."""
    boss.goto("/admin/staff/")
    boss.get_by_role("link", name="Add a colleague").click()
    boss.get_by_label("Name", exact=True).fill(name)
    boss.get_by_role("button", name="Add and show the link").click()
    expect(boss.locator("#link-address")).to_be_visible()
    return boss.locator("#link-address").input_value()


def choose_password(phone: Page, link: str) -> None:
    phone.goto(link)
    for field in ("new_password1", "new_password2"):
        phone.locator(f"[name={field}]").fill(PASSWORD)
    phone.get_by_role("button", name="Set the password").click()
    expect(phone.locator(".messagelist .success")).to_contain_text("Your password is set. Log in as")


@pytest.mark.every_run
def test_a_colleague_comes_works_and_leaves(boss: Page, new_context: NewContext) -> None:
    boss.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = add(boss, "Ann Lee")
    boss.get_by_role("button", name="Copy the link").click()
    expect(boss.locator("[data-copied]")).to_have_text("The link is copied.")
    assert boss.evaluate("navigator.clipboard.readText()") == link
    assert read_screenshot(boss.locator(".cafe-qr svg").screenshot()) == link

    colleague = Barista(new_context(**PHONE, locale="en-GB"))
    choose_password(colleague.page, link)
    colleague.sign_in("ann.lee", PASSWORD)

    boss.goto("/admin/staff/")
    boss.get_by_role("link", name="Ann Lee").click()
    boss.get_by_text("Deactivate…").click()
    boss.get_by_role("button", name="Deactivate Ann Lee").click()
    expect(boss.locator(".messagelist .success")).to_contain_text("can no longer log in")
    expect(colleague.page).to_have_url(re.compile(r"/admin/login/\?next=/admin/bar/"))  # by the board's next poll


def test_it_works_without_javascript(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> None:
    options = {"locale": "en-GB", "java_script_enabled": False}
    boss = new_context(**DESKTOP, **options, storage_state=signed_in("manager")).new_page()
    link = add(boss, "Bob")
    expect(boss.locator("[data-copy]")).to_be_hidden()
    choose_password(new_context(**PHONE, **options).new_page(), link)
    boss.goto("/admin/staff/")
    boss.get_by_role("link", name="Bob").click()
    boss.get_by_role("button", name="Make a new link").click()
    assert boss.locator("#link-address").input_value() != link


def test_without_the_clipboard_the_link_is_copied_the_old_way(boss: Page) -> None:
    boss.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    link = add(boss, "Cyd")
    boss.get_by_role("button", name="Copy the link").click()
    expect(boss.locator("[data-copied]")).to_have_text("The link is copied.")
    assert boss.evaluate("getSelection().toString()") == link


def test_the_pages_are_sound_in_every_look(boss: Page, new_context: NewContext) -> None:
    link = add(boss, "Dee")
    found = [*problems(boss, "en", ours=False), *violations_in(boss, LOOKS)]
    boss.goto("/admin/staff/")
    boss.get_by_role("link", name="Dee").click()
    boss.get_by_text("Deactivate…").click()
    found += [*problems(boss, "en", ours=False), *violations_in(boss, LOOKS)]
    colleague = new_context(**PHONE, locale="zh-CN", bypass_csp=True).new_page()
    colleague.goto(link)
    found += [*problems(colleague, "zh-hans", ours=False), *violations_in(colleague, LOOKS)]
    assert not found, "\n".join(found)
