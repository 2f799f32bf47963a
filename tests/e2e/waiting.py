"""Wait for a condition that only JavaScript in the page can evaluate."""

import time
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import TIMEOUT_MS


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Evaluate `expression` in the page, awaiting promises, until it is true. Playwright's own `wait_for_function`
    takes any promise as true, and evaluates the expression inside the page, which our Content-Security-Policy
    blocks."""
    until = time.monotonic() + TIMEOUT_MS / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < until, f"never true: {expression}"
        page.wait_for_timeout(50)
