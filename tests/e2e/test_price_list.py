"""The price list in the admin on a laptop: all columns are visible, "Save" stays visible, and an implausible price
needs confirmation."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.e2e.axe import LOOKS, violations_in
from tests.e2e.conftest import NewContext
from tests.e2e.test_pages_are_sound import LOCALES, problems

LAPTOP = {"viewport": {"width": 1366, "height": 768}}
MEASURE = """
() => {
  const box = (one) => one.getBoundingClientRect();
  const all = (selector) => [...document.querySelectorAll(selector)];
  const save = box(document.querySelector("[name=_save]"));
  return {
    sideways: all(".results").some((one) => one.scrollWidth > one.clientWidth),
    right: Math.max(...all("#result_list tbody tr:first-child td").map((one) => box(one).right)),
    rows: Math.min(...all("#result_list tbody tr").map((one) => box(one).height)),
    thumbs: Math.min(...all("#result_list input:is([type=text], [type=number])").map((one) => box(one).height)),
    isSaveSeen: save.top >= 0 && save.bottom <= innerHeight && save.height >= 44,
  };
}
"""


def price_list(
    new_context: NewContext, signed_in: Callable[[str], StorageState], language: str = "en", **options: Any
) -> Page:
    context = new_context(**LAPTOP | options, locale=LOCALES[language], storage_state=signed_in("manager"))
    page = context.new_page()
    page.goto("/admin/menu/item/")
    return page


@pytest.mark.parametrize("width", [1366, 1280, 1180])
@pytest.mark.parametrize("language", LOCALES)
def test_no_column_is_cut_off_and_save_is_in_sight(
    new_context: NewContext, signed_in: Callable[[str], StorageState], language: str, width: int
) -> None:
    page = price_list(new_context, signed_in, language, viewport={"width": width, "height": 768})
    for scrolled_to in (0, 900, 100_000):
        page.evaluate("top => scrollTo(0, top)", scrolled_to)
        seen = page.evaluate(MEASURE)
        assert not seen["sideways"], seen
        assert seen["right"] <= width, seen
        assert seen["rows"] >= 44, seen
        assert seen["thumbs"] >= 40, seen
        assert seen["isSaveSeen"], (scrolled_to, seen)


def test_the_field_that_has_the_focus_is_not_behind_save(
    new_context: NewContext, signed_in: Callable[[str], StorageState]
) -> None:
    page = price_list(new_context, signed_in, reduced_motion="reduce")
    page.locator("[name=form-0-price]").focus()
    for _press in range(60):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
              const box = document.activeElement.getBoundingClientRect();
              const bar = document.querySelector(".paginator").getBoundingClientRect();
              return !document.activeElement.closest(".paginator") && box.bottom > bar.top + 1;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


def test_the_question_is_sound_and_answered_without_javascript(
    new_context: NewContext, signed_in: Callable[[str], StorageState]
) -> None:
    page = price_list(new_context, signed_in, bypass_csp=True)
    row = page.locator("#result_list tbody tr", has=page.get_by_role("link", name="House Espresso Blend"))
    row = row if row.count() else page.locator("#result_list tbody tr").last
    price = row.locator("[name$=-price]:not([type=hidden])")
    name, before = price.get_attribute("name"), price.input_value()
    price.fill("¥" + before.replace(".00", "00"))
    page.locator("[name=_save]").click()
    expect(page.locator(".price-changes__one")).to_have_count(1)
    found = [*problems(page, "en", ours=False), *violations_in(page, LOOKS)]
    assert not found, "\n".join(found)
    page.get_by_role("button", name="No, back to the form").click()
    expect(page.locator(f"[name={name}]")).to_have_value("¥" + before.replace(".00", "00"))
    expect(page.locator(".errorlist")).to_contain_text("is that right?")

    plain = price_list(new_context, signed_in, java_script_enabled=False)
    plain.locator(f"[name={name}]").fill("¥" + before.replace(".00", "00"))
    plain.locator("[name=_save]").click()
    plain.get_by_role("button", name="Yes, save").click()
    expect(plain.locator(".messagelist .success")).to_be_visible()
    plain.locator(f"[name={name}]").fill(before)
    plain.locator("[name=_save]").click()
    plain.get_by_role("button", name="Yes, save").click()
    expect(plain.locator(f"[name={name}]")).to_have_value(before)
