"""End-to-end tests in a real browser: one gunicorn, one Chromium, and fixtures for customers' and staff's sessions.

A console error, an uncaught exception or a violated content policy on any page fails the test that saw it.
A test that provokes an error on purpose removes it from the fixture `page_errors`.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    WebError,
    expect,
    sync_playwright,
)

from tests.e2e.people import Barista, Customer, Manager
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis, execute

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
TIMEOUT_MS = 30_000  # the machines are shared

WHOLE = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]

expect.set_options(timeout=TIMEOUT_MS)


NewContext = Callable[..., BrowserContext]  # the fixture `new_context`
SignedIn = Callable[[str], StorageState]  # the fixture `signed_in`
Refused = Callable[[Page, int], AbstractContextManager[None]]  # the fixture `refused`


class Staff(NamedTuple):
    username: str
    password: str


@contextmanager
def running_cafe(folder: Path) -> Iterator[RunningCafe]:
    """The running café with the sample menu, on its own new database and its own Redis."""
    env: dict[str, str] = {}
    redis = None
    if "DB_HOST" in os.environ:
        name = f"test_e2e_{secrets.token_hex(4)}"
        execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        env |= {key: os.environ[key] for key in MariaDB(folder).env()} | {"DB_NAME": name}
    if "REDIS_HOST" in os.environ:
        redis = Redis(folder).start()
        env |= redis.env()
    cafe = RunningCafe(folder, env)
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.stop()
    if redis:
        redis.kill()


@pytest.fixture(scope="package")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCafe]:
    with running_cafe(tmp_path_factory.mktemp("cafe")) as cafe:
        yield cafe


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips the test where none is installed, except with CI=true. While it runs, Django refuses
    this process's own database queries, because it detects Playwright's event loop."""
    # Prefer the headless shell, Chromium without its user interface: a page costs half the processor time.
    path = path_of("chromium-headless-shell", *WHOLE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def whole_browser(browser: Browser) -> Iterator[Browser]:
    """The full Chromium: the headless shell does not store notifications."""
    whole = browser.browser_type.launch(executable_path=path_of(*WHOLE), args=ARGUMENTS)
    yield whole
    whole.close()


def path_of(*names: str) -> str:
    path = next(filter(None, map(shutil.which, names)), None)
    if not path and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    return path or "/usr/bin/chromium"


@pytest.fixture
def page_errors() -> list[str]:
    """The console errors and uncaught exceptions on the pages of this test."""
    return []


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_on_a_page(cafe: RunningCafe, page_errors: list[str]) -> Iterator[None]:
    seen = cafe.log.stat().st_size
    yield
    print(cafe.log.read_bytes()[seen:].decode())  # pytest shows it when the test failed
    assert page_errors == []


@pytest.fixture
def refused(page_errors: list[str]) -> Callable[[Page, int], AbstractContextManager[None]]:
    """Return a context manager: in its block a page must answer with this status. It removes the console's error."""

    @contextmanager
    def expect_refusal(page: Page, status: int) -> Iterator[None]:
        words = f"the server responded with a status of {status}"
        with page.expect_console_message(lambda message: words in message.text):
            yield
        page_errors.remove(next(error for error in page_errors if words in error))

    return expect_refusal


@pytest.fixture
def new_context(
    request: pytest.FixtureRequest, cafe: RunningCafe, browser: Browser, page_errors: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that makes a browser context of the café: `new_context(locale="en", **PHONE)`.

    In a test with the mark `whole_chromium` the context is of `whole_browser`.
    """
    if request.node.get_closest_marker("whole_chromium"):
        browser = request.getfixturevalue("whole_browser")
    opened: list[BrowserContext] = []

    def note_error(message: ConsoleMessage) -> None:
        # htmx logs this for a refresh that hx-sync aborts in favour of a touch.
        gave_way = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type == "error" and not gave_way:
            page_errors.append(f"{message.page.url}: {message.text}")

    def note_uncaught(error: WebError) -> None:
        # Chromium raises this for a view transition that it skips because the stylesheet came late.
        if "ViewTransition opt-in disabled" not in str(error.error):
            page_errors.append(f"uncaught: {error.error}")

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"base_url": cafe.url, "locale": "zh-CN"} | options)
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", note_error)
        context.on("weberror", note_uncaught)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(**PHONE)


@pytest.fixture
def phone_without_javascript(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(**PHONE, java_script_enabled=False)


@pytest.fixture
def desktop(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(**DESKTOP)


@pytest.fixture(scope="package")
def staff(cafe: RunningCafe) -> Callable[[str], Staff]:
    """Return a function that creates a staff account, one for each group: `staff("barista")`, `staff("manager")`."""

    @cache
    def hire(group: str) -> Staff:
        person = Staff(f"{group}-{secrets.token_hex(3)}", secrets.token_urlsafe(12))
        cafe.manage(
            "shell",
            "--verbosity=0",
            "-c",
            "from django.contrib.auth.models import Group, User\n"
            f"user = User.objects.create_user(*{(person.username, '', person.password)!r}, is_staff=True)\n"
            f"user.groups.add(Group.objects.get(name={group!r}))",
        )
        return person

    return hire


@pytest.fixture(scope="package")
def signed_in(cafe: RunningCafe, browser: Browser, staff: Callable[[str], Staff]) -> Callable[[str], StorageState]:
    """Return a function that signs in once for each group: `new_context(storage_state=signed_in("barista"))`."""

    @cache
    def cookies_of(group: str) -> StorageState:
        context = browser.new_context(base_url=cafe.url)
        Barista(context).sign_in(*staff(group))
        cookies = context.storage_state()
        context.close()
        return cookies

    return cookies_of


# The cast: who a test needs on another device or in another language, it makes itself.


@pytest.fixture
def customer(new_context: NewContext) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB"))


@pytest.fixture
def plain_customer(new_context: NewContext) -> Customer:
    """A customer whose browser runs no JavaScript."""
    return Customer(new_context(**PHONE, locale="en-GB", java_script_enabled=False))


@pytest.fixture
def manager(new_context: NewContext, signed_in: SignedIn) -> Manager:
    return Manager(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("manager")))
