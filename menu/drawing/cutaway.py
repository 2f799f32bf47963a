"""Cutaway drawings of items: a glass, filled with layers that are the recipe.

A manager picks a glass and writes the layers in the admin; this module renders them as one small inline SVG.
No drawing needs a style attribute (the Content-Security-Policy forbids them), and none reads the database.
`menu.drawing.configurable` draws what changes as a customer chooses options.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from menu.drawing.fills import FILL_TABLE
from menu.drawing.food import FOODS, Food
from menu.drawing.garnish import GARNISH_TABLE
from menu.drawing.liquid import ice_class, ice_cubes, liquid
from menu.drawing.svg import Band, line, n, shadow
from menu.drawing.vessels import CLAY, GLASS, VESSELS, Vessel, outline

MAX_LAYERS = 6
FILLS = tuple((name, label) for name, (label, _colour) in FILL_TABLE.items())


@dataclass(frozen=True, slots=True)
class Cutaway:
    """A manager's choices for the drawing of an item; GLASSES, FILLS and GARNISHES list the valid words."""

    glass: str
    layers: str = ""
    ice: bool = False
    straw: bool = False
    steam: bool = False
    garnish: str = ""


GLASSES = (
    *((key, vessel.label) for key, vessel in VESSELS.items()),
    *((key, food.label) for key, food in FOODS.items()),
)

GARNISHES = (("", _("none")), *((key, label) for key, (label, _paint) in GARNISH_TABLE.items()))


def parse_layers(text: str) -> tuple[tuple[str, int], ...]:
    """Parse "espresso 25, milk 60, foam 15" to pairs of fill and share, the lowest layer first.

    Raises ValueError (its message names the wrong word, translated) for an unknown fill, a share that is not
    a whole number from 1 to 100, or more than six layers.
    """
    parts = [part.strip() for part in re.split("[,，、]", text) if part.strip()]
    if len(parts) > MAX_LAYERS:
        raise ValueError(gettext("At most %(count)d layers fit into one drawing.") % {"count": MAX_LAYERS})
    return tuple(parse_layer(part) for part in parts)


def parse_layer(part: str) -> tuple[str, int]:
    """Parse one layer, "milk 60"; raises ValueError as parse_layers does."""
    name, share = (*part.split(), "", "")[:2]
    if name not in FILL_TABLE:
        raise ValueError(gettext("“%(word)s” is not a fill we can draw.") % {"word": name})
    if len(part.split()) > 2 or not (share.isdecimal() and 1 <= int(share) <= 100):
        raise ValueError(gettext("“%(word)s” needs a share from 1 to 100.") % {"word": part})
    return name, int(share)


def readable_bands(text: str) -> tuple[Band, ...]:
    """Return the layers of a stored text, without those that cannot be parsed: old data must be drawn too."""
    bands = []
    for part in re.split("[,，、]", text or "")[:MAX_LAYERS]:
        try:
            name, share = parse_layer(part.strip())
        except ValueError:
            continue
        bands.append(Band(name, FILL_TABLE[name][1], share))
    return tuple(bands)


class Parts(NamedTuple):
    """The SVG of each part of a drink or a dish; a choice of options may change each of them."""

    steam: str = ""
    straw: str = ""
    inside: str = ""
    ice: str = ""
    garnish: str = ""


def straw(vessel: Vessel) -> str:
    foot, mouth = vessel.centre + 2, vessel.centre + vessel.rim * 0.72
    return line(f"M{n(foot)} {n(vessel.bottom - 14)}L{n(mouth)} {n(vessel.top - 26)}", CLAY, 5)


def curls(x: float, top: float) -> list[str]:
    """Return the paths of three curls of steam, the middle one first."""
    return [f"M{n(x + dx)} {n(top - up)}q-6-6 0-12t0-12" for dx, up in ((0, 14), (-15, 10), (15, 10))]


def steam(x: float, top: float) -> str:
    return f'<path class="cutaway__steam" d="{"".join(curls(x, top))}"/>'


def shine(vessel: Vessel) -> str:
    """Return the highlight on the left wall, with the wall's curve."""
    upper, lower = vessel.top + 9, vessel.bottom - vessel.corner - 9
    middle = (upper + lower) / 2
    x1, bend, x2 = (vessel.centre - vessel.half_width(y) + 9 for y in (upper, middle, lower))
    d = f"M{n(x1)} {n(upper)}Q{n(2 * bend - (x1 + x2) / 2)} {n(middle)} {n(x2)} {n(lower)}"
    return f'<path class="cutaway__shine" d="{d}"/>'


def garnish_on(x: float, y: float, w: float, garnish: str) -> str:
    """Return a garnish on a surface with this middle and half width; "" for an unknown one."""
    return GARNISH_TABLE[garnish][1](x, y, w) if garnish in GARNISH_TABLE else ""


def drink(vessel: Vessel, parts: Parts) -> str:
    """Return a drink, painted from the back to the front."""
    x = vessel.centre
    rim = f'<ellipse cx="{n(x)}" cy="{n(vessel.top)}" rx="{n(vessel.rim)}" ry="{n(vessel.rim * 0.1)}"/>'
    return "".join(
        (
            "" if vessel.behind else shadow(x, vessel.bottom + 1, vessel.base + 9),
            parts.steam,
            *(part(vessel) for part in vessel.behind),
            parts.straw,
            f'<g {GLASS}><path d="{outline(vessel)}"/>{rim}</g>',
            parts.inside,
            parts.ice,
            parts.garnish,
            shine(vessel),
            *(part(vessel) for part in vessel.front),
        )
    )


def drink_parts(vessel: Vessel, bands: tuple[Band, ...], cutaway: Cutaway, key: str) -> Parts:
    x, y = vessel.centre, vessel.surface
    ice = f'<path class="{ice_class(bands)}" d="{"".join(ice_cubes(vessel))}"/>'
    return Parts(
        steam(x, vessel.top) if cutaway.steam else "",
        straw(vessel) if cutaway.straw else "",
        liquid(vessel, bands, key),
        ice if cutaway.ice else "",
        garnish_on(x, y, vessel.half_width(y), cutaway.garnish),
    )


def dish(parts: Parts) -> str:
    """Return something to eat, with its garnish on top."""
    return parts.steam + parts.inside + parts.garnish


def dish_parts(food: Food, bands: tuple[Band, ...], cutaway: Cutaway) -> Parts:
    x, y, width = food.top
    return Parts(
        steam=steam(x, y) if cutaway.steam else "",
        inside=food.paint(bands),
        garnish=garnish_on(x, y, width, cutaway.garnish),
    )


def vessel_of(glass: str) -> Vessel:
    return VESSELS.get(glass, VESSELS["cup"])


def safe_key(key: str) -> str:
    """Return a safe prefix of ids. Callers append a full stop and a suffix, so that no id is a slug on the page."""
    return re.sub(r"[^\w-]", "-", key)


def svg(picture: str, *, words: str = "", more: str = "") -> SafeString:
    """Return an inline <svg> hidden from screen readers.

    Nothing is escaped here: pass only looked-up words, numbers and results of `safe_key`.
    """
    return mark_safe(  # noqa: S308
        f'<svg class="cutaway{words}" viewBox="0 0 160 160" aria-hidden="true" fill="none" '
        f'stroke-linecap="round"{more}>{picture}</svg>'
    )


@lru_cache(maxsize=4096)
def draw(cutaway: Cutaway, *, key: str) -> SafeString:
    """Return one inline <svg>, hidden from screen readers; its ids begin with `key`, as a page has many drawings.

    Never raises on stored data: an unknown glass becomes a cup, an unreadable layer is left out.
    """
    bands = readable_bands(cutaway.layers)
    if cutaway.glass in FOODS:
        return svg(dish(dish_parts(FOODS[cutaway.glass], bands, cutaway)))
    vessel = vessel_of(cutaway.glass)
    return svg(drink(vessel, drink_parts(vessel, bands, cutaway, f"{safe_key(key)}.l")))
