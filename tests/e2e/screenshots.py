"""Take the screenshots for docs/img: bin/screenshots [folder]

It starts the café on the embedded default in a temporary folder, with the sample menu, places and moves orders over
HTTP, and takes each screen in both themes: on a phone in Chinese, on a desktop in English; the main ones in the other
language too. The files are <screen>-<width>-<theme>[-<language>].png, with a palette of 256 colours so that they are
small. Numbers and times are the same at every run, so that a picture changes only when its screen does; the exception
is the cache statistics.
"""

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.test import RequestFactory
from django.utils import translation
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cafe.management.commands.edge_pages import rendered
from tests.e2e.people import Barista, Customer, Manager, Till
from tests.harness.running_cafe import ROOT, RunningCafe

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "zh-CN"}
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1, "locale": "en-GB"}
TABLET = {"viewport": {"width": 820, "height": 1100}, "device_scale_factor": 1, "locale": "zh-CN"}
THEMES = ("light", "dark")
COLOURS = 256
SOLD_OUT = "Cappuccino"
EDGE_ANSWERS = ("busy_order", "unavailable")

# (customer name, status, is paid, note, lines: (item, option names in English, quantity))
ORDERS: list[tuple[str, str, bool, str, list[tuple[str, list[str], int]]]] = [
    ("王小姐", "ready", True, "", [("flat-white", ["Hot", "Oat drink"], 1)]),
    (
        "Daniel",
        "ready",
        False,
        "",
        [("americano", ["Large", "Iced"], 2), ("butter-croissant", ["Warm it, please"], 1)],
    ),
    ("阿明", "preparing", True, "少放一点冰,谢谢", [("coconut-latte", ["Large", "Less ice"], 1)]),
    (
        "Chen",
        "preparing",
        False,
        "",
        [("matcha-latte", ["Oat drink", "Hot"], 1), ("egg-tart", ["Warm it, please"], 3)],
    ),
    ("小雨", "pending", False, "", [("latte", ["Medium", "Hot", "Oat drink"], 1), ("cold-brew", [], 1)]),
    ("Marie", "pending", True, "For a birthday", [("basque-cheesecake", [], 2), ("jasmine-green-tea", ["Hot"], 2)]),
    ("刘", "pending", False, "", [("dirty", [], 1)]),
]
# Numbers orders in sequence instead of at random.
NUMBER_IN_TURN = """
from django.db import connection
connection.cursor().execute(
    "CREATE TRIGGER in_turn AFTER INSERT ON orders_order BEGIN"
    " UPDATE orders_order SET number = 140 + (SELECT COUNT(*) FROM orders_order) WHERE id = NEW.id; END"
)
"""
# Sets every time on a page to the afternoon of one day.
STOP_THE_CLOCKS = r"""
() => [...document.querySelectorAll("main time")].forEach((time, at) => {
  const minute = `15:${String(4 + at).padStart(2, "0")}`;
  const words = time.textContent.trim();
  if (/^\d\d:\d\d(:\d\d)?$/.test(words)) time.textContent = minute;
  else time.textContent = words.includes("年") ? `2026年11月21日 ${minute}` : `21 Nov 2026, ${minute}`;
})
"""
STEPS = {"pending": 0, "preparing": 1, "ready": 2}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    django.setup()  # for the pages that are rendered here: the edge's answers and the error page
    with sync_playwright() as playwright:
        cafe = RunningCafe(Path(os.environ["CAFE_DATA_DIR"]), {"PUBLIC_ORIGIN": "https://cafe.example"})
        cafe.manage("collectstatic", "--no-input", "--verbosity=0")
        cafe.prepare()
        cafe.manage("shell", "--verbosity=0", "-c", NUMBER_IN_TURN)
        login = re.search(r"(\w+) / (\S+)", cafe.manage("demo_login"))
        assert login
        cafe.start()
        try:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            Photographer(browser, cafe, folder, login.groups()).take_all()
            browser.close()
        finally:
            cafe.stop()
    files = list(folder.glob("*.png"))
    print(f"{len(files)} pictures in {folder}, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")


class Photographer:
    """Prepares orders and accounts, then takes all screenshots."""

    def __init__(self, browser: Browser, cafe: RunningCafe, folder: Path, login: tuple[str, ...]) -> None:
        self.browser, self.cafe, self.folder = browser, cafe, folder
        staff = self._context(**DESKTOP)
        Barista(staff).sign_in(*login)
        self.staff_cookies = staff.storage_state()
        self.till = Till(staff.request, cafe.url)
        Manager(staff).count(SOLD_OUT, 0)

    def take_all(self) -> None:
        tokens = self._fill_the_bar()
        for device, width, language in ((PHONE, 390, "zh-hans"), (DESKTOP, 1280, "en")):
            for theme in THEMES:
                context = self._context(**device, color_scheme=theme)
                self._take_what_is_empty(context, language, f"{width}-{theme}")
                self._take_a_journey(context, language, f"{width}-{theme}")
        for device, width, language in ((PHONE | {"locale": "en-GB"}, 390, "en"), (DESKTOP, 1280, "zh-hans")):
            page = self._context(**device, color_scheme="light").new_page()
            self._take(page, f"/{language}/", f"menu-{width}-light-{language}")
            self._take(page, f"/{language}/item/latte/", f"item-{width}-light-{language}")
            self._take(page, f"/{language}/order/{tokens[2]}/", f"order-{width}-light-{language}")
        for theme in THEMES:
            for device, width in ((DESKTOP, 1280), (TABLET, 820)):
                staff = self._context(**device, color_scheme=theme, storage_state=self.staff_cookies)
                page = staff.new_page()
                self._take(page, "/admin/bar/", f"bar-{width}-{theme}")
                if device is DESKTOP:
                    self._take(page, f"/admin/bar/{tokens[0]}/", f"ticket-{width}-{theme}")
                    self._take(page, f"/admin/bar/{tokens[0]}/paper/?on=a4", f"paper-a4-{width}-{theme}")
                    self._take(page, "/admin/bar/table/?table=7", f"table-card-{width}-{theme}")
                    self._take(page, "/admin/menu/item/", f"admin-items-{width}-{theme}")
                    self._take(page, "/admin/menu/item/1/change/", f"admin-item-{width}-{theme}")
                    self._take(page, "/admin/orders/order/", f"admin-orders-{width}-{theme}")
                    self._take(page, "/admin/cache/", f"admin-cache-{width}-{theme}")
                staff.close()

    def _take_what_is_empty(self, context: BrowserContext, language: str, end: str) -> None:
        """Take the empty pages and the error pages."""
        page = context.new_page()
        self._take(page, f"/{language}/cart/", f"cart-empty-{end}")
        self._take(page, f"/{language}/orders/mine/", f"my-orders-empty-{end}")
        self._take(page, f"/{language}/no-such-page/", f"error-404-{end}")
        self._take(page, f"/{language}/offline/", f"offline-{end}")
        self._take(page, f"/{language}/item/{SOLD_OUT.lower()}/", f"item-sold-out-{end}")
        page.goto(f"/{language}/")
        page.locator(".wishes summary").click()
        page.locator("label:has(#wish-milk)").click()
        self._shoot(page, f"menu-filter-{end}", top=".wishes")
        files = rendered()
        page.route("**/edge/edge.css", lambda route: route.fulfill(body=files["edge.css"], content_type="text/css"))
        bodies = {f"edge-{name.replace('_', '-')}": files[f"{name}.{language}.html"] for name in EDGE_ANSWERS}
        for name, body in (bodies | {"error-500": error_page(language)}).items():
            page.route("**/answer/", lambda route, *, body=body: route.fulfill(body=body, content_type="text/html"))
            self._take(page, "/answer/", f"{name}-{end}")
            page.unroute("**/answer/")
        page.close()

    def _take_a_journey(self, context: BrowserContext, language: str, end: str) -> None:
        """Take one customer's pages from the menu to the ready order; hand the order over afterwards."""
        customer = Customer(context, language)
        page = customer.page
        oat = "燕麦奶" if language == "zh-hans" else "Oat drink"
        customer.add("latte", oat)
        customer.add("butter-croissant", quantity=2)
        self._take(page, f"/{language}/", f"menu-{end}")
        page.goto(f"/{language}/item/latte/")
        page.get_by_label(oat).check()
        self._shoot(page, f"item-{end}")
        self._take(page, f"/{language}/cart/", f"cart-{end}")
        customer.go_to_checkout()
        customer.fill_in("林夏" if language == "zh-hans" else "Emma")
        page.evaluate("document.activeElement.blur()")
        self._shoot(page, f"checkout-{end}")
        customer.press_submit()
        token = customer.token()
        self.till.move(token, "pending", "advance")
        customer.expect_status("preparing")
        self._shoot(page, f"order-{end}")
        shared = page.locator("[data-share]").get_attribute("href") or ""
        self._take(page, f"/{language}/order/{token}/paper/", f"paper-{end}")
        self._take(page, shared, f"shared-{end}")
        page.goto(f"/{language}/order/{token}/")
        self.till.move(token, "preparing", "advance")
        customer.expect_status("ready")
        self._shoot(page, f"order-ready-{end}")
        self._take(page, f"/{language}/board/", f"board-{end}")
        self._take(page, f"/{language}/orders/mine/", f"my-orders-{end}")
        self.till.move(token, "ready", "hand-over")
        context.close()

    def _fill_the_bar(self) -> list[str]:
        """Place and move ORDERS; return their tokens."""
        menu = {
            item["slug"]: item
            for category in json.loads(self.till.requests.get("/api/menu").body())["categories"]
            for item in category["items"]
        }
        tokens = []
        for name, status, is_paid, note, wanted in ORDERS:
            lines = [
                {"item": slug, "options": list(_option_ids(menu[slug], options)), "quantity": quantity}
                for slug, options, quantity in wanted
            ]
            fulfilment = "here" if len(lines) > 1 else "to_go"
            token = self.till.order(name, *lines, note=note, fulfilment=fulfilment)
            moves = ["paid"] * is_paid + ["advance"] * STEPS[status]
            tokens.append(self.till.move(token, "pending", *moves))
        return tokens

    def _context(self, **options: object) -> BrowserContext:
        # A service worker would fetch from the café the requests that `page.route` must answer.
        usual = {"base_url": self.cafe.url, "reduced_motion": "reduce", "service_workers": "block"}
        context = self.browser.new_context(**usual | options)
        context.set_default_timeout(20_000)
        return context

    def _take(self, page: Page, path: str, name: str) -> None:
        page.goto(path)
        self._shoot(page, name)

    def _shoot(self, page: Page, name: str, *, top: str = "body") -> None:
        """Take the viewport, scrolled to an element, with fonts loaded and animations disabled."""
        page.evaluate("top => { document.querySelector(top).scrollIntoView(); return document.fonts.ready; }", top)
        page.evaluate(STOP_THE_CLOCKS)
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        file = self.folder / f"{name}.png"
        shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.name}: {file.stat().st_size // 1000} kB")


def error_page(language: str) -> bytes:
    """Return the HTML of the 500 page."""
    from cafe.web import errors  # imported here: it needs the apps, which django.setup() loads

    with translation.override(language):
        return errors.server_error(RequestFactory().get(f"/{language}/")).content


def _option_ids(item: dict, wanted: list[str]) -> Iterator[int]:
    """Yield the ids of the wanted options, and the default of each required group without a wanted one."""
    for group in item["option_groups"]:
        options = group["options"]
        chosen = [option["id"] for option in options if option["name_en"] in wanted]
        if not chosen and group["min_choices"]:
            chosen = [next(option["id"] for option in options if option["is_default"])]
        yield from chosen


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
