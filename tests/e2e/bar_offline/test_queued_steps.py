"""Barista board offline: a step of an order is queued and sent later, or dropped with a message."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bar_offline.tablet import PATIENCE_MS, events_of, form, notes, status_of, touch, waiting
from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import NewContext, SignedIn
from tests.e2e.people import Barista, Till
from tests.harness.running_cafe import RunningCafe

KEPT_S = 120


def expect_moved(till: Till, token: str, status: str, page: Page) -> None:
    expect(page.locator(f".bar__column--{status} form[action*='{token}']").first).to_be_visible(timeout=PATIENCE_MS)
    assert status_of(till, token) == status


# A step is queued


@pytest.mark.every_run
@pytest.mark.few_cases(1)
@pytest.mark.parametrize(("done", "label"), [([], "Start"), (["advance"], "Ready")])
def test_a_step_waits_in_sight_and_is_sent_when_the_connection_is_back(
    barista: Barista, till: Till, done: list[str], label: str
) -> None:
    token, page = till.move(till.order("Kept"), "pending", *done), barista.page
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, token, "advance")
    expect(waiting(page)).to_contain_text(f"{label}: will be sent when the connection is back.")
    expect(form(page, token, "advance")).to_be_hidden()
    before = status_of(till, token)
    page.context.set_offline(False)
    expect_moved(till, token, {"pending": "preparing", "preparing": "ready"}[before], page)
    expect(waiting(page)).to_have_count(0)


@pytest.mark.parametrize("trouble", ["is_dead", "is_sorry"])
def test_so_it_is_where_the_tablet_has_a_network_and_the_cafe_does_not_answer(
    barista: Barista, till: Till, line: BrokenNetwork, trouble: str
) -> None:
    tokens, page = [till.order("Dead"), till.order("Line")], barista.page
    barista.open_bar()
    setattr(line, trouble, 1000)
    for token in tokens:
        touch(page, token, "advance")  # the second step, while the first has no answer yet
    expect(waiting(page)).to_have_count(2, timeout=PATIENCE_MS)
    assert [status_of(till, token) for token in tokens] == ["pending", "pending"]
    setattr(line, trouble, 0)
    for token in tokens:
        expect_moved(till, token, "preparing", page)


def test_on_a_slow_line_no_touch_gives_way_to_another(barista: Barista, till: Till, line: BrokenNetwork) -> None:
    tokens, page = [till.order("Slow"), till.order("Line")], barista.page
    barista.open_bar()
    line.delay_s = 1
    for token in tokens:
        touch(page, token, "advance")
    for token in tokens:
        expect_moved(till, token, "preparing", page)


@pytest.mark.every_run
def test_a_touch_whose_answer_alone_was_lost_moves_nothing_twice_and_is_no_failure(
    barista: Barista, till: Till, line: BrokenNetwork
) -> None:
    token, page = till.order("Lost"), barista.page
    barista.open_bar()
    page.route("**/admin/bar/?seen=*", lambda route: route.abort())  # so that no poll uses up an answer to lose
    line.answers_to_lose = 1
    touch(page, token, "advance")
    expect(waiting(page)).to_have_count(0, timeout=PATIENCE_MS)
    page.unroute("**/admin/bar/?seen=*")
    expect_moved(till, token, "preparing", page)
    assert len(events_of(till, token)) == 2
    expect(notes(page)).not_to_contain_text("Not done")


def test_a_kept_touch_outlives_a_reload(barista: Barista, till: Till) -> None:
    token, page = till.order("Reload"), barista.page
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, token, "advance")
    expect(waiting(page)).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect_moved(till, token, "preparing", page)


def test_a_kept_touch_is_taken_back(barista: Barista, till: Till) -> None:
    token, page = till.order("Back"), barista.page
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, token, "advance")
    waiting(page).get_by_role("button", name="Do not send it").click()
    expect(waiting(page)).to_have_count(0)
    expect(form(page, token, "advance")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-connection]")).to_be_hidden()
    page.wait_for_timeout(3000)
    assert status_of(till, token) == "pending"


# Dropped steps, with a message


def test_after_two_minutes_it_is_not_sent_and_that_is_told(barista: Barista, till: Till) -> None:
    token, page = till.order("Late"), barista.page
    page.clock.install()
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, token, "advance")
    expect(waiting(page)).to_be_visible()
    page.clock.fast_forward(KEPT_S * 1000 - 4000)
    expect(waiting(page)).to_be_visible()
    page.clock.fast_forward(6000)
    expect(notes(page)).to_contain_text("Not sent, as there was no connection for two minutes")
    page.context.set_offline(False)
    page.reload()
    expect(notes(page)).to_contain_text("Start.")
    notes(page).get_by_role("button", name="Understood").click()
    page.reload()
    expect(notes(page)).not_to_contain_text("Not sent")
    assert status_of(till, token) == "pending"


def test_what_has_moved_on_meanwhile_is_not_moved_again_and_that_is_told(
    barista: Barista, till: Till, new_context: NewContext, signed_in: SignedIn, cafe: RunningCafe
) -> None:
    token, page = till.order("Moved"), barista.page
    barista.open_bar()
    page.context.set_offline(True)
    touch(page, token, "advance")
    expect(waiting(page)).to_be_visible()
    colleague = Till(new_context(storage_state=signed_in("manager")).request, cafe.url)
    colleague.move(token, "pending", "advance")
    page.context.set_offline(False)
    expect(notes(page)).to_contain_text(re.compile(r"Not done: \d+ · Start\. Order \d+ has moved on meanwhile\."))
    assert len(events_of(till, token)) == 2


def test_what_one_pressed_is_not_sent_for_another(
    barista: Barista, till: Till, signed_in: SignedIn, line: BrokenNetwork
) -> None:
    token, page = till.order("Other"), barista.page
    barista.open_bar()
    line.is_dead = 1000  # an offline Chromium still sends once when a page is left
    touch(page, token, "advance")
    expect(waiting(page)).to_be_visible(timeout=PATIENCE_MS)
    page.goto("about:blank")  # else it sends with the barista's CSRF token, which is refused for another reason
    page.context.clear_cookies()
    page.context.add_cookies(signed_in("manager")["cookies"])
    line.is_dead = 0
    barista.open_bar()
    expect(notes(page)).to_contain_text("somebody else is signed in now")
    assert status_of(till, token) == "pending"
