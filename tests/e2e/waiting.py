"""Waiting for something that only a script in the page can tell."""

import time
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import TIMEOUT_MS


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Ask the page again and again until this is true, promises awaited. Playwright's own `wait_for_function` takes
    any promise for true, and evaluates an expression anew within the page, which our content policy refuses."""
    until = time.monotonic() + TIMEOUT_MS / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < until, f"never true: {expression}"
        page.wait_for_timeout(50)
