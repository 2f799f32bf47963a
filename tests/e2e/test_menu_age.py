"""The menu while no instance answers: the edge serves its stale copy, and the page says how old it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.deploy.edge import Edge
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer
from tests.e2e.waiting import wait_until
from tests.faults.proxy import Proxy
from tests.harness.running_cafe import RunningCafe

pytestmark = pytest.mark.needs_nginx


MARKED_AFTER_S = 5  # an instance marks its pages when its database has been down so long
ASKED_AFTER_MS = 8000  # interval at which a stale page checks for the café
KEPT_S = 1  # lifetime of a page in the edge's cache
WITHIN_MS = 10_000


@pytest.fixture
def edge(tmp_path: Path, cafe: RunningCafe) -> Iterator[Edge]:
    edge = Edge(tmp_path, instances=f"127.0.0.1:{cafe.port}").start()
    yield edge
    edge.stop()


@pytest.fixture
def away(cafe: RunningCafe) -> Iterator[RunningCafe]:
    """The café, for a test that stops it; restarted afterwards."""
    yield cafe
    if cafe.process is None:
        cafe.start()


def notice(page: Page) -> Locator:
    return page.locator(".menu-age")


def seconds_of(page: Page) -> int:
    found = re.search(r"the menu of (\d+) seconds? ago", notice(page).inner_text())
    assert found, notice(page).inner_text()
    return int(found[1])


@pytest.mark.parametrize("path", ["", "item/latte/"])
def test_the_last_copy_says_its_age_and_counts_until_the_cafe_is_back(
    new_context: NewContext, edge: Edge, away: RunningCafe, path: str
) -> None:
    customer = Customer(new_context(**PHONE, locale="en-GB", base_url=edge.url))
    page = customer.page
    customer.open(path)
    expect(notice(page)).to_have_count(0)
    away.stop()
    page.wait_for_timeout(2 * KEPT_S * 1000)
    page.reload()
    expect(notice(page)).to_contain_text("We cannot reach the café right now.")
    first = seconds_of(page)
    assert first >= KEPT_S
    expect(notice(page)).to_contain_text(f"{first + 2} seconds ago", timeout=WITHIN_MS)
    expect(page.locator("[data-menu-age]")).to_have_attribute("aria-live", "off")
    assert [cookie["name"] for cookie in page.context.cookies()] == [], "read once"
    page.reload()
    expect(notice(page)).to_be_visible()
    assert seconds_of(page) >= first + 2, "counted from when it was made"
    away.start()
    expect(notice(page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)  # without a reload
    expect(page.locator("h1")).to_be_visible()


def test_back_at_an_old_copy_it_is_still_said_to_be_one(
    new_context: NewContext, edge: Edge, away: RunningCafe
) -> None:
    page = Customer(new_context(**PHONE, locale="en-GB", base_url=edge.url)).page
    for path in ("/en/item/latte/", "/en/"):
        page.goto(path)
    away.stop()
    page.wait_for_timeout(2 * KEPT_S * 1000)
    page.reload()
    expect(notice(page)).to_be_visible()
    page.goto("/en/item/latte/")
    page.go_back()
    expect(notice(page)).to_contain_text("We cannot reach the café right now.")


def test_the_mark_of_one_address_is_not_shown_at_another(
    new_context: NewContext, edge: Edge, away: RunningCafe
) -> None:
    page = Customer(new_context(**PHONE, locale="en-GB", base_url=edge.url)).page
    mark = "1795240000.123|Sat, 21 Nov 2026 05:48:10 GMT|/en/item/latte/"
    page.context.add_cookies([{"name": "menu_stale", "value": mark, "url": edge.url}])
    page.goto("/en/")
    expect(page.locator("h1")).to_be_visible()
    wait_until(page, "!document.cookie.includes('menu_stale')")
    expect(notice(page)).to_have_count(0)


def test_a_wrong_clock_of_the_phone_changes_nothing(new_context: NewContext, edge: Edge, away: RunningCafe) -> None:
    customer = Customer(new_context(**PHONE, locale="zh-CN", base_url=edge.url), "zh-hans")
    page = customer.page
    page.clock.install(time="2020-02-02")
    customer.open()
    away.stop()
    page.wait_for_timeout(2 * KEPT_S * 1000)
    page.reload()
    expect(notice(page)).to_contain_text(re.compile(r"这是 \d+ 秒前的菜单"))
    page.clock.run_for("05:00")
    expect(notice(page)).to_contain_text("这是 5 分钟前的菜单")


@pytest.mark.needs_mariadb
def test_what_a_program_marks_counts_too(new_context: NewContext, tmp_path: Path, cafe: RunningCafe) -> None:
    way = Proxy(int(cafe.env["DB_PORT"]))
    program = RunningCafe(tmp_path, cafe.env | {"DB_PORT": str(way.port), "WEB_WORKERS": "1"})
    program.start()
    try:
        customer = Customer(new_context(**PHONE, locale="en-GB", base_url=program.url))
        page = customer.page
        customer.open()
        expect(notice(page)).to_have_count(0)
        way.die()
        page.wait_for_timeout(1.2 * MARKED_AFTER_S * 1000)
        page.reload()
        expect(notice(page)).to_contain_text("We cannot reach our books right now.")
        first = seconds_of(page)
        assert first >= MARKED_AFTER_S
        expect(notice(page)).to_contain_text(f"{first + 2} seconds ago", timeout=WITHIN_MS)
        page.clock.install(time="2020-02-02")  # a phone whose clock is wrong shows the time of day
        page.reload()
        expect(notice(page)).to_contain_text(re.compile(r"the menu of \d{1,2} \w{3,4} \d{4}, \d\d:\d\d;"))
    finally:
        program.stop()
        way.die()
