"""The network is up, but the café does not answer: the stored menu is shown with a notice."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.offline.steps import ADD_LATTE, expect_no_ordering, notice, see
from tests.e2e.people import Customer

PATIENCE_S = 3  # timeout of the service worker before it shows the stored page


ASKED_AFTER_MS = 8000  # interval at which a stored page checks for the café


AWAY = "We cannot reach the café right now. This is the menu of"


def test_a_dead_line_is_not_waited_for_and_the_menu_comes_back_by_itself(
    customer: Customer, line: BrokenNetwork
) -> None:
    page = customer.page
    see(customer)
    see(customer)
    line.is_dead = True
    started = time.monotonic()
    customer.open()
    expect(notice(page)).to_contain_text(AWAY)
    assert PATIENCE_S - 0.5 < time.monotonic() - started < 5 * PATIENCE_S
    expect_no_ordering(page, page.locator(ADD_LATTE), "away")
    line.is_dead = False
    expect(notice(page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)
    expect(page.locator(ADD_LATTE)).not_to_have_attribute("aria-disabled", "true")


def test_on_a_line_that_is_slow_the_menu_of_now_comes_too(customer: Customer, line: BrokenNetwork) -> None:
    see(customer)
    see(customer)
    line.delay_s = PATIENCE_S + 1
    customer.open()
    expect(notice(customer.page)).to_contain_text(AWAY)
    expect(notice(customer.page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)


@pytest.mark.parametrize("trouble", ["is_sorry", "answers_to_lose"])
def test_a_cafe_in_trouble_does_not_take_the_kept_menu_away(
    customer: Customer, line: BrokenNetwork, trouble: str
) -> None:
    page = customer.page
    see(customer)
    see(customer)
    setattr(line, trouble, 1000)
    customer.open()
    expect(notice(page)).to_contain_text(AWAY)
    setattr(line, trouble, 0)
    expect(notice(page)).to_have_count(0, timeout=5 * ASKED_AFTER_MS)
