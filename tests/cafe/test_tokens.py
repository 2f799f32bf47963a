"""Colour tokens of static/css/tokens.css: enough contrast on each ground, in both themes; one meaning a colour."""

import colorsys
import re
from itertools import combinations
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
THEMES = ("light", "dark")

GROUNDS = ("paper", "card", "tile", "ready-ground", "problem-ground")
TEXTS = ("ink", "soft", "accent", "danger", "late", "ready")
ON = {"accent": "on-accent", "danger": "on-danger", "bar": "on-bar", "ink": "paper", "ready": "paper"}
# Each of these colours has one meaning: the next step; an irreversible action; a too long wait; a ready order.
MEANINGS = ("accent", "danger", "late", "ready")
MIN_HUES_APART = 20 / 360


def tokens(theme: str) -> dict[str, str]:
    css = (CSS / "tokens.css").read_text("utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    colours = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6});")
    return dict(colours.findall(light)) | (dict(colours.findall(dark)) if theme == "dark" else {})


def channels(colour: str) -> tuple[float, float, float]:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_close(colours: dict[str, str]) -> list[str]:
    """Return the pairs below WCAG's minimum contrast: 4.5 for text, 3 for the border of a field."""
    wanted = [(text, ground, 4.5) for text in TEXTS for ground in GROUNDS]
    wanted += [("field", ground, 3) for ground in GROUNDS]
    wanted += [(text, ground, 4.5) for ground, text in ON.items()]
    wanted += [("ink", tint, 4.5) for tint in colours if tint.startswith("tint-")]
    wanted += [("late", "line", 3), ("ready", "line", 3)]  # the bar of a ticket's age on its ground
    found = [(one, other, contrast(colours[one], colours[other]), least) for one, other, least in wanted]
    return [f"{one} on {other}: {ratio:.2f}" for one, other, ratio, least in found if ratio < least]


@pytest.mark.parametrize("theme", THEMES)
def test_each_colour_is_read_on_each_ground(theme: str) -> None:
    assert too_close(tokens(theme)) == []


@pytest.mark.parametrize("theme", THEMES)
def test_one_colour_says_one_thing(theme: str) -> None:
    colours = tokens(theme)
    hues = {name: colorsys.rgb_to_hsv(*channels(colours[name]))[0] for name in MEANINGS}
    for one, other in combinations(MEANINGS, 2):
        apart = abs(hues[one] - hues[other])
        assert min(apart, 1 - apart) >= MIN_HUES_APART, (one, other)


def test_the_board_has_the_colours_of_the_dark() -> None:
    css = (CSS / "shop" / "board.css").read_text("utf-8")
    own = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", css))
    assert own
    assert own.items() <= tokens("dark").items()


def test_each_token_that_is_used_is_there() -> None:
    ours = [file.read_text("utf-8") for file in CSS.rglob("*.css") if not file.name.startswith("admin")]
    css = "\n".join(ours)
    assert set(re.findall(r"var\(--([\w-]+)", css)) <= set(re.findall(r"--([\w-]+):", css))


def test_a_colour_that_is_too_pale_is_found() -> None:
    """Control for the first test: it can fail."""
    assert too_close(tokens("light") | {"danger": "#e0566f"}) == [
        "danger on paper: 3.41",
        "danger on card: 3.61",
        "danger on tile: 2.98",
        "danger on ready-ground: 3.09",
        "danger on problem-ground: 2.94",
        "on-danger on danger: 3.66",
    ]
