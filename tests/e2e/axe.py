"""axe-core in the browser: finds violations of the WCAG A and AA rules that can be checked automatically."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

SOURCE = Path(__file__).parent / "vendor" / "axe.min.js"  # unchanged from npm's axe-core 4.14.1
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

RUN = """
async (tags) => {
  // A colour half way to another belongs to no look.
  for (const moving of document.getAnimations()) if (moving instanceof CSSTransition) moving.finish();
  const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => [
    id,
    help,
    nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)}\\n    ${failureSummary.replace(/\\s+/g, " ")}`),
  ]);
}
"""


class Look(NamedTuple):
    """How a page is displayed: colour theme, and viewport width in CSS pixels."""

    theme: str
    width: int


PHONE_LIGHT, DESKTOP_DARK = Look("light", 390), Look("dark", 1280)
LOOKS = [Look(theme, width) for theme in ("light", "dark") for width in (390, 1280)]


@cache
def _source() -> str:
    return SOURCE.read_text("utf-8")


def violations(page: Page) -> dict[str, str]:
    """Return {rule id: rule and elements that violate it} for the open page."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    return {rule: "\n  ".join([words, *nodes]) for rule, words, nodes in page.evaluate(RUN, TAGS)}


def violations_in(page: Page, looks: list[Look]) -> Iterator[str]:
    """Yield a description of each violation in each of these looks; the page is not reloaded."""
    for look in looks:
        page.emulate_media(color_scheme=look.theme, reduced_motion="reduce")
        page.set_viewport_size({"width": look.width, "height": 844})
        for rule, words in violations(page).items():
            yield f"{page.url} {look.theme} {look.width} px: {rule}: {words}"
