"""Barista board offline: a step of an order is queued and sent later; every other action is refused with a message
beside it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, StorageState, expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.people import Barista, Till
from tests.harness.running_cafe import RunningCafe

NewContext = Callable[..., BrowserContext]
SignedIn = Callable[[str], StorageState]

TABLET = {"viewport": {"width": 1180, "height": 820}, "locale": "en-GB"}
PATIENCE_MS = 20_000  # the timeout of a touch is 8 s
KEPT_S = 120
# Without --full only the café that does not answer is tested, not the one that answers 503.
EACH_TROUBLE = pytest.mark.parametrize(
    "trouble", ["offline", "is_dead", pytest.param("is_sorry", marks=pytest.mark.only_full)]
)


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[BrokenNetwork]:
    line = BrokenNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture
def barista(new_context: NewContext, signed_in: SignedIn, line: BrokenNetwork) -> Barista:
    address = f"http://{line.address}"
    return Barista(new_context(**TABLET, storage_state=signed_in("barista"), base_url=address))


@pytest.fixture
def till(new_context: NewContext, signed_in: SignedIn, cafe: RunningCafe) -> Till:
    """The same barista's session on an intact connection."""
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


@pytest.fixture(autouse=True)
def _lost_connections_are_no_error(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    yield
    page_errors[:] = [
        error for error in page_errors if not re.search(r"status of (503|409)|Code 503|net::ERR_|htmx:", error)
    ]


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


def expect_moved(till: Till, token: str, status: str, page: Page) -> None:
    expect(page.locator(f".bar__column--{status} form[action*='{token}']").first).to_be_visible(timeout=PATIENCE_MS)
    assert status_of(till, token) == status


# A step is queued


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


# Refused actions


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
