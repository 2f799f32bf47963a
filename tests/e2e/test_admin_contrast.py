"""Contrast of muted text in Django admin: 4.5:1 for help texts, breadcrumbs, placeholders and disabled fields, in
both themes, whether the device or Django's theme switch chose the theme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState

from tests.e2e.axe import violations
from tests.e2e.conftest import DESKTOP, NewContext
from tests.e2e.people import Till
from tests.harness.running_cafe import RunningCafe

LEAST = 4.5
PAGES = [
    "",
    "menu/item/",
    "menu/item/add/",
    "menu/optiongroup/1/change/",
    "menu/picture/add/",
    "orders/order/",
    "orders/stock/add/",
    "staff/member/",
    "staff/member/add/",
    "password_change/",
    "menu/item/1/change/",
    "menu/item/1/history/",
    "menu/item/1/delete/",
]
# (the device's theme, the theme of Django's switch; None: as the device)
THEMES = [("light", None), ("dark", None), ("light", "dark"), ("dark", "light")]

# Returns [description, contrast] of each muted text, and of those that axe-core skips: placeholders, disabled fields.
QUIET = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) =>
    [red, green, blue]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0.99) return found;
    }
    return [255, 255, 255];
  };
  const opacity = (one) => (one ? Number(getComputedStyle(one).opacity) * opacity(one.parentElement) : 1);
  const contrast = (one, pseudo) => {
    const [over, under] = [channels(getComputedStyle(one, pseudo).color), ground(one)];
    const share = (over[3] ?? 1) * opacity(one) * (pseudo ? Number(getComputedStyle(one, pseudo).opacity) : 1);
    const seen = over.slice(0, 3).map((value, at) => value * share + under[at] * (1 - share));
    const [high, low] = [luminance(seen), luminance(under)].sort((a, b) => b - a);
    return Math.round(((high + 0.05) / (low + 0.05)) * 100) / 100;
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const told = (one, pseudo) => [one.outerHTML.slice(0, 90), contrast(one, pseudo)];
  return [
    ...all(".help, .help *, .helptext, .breadcrumbs, .breadcrumbs a, .readonly, .quiet").map((one) => told(one)),
    ...all(":is(input, select, textarea):disabled").map((one) => told(one)),
    ...all("[placeholder]").map((one) => told(one, "::placeholder")),
  ];
}
"""


def too_quiet(page: Page) -> list[str]:
    return [f"{page.url}: {what}: {contrast}" for what, contrast in page.evaluate(QUIET) if contrast < LEAST]


@pytest.mark.parametrize(("device", "switch"), THEMES)
def test_what_is_quiet_can_be_read(
    new_context: NewContext,
    signed_in: Callable[[str], StorageState],
    cafe: RunningCafe,
    device: str,
    switch: str | None,
) -> None:
    context = new_context(
        **DESKTOP, locale="en-GB", color_scheme=device, storage_state=signed_in("manager"), bypass_csp=True
    )
    Till(context.request, cafe.url).order("Contrast")
    page = context.new_page()
    page.goto("/admin/")
    page.evaluate("theme => localStorage.setItem('theme', theme)", switch or "auto")
    found, seen = [], 0
    for path in PAGES:
        page.goto(f"/admin/{path}")
        seen += len(page.evaluate(QUIET))
        found += too_quiet(page)
        found += [words for rule, words in violations(page).items() if rule == "color-contrast"]
    assert seen > 60
    assert not found, "\n".join(found)


def test_what_is_too_quiet_is_found(new_context: NewContext, signed_in: Callable[[str], StorageState]) -> None:
    """Control: the check can fail, by a colour, by transparency, and by a placeholder's own colour."""
    page = new_context(**DESKTOP, storage_state=signed_in("manager"), bypass_csp=True).new_page()
    page.goto("/admin/staff/member/add/")
    assert too_quiet(page) == []
    page.add_style_tag(
        content=".help { opacity: 0.5 } .breadcrumbs { color: #777 !important }"
        " ::placeholder { color: #bbb !important }"
    )
    found = " ".join(too_quiet(page))
    assert all(what in found for what in ('class="help"', 'class="breadcrumbs"', "nav-filter")), found
