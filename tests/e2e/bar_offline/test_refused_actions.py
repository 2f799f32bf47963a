"""Barista board offline: every other action, and every link, is refused with a message."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bar_offline.tablet import PATIENCE_MS, events_of, form, notes, status_of, touch, waiting
from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.people import Barista, Till

# Without --full only the café that does not answer is tested, not the one that answers 503.
EACH_TROUBLE = pytest.mark.parametrize("trouble", ["offline", "is_dead", "is_sorry"])


def test_picked_up_is_kept_for_a_paid_order_alone(barista: Barista, till: Till) -> None:
    paid, unpaid = till.order("Paid"), till.order("Unpaid")
    till.move(paid, "pending", "paid", "advance", "advance")
    till.move(unpaid, "pending", "advance", "advance")
    page = barista.page
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, paid, "advance")
    touch(page, unpaid, "hand-over")
    expect(waiting(page)).to_have_count(1)
    expect(notes(page)).to_contain_text(re.compile(r"No connection\. Not done: \d+ · Take ¥15 and hand over\."))
    page.context.set_offline(False)
    expect(page.locator(f"form[action*='{paid}']")).to_have_count(0)
    assert [status_of(till, token) for token in (paid, unpaid)] == ["completed", "ready"]


@EACH_TROUBLE
def test_money_is_refused_in_words(barista: Barista, till: Till, line: BrokenNetwork, trouble: str) -> None:
    token, page = till.order("Money"), barista.page
    barista.open_bar()
    _break(page, line, trouble)
    touch(page, token, "paid")
    expect(notes(page)).to_contain_text(
        re.compile(r"Not done: \d+ · Take ¥15|No answer to “\d+ · Take ¥15”"), timeout=PATIENCE_MS
    )
    _break(page, line, trouble, False)
    expect(page.locator("[data-connection]")).to_be_hidden(timeout=PATIENCE_MS)
    page.wait_for_timeout(2500)
    assert len(events_of(till, token)) == 1


def test_gone_without_paying_is_refused_at_once(barista: Barista, till: Till) -> None:
    unpaid, page = till.move(till.order("Left"), "pending", "advance", "advance"), barista.page
    barista.open_bar()
    page.context.set_offline(True)
    page.locator(".gone", has=form(page, unpaid, "gone")).locator("summary").click()
    form(page, unpaid, "gone").get_by_role("button", name="Left without paying").click()
    expect(notes(page)).to_contain_text(re.compile(r"Not done: \d+ · Left without paying"))
    page.context.set_offline(False)
    assert status_of(till, unpaid) == "ready"


@EACH_TROUBLE
def test_a_typed_reason_stays_where_it_was_typed(
    barista: Barista, till: Till, line: BrokenNetwork, trouble: str
) -> None:
    token, page = till.order("Reason"), barista.page
    page.goto(f"/admin/bar/{token}/")
    reason = barista.open_form("cancel").locator("[name=reason_words]")
    reason.fill("No oat milk left")
    _break(page, line, trouble)
    touch(page, token, "cancel")
    expect(notes(page)).to_contain_text(re.compile("Cancel this order"), timeout=PATIENCE_MS)
    expect(reason).to_have_value("No oat milk left")
    assert status_of(till, token) == "pending"
    _break(page, line, trouble, False)
    expect(page.locator("html")).not_to_have_class(re.compile("is-cut-off"), timeout=PATIENCE_MS)
    touch(page, token, "cancel")
    expect(page.locator("#bar")).to_be_visible()
    assert status_of(till, token) == "cancelled"


@EACH_TROUBLE
def test_links_and_other_forms_refuse_in_place(
    barista: Barista, till: Till, line: BrokenNetwork, trouble: str
) -> None:
    token, page = till.order("Links"), barista.page
    barista.open_bar()
    address = page.url
    _break(page, line, trouble)
    page.wait_for_timeout(2500)
    for found in (f"a[href='/admin/bar/{token}/']", "a[href='/admin/bar/table/']", "a[href='/admin/']"):
        page.locator(found).first.click()
        expect(notes(page)).to_contain_text("No connection: this cannot be opened now.", timeout=PATIENCE_MS)
        notes(page).evaluate("region => region.replaceChildren()")
    page.locator("form[action='/admin/logout/'] button").click()
    expect(notes(page)).to_contain_text("No connection: this cannot be opened now.", timeout=PATIENCE_MS)
    assert page.url == address
    _break(page, line, trouble, False)
    expect(page.locator("html")).not_to_have_class(re.compile("is-cut-off"), timeout=PATIENCE_MS)
    page.locator(f"a[href='/admin/bar/{token}/']").first.click()
    expect(page.locator(".ticket-page")).to_be_visible()
    page.wait_for_timeout(2500)
    page.locator("button[name=language][value=zh-hans]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def _break(page: Page, line: BrokenNetwork, trouble: str, is_broken: bool = True) -> None:
    if trouble == "offline":
        page.context.set_offline(is_broken)
    else:
        setattr(line, trouble, is_broken)
