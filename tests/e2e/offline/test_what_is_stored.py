"""What the service worker stores on the device, and when it goes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import StorageState, expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.offline.steps import ADD_LATTE, see, until_kept
from tests.e2e.people import Customer
from tests.e2e.waiting import wait_until
from tests.harness.running_cafe import RunningCafe

MAY_BE_KEPT = re.compile(
    r"/(en|zh-hans)/(item/[-\w]+/|offline/)?|/static/(?!admin/)[-\w./]+|/media/[-\w]+\.webp"
    r"|/order/[-\w]+/"  # only number and state: tests/e2e/test_kept_orders.py
)


ALL_KEPT = """async () => {
  const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().map((request) => new URL(request.url).pathname);
}"""


@pytest.mark.every_run
def test_no_personal_page_is_ever_kept(
    customer: Customer, new_context: NewContext, signed_in: Callable[[str], StorageState], cafe: RunningCafe
) -> None:
    page = customer.page
    see(customer)
    customer.add("latte")
    customer.place("Nobody's")
    for path in ("cart/", "checkout/", "orders/mine/", "board/", "offline/"):
        customer.open(path)
    page.goto("/admin/login/")
    menu = page.goto("/api/menu")
    assert menu
    assert menu.ok
    see(customer)
    kept = page.evaluate(ALL_KEPT)
    assert {"/en/", "/en/item/latte/", "/en/offline/", "/zh-hans/offline/"} <= set(kept)
    assert [path for path in kept if not MAY_BE_KEPT.fullmatch(path)] == []


def test_staffs_pages_pass_by_the_worker_and_are_asked_for_once(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    see(customer)
    del line.heard[:]
    customer.page.goto("/admin/login/")
    assert [heard for heard in line.heard if heard.startswith("GET /admin/login/")] == ["GET /admin/login/"]


def test_the_first_visit_is_done_before_the_worker_comes(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    heard = [request.split()[1] for request in line.heard]
    at = heard.index("/sw.js")
    files = customer.page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)"
    )
    named = [path for path in files if path.endswith((".css", ".js"))]
    assert len(named) > 3
    assert set(named) <= set(heard[:at])
    assert not set(named) & set(heard[at:]), "a file was sent twice"


def test_going_back_does_not_make_an_old_page_new(customer: Customer, line: BrokenNetwork) -> None:
    page = customer.page
    kept_at = "path => caches.match(path).then((kept) => kept.headers.get('X-Kept-At'))"
    see(customer)
    see(customer)
    first = page.evaluate(kept_at, "/en/")
    customer.open("cart/")
    page.go_back()
    expect(page.locator("#latte")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(kept_at, "/en/") == first
    page.reload()
    wait_until(page, f"async (first) => (await ({kept_at})('/en/')) > first", first)


def test_what_an_earlier_worker_kept_is_deleted(customer: Customer) -> None:
    page = customer.page
    customer.open("orders/mine/")  # this page registers no service worker
    page.evaluate("caches.open('pages 0').then((cache) => cache.put('/en/', new Response('old')))")
    customer.open()
    wait_until(page, "caches.keys().then((names) => names.length > 1 && !names.includes('pages 0'))")
    until_kept(page, "/en/")
    assert "old" not in page.evaluate("caches.match('/en/').then((kept) => kept.text())")[:10]


def test_switched_off_the_worker_goes_with_all_that_it_kept(
    new_context: NewContext, tmp_path: Path, cafe: RunningCafe
) -> None:
    program = RunningCafe(tmp_path, cafe.env | {"WEB_WORKERS": "1"})
    program.start()
    try:
        customer = Customer(new_context(**PHONE, locale="en-GB", base_url=program.url))
        page = customer.page
        see(customer)
        see(customer)
        program.stop()
        program.env["OFFLINE_MENU"] = "off"
        program.start()
        customer.open()
        nothing_left = """async () => {
          const workers = await navigator.serviceWorker.getRegistrations();
          return !workers.length && !(await caches.keys()).length;
        }"""
        wait_until(page, nothing_left)
        customer.open()
        expect(page.locator(ADD_LATTE)).to_be_visible()
        wait_until(page, nothing_left)
    finally:
        program.stop()
