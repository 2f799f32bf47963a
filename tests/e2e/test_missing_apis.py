"""A browser that lacks or refuses an API: no script throws, and no page promises what it cannot do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, StorageState, expect

from tests.e2e.browser_apis import (
    MISSING,
    NO_LONGER_USED,
    OWN,
    SCRIPTS,
    known_names,
    missing_in_scripts,
    unexplained_names,
    used_names,
    without,
)
from tests.e2e.conftest import DESKTOP, PHONE, NewContext, Staff
from tests.e2e.degradation_checks import CHECKS
from tests.e2e.degradation_stage import LISTEN, Stage
from tests.e2e.people import Customer, Till
from tests.harness.running_cafe import RunningCafe

NewStage = Callable[[str], Stage]

WORKERS = {"worker", "worker_off"}
CASES = missing_in_scripts() + [(name, script) for name, (script, _removal) in NO_LONGER_USED.items()]


@pytest.fixture
def stage_without(
    new_context: NewContext,
    signed_in: Callable[[str], StorageState],
    staff: Callable[[str], Staff],
    cafe: RunningCafe,
    page_errors: list[str],
) -> Callable[..., Stage]:
    """Return a function that makes a Stage whose pages, or whose service worker, lack an API."""

    def make(name: str | None, script: str = "") -> Stage:
        context = new_context(**PHONE, locale="en-GB")
        managers = new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager"))
        till = Till(new_context(storage_state=signed_in("barista")).request, cafe.url)
        removal = without(name) if name else ""
        if script in WORKERS:
            context.route("**/sw.js", lambda route: _cut(route, removal, script))
        else:
            for one in (context, managers):
                one.add_init_script(removal)
        return Stage(context, managers, till, staff("manager"), page_errors)

    return make


def _cut(route: Route, removal: str, script: str) -> None:
    answer = route.fetch()
    served = SCRIPTS[script] if script == "worker_off" else answer.text()
    route.fulfill(response=answer, body=removal + served)


@pytest.mark.parametrize(("name", "script"), CASES)
def test_what_is_missing_breaks_no_promise(stage_without: Callable[..., Stage], name: str, script: str) -> None:
    assert script in CHECKS, f"{script}.js uses {name}: tests/e2e/degradation_checks.py has no check for it"
    CHECKS[script](stage_without(name, script))


@pytest.mark.parametrize("script", {promise: script for script, promise in CHECKS.items()}.values())
def test_a_browser_that_lacks_nothing_keeps_each_promise(stage_without: Callable[..., Stage], script: str) -> None:
    CHECKS[script](stage_without(None, script))


@pytest.mark.every_run
def test_each_script_promises_something() -> None:
    assert set(CHECKS) == set(SCRIPTS)


@pytest.mark.every_run
def test_each_name_that_a_script_uses_is_below_the_floor_or_tested_as_missing(new_context: NewContext) -> None:
    context = new_context(**DESKTOP)
    page = context.new_page()
    page.goto("/en/")
    known = known_names(page, context)
    assert unexplained_names(known) == {}, "to browser_floor.txt, or to MISSING or OWN in browser_apis.py?"
    newer = """const twin = structuredClone(words); // and not words.at(0)
      element.showPopover?.();
      const { userAgentData } = navigator;"""
    assert used_names(newer, known) - {"navigator"} == {"structuredClone", "showPopover", "userAgentData"}
    for script, names in OWN.items():
        assert names <= used_names(SCRIPTS[script], known), script


@pytest.mark.parametrize("name", ["AudioContext", "Notification", "vibrate"])
def test_what_cannot_be_done_is_not_offered(stage_without: Callable[..., Stage], name: str) -> None:
    stage = stage_without(name)
    customer = Customer(stage.context)
    customer.open(f"order/{stage.till.order('Offered')}/")
    words = {"AudioContext": "By a buzz", "Notification": "By a sound and a buzz", "vibrate": "By a sound"}
    expect(customer.page.locator("#tell-me-how")).to_have_text(f"{words[name]}, while this page is open.")


def test_without_any_way_to_tell_nothing_is_offered(stage_without: Callable[..., Stage]) -> None:
    stage = stage_without("AudioContext")
    for name in ("Notification", "vibrate"):
        stage.context.add_init_script(without(name))
    customer = Customer(stage.context)
    customer.open(f"order/{stage.till.order('Silent')}/")
    customer.expect_status("pending")
    expect(customer.page.locator("[data-tell-me]")).to_be_hidden()


def test_before_the_first_touch_of_a_page_no_ring_is_promised(stage_without: Callable[..., Stage]) -> None:
    stage = stage_without("userActivation")
    stage.context.grant_permissions([])  # refuses notifications
    stage.context.add_init_script(LISTEN)
    customer = Customer(stage.context)
    words = customer.page.locator("#tell-me-how")
    customer.open(f"order/{stage.till.order('First')}/")
    customer.page.get_by_role("button", name="Tell me when it is ready").click()
    expect(words).to_have_text("We will ring, as long as this page stays open.")
    token = stage.till.order("Second")
    customer.open(f"order/{token}/")
    expect(words).to_have_text("Touch this page once, so that we may ring.")
    customer.page.locator("h1").click()
    expect(words).to_have_text("We will ring, as long as this page stays open.")
    stage.till.move(token, "pending", "advance", "advance")
    customer.expect_status("ready")
    assert customer.page.evaluate("tones") > 0


def test_what_is_taken_away_is_gone(new_context: NewContext) -> None:
    """Control: `without` removes each API that the browser has, in a page and in the service worker."""
    context = new_context(**PHONE)
    page = context.new_page()
    with context.expect_event("serviceworker") as worker:
        page.goto("/en/")
    of_page = [name for name, owner in MISSING.items() if owner != "refused"]
    of_worker = [name for name, script in missing_in_scripts() if script in WORKERS]
    surely = {"vibrate", "animate", "RelativeTimeFormat", "caches", "cookieStore", "locks", "submitter"}
    for realm, names, known in ((page, of_page, surely), (worker.value, of_worker, {"caches", "preloadResponse"})):
        asked = {name: f"'{name}' in ({MISSING[name]} ?? {{}})" for name in names}
        assert known <= {name for name in names if realm.evaluate(asked[name])}
        for name in names:
            realm.evaluate(without(name))
        assert [name for name in names if realm.evaluate(asked[name])] == []
    page.evaluate(without("localStorage"))
    assert page.evaluate(
        "(() => { try { return String(localStorage); } catch (error) { return error.name; } })()"
    ) == ("SecurityError")
