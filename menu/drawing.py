"""Every drink is drawn as a cutaway: its layers are its recipe.

A manager picks a glass and writes the layers in the admin; this module turns them into one small inline SVG.
No picture needs a style attribute (the Content-Security-Policy forbids them), and none needs the database.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from menu.drawing_food import FOODS, Food
from menu.drawing_garnish import GARNISH_TABLE
from menu.drawing_glass import CLAY, GLASS, VESSELS, Vessel, outline
from menu.drawing_strokes import Band, dots, line, mixed, n, shadow, shape

MAX_LAYERS = 6

# Name of a fill: what the manager reads, and its colour.
FILL_TABLE = {
    "espresso": (_("Espresso"), "#3D2015"),
    "coffee": (_("Black coffee"), "#6A3D24"),
    "water": (_("Water"), "#DCE8E6"),
    "milk": (_("Milk"), "#EFD9B8"),
    "latte": (_("Milk coffee"), "#C4976A"),
    "foam": (_("Milk foam"), "#FFF9EE"),
    "cream": (_("Cream"), "#FFF3DD"),
    "crema": (_("Crema"), "#B87B3D"),
    "oat": (_("Oat drink"), "#E2C79B"),
    "coconut": (_("Coconut milk"), "#FAF3E7"),
    "matcha": (_("Matcha"), "#86A84F"),
    "hojicha": (_("Hojicha"), "#A8734A"),
    "chocolate": (_("Chocolate"), "#5B3322"),
    "caramel": (_("Caramel"), "#C9822F"),
    "syrup": (_("Syrup"), "#DCA94A"),
    "black_tea": (_("Black tea"), "#B25A28"),
    "green_tea": (_("Green tea"), "#CFC873"),
    "oolong": (_("Oolong tea"), "#D59A45"),
    "milk_tea": (_("Milk tea"), "#CDA67D"),
    "hibiscus": (_("Hibiscus tea"), "#B8344A"),
    "lemonade": (_("Lemonade"), "#F3DF8C"),
    "sparkling": (_("Sparkling water"), "#DDEBE4"),
    "yoghurt": (_("Yoghurt"), "#FBF1E6"),
    "berry": (_("Berries"), "#A93553"),
    "blueberry": (_("Blueberries"), "#4C4675"),
    "mango": (_("Mango"), "#F0AA3E"),
    "peach": (_("Peach"), "#F2AB8A"),
    "orange": (_("Orange"), "#EF9A3C"),
    "grapefruit": (_("Grapefruit"), "#E6705F"),
    "lime": (_("Lime"), "#BFD48A"),
    "dough": (_("Dough"), "#E2AF6B"),
    "cheese": (_("Cheese"), "#F2C252"),
    "custard": (_("Custard"), "#F6CF62"),
    "ham": (_("Ham"), "#E59A90"),
    "chicken": (_("Chicken"), "#E8C79A"),
    "salmon": (_("Salmon"), "#EE8D68"),
    "egg": (_("Egg"), "#FFF8E8"),
    "lettuce": (_("Lettuce"), "#8BB058"),
    "tomato": (_("Tomato"), "#CF4B36"),
    "avocado": (_("Avocado"), "#B4C468"),
    "nuts": (_("Nuts and grains"), "#B67C47"),
}
FILLS = tuple((name, label) for name, (label, _colour) in FILL_TABLE.items())

# What milk looks like where it meets these.
STAINS = {
    "espresso": "#B9834F",
    "coffee": "#B9834F",
    "chocolate": "#A87350",
    "matcha": "#BACB86",
    "hojicha": "#CBA075",
    "black_tea": "#CE965F",
    "berry": "#E0A3A6",
}
MILKS = {"milk", "oat"}
AIRY = {"foam", "cream"}


@dataclass(frozen=True, slots=True)
class Cutaway:
    """What a manager chooses for an item; see GLASSES, FILLS and GARNISHES for the words."""

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
    """Read "espresso 25, milk 60, foam 15", the lowest layer first.

    Raises ValueError (its message names the wrong word, translated) for an unknown fill, a share that is not
    a whole number from 1 to 100, or more than six layers.
    """
    parts = [part.strip() for part in re.split("[,，、]", text) if part.strip()]
    if len(parts) > MAX_LAYERS:
        raise ValueError(gettext("At most %(count)d layers fit into one drawing.") % {"count": MAX_LAYERS})
    return tuple(parse_layer(part) for part in parts)


def parse_layer(part: str) -> tuple[str, int]:
    """Read one "milk 60"; raises ValueError as parse_layers does."""
    name, share = (*part.split(), "", "")[:2]
    if name not in FILL_TABLE:
        raise ValueError(gettext("“%(word)s” is not a fill we can draw.") % {"word": name})
    if len(part.split()) > 2 or not (share.isdecimal() and 1 <= int(share) <= 100):
        raise ValueError(gettext("“%(word)s” needs a share from 1 to 100.") % {"word": part})
    return name, int(share)


def readable_bands(text: str) -> tuple[Band, ...]:
    """Return the layers of a stored text without what cannot be read: old data must be drawn too."""
    bands = []
    for part in re.split("[,，、]", text or "")[:MAX_LAYERS]:
        try:
            name, share = parse_layer(part.strip())
        except ValueError:
            continue
        bands.append(Band(name, FILL_TABLE[name][1], share))
    return tuple(bands)


def seam(below: Band, above: Band) -> tuple[float, str, str]:
    """Tell how far two neighbours mix (a share of the depth), and their colours below and above the seam.

    Milk is stained by what it meets; foam stays on top.
    """
    if above.name in AIRY:
        return 0.015, below.colour, above.colour
    if below.name in STAINS and above.name in MILKS:
        return 0.06, below.colour, STAINS[below.name]
    if below.name in MILKS and above.name in STAINS:
        return 0.06, STAINS[above.name], above.colour
    return 0.05, below.colour, above.colour


def gradient(bands: tuple[Band, ...], key: str, surface: float) -> str:
    """Return one gradient with all layers, clear above the surface (0 is the rim, 1 the floor)."""
    total, reached = sum(band.share for band in bands), 0.0
    stops = [(0.0, bands[0].colour if bands[1:] else mixed(bands[0].colour, "#2A1B12", 0.14))]
    for below, above in pairwise(bands):
        depth = below.share / total
        widest, lower, upper = seam(below, above)
        if reached and lower != below.colour != stops[-1][1]:
            # Stained from both sides: in between it is itself.
            stops.append((reached + depth / 2, below.colour))
        reached += depth
        soft = min(widest, 0.4 * depth, 0.4 * above.share / total)
        stops += [(reached - soft, lower), (reached + soft, upper)]
    stops.append((1.0, bands[-1].colour))
    painted = "".join(f'<stop offset="{round(at, 2):g}" stop-color="{colour}"/>' for at, colour in stops)
    return (
        f'<linearGradient id="{key}-l" x2="0" y1="1" y2="{round(surface, 3):g}">'
        f'{painted}<stop offset="1" stop-opacity="0"/></linearGradient>'
    )


def bubbles(vessel: Vessel) -> str:
    """Return what rises in anything sparkling."""
    y, w = vessel.surface, vessel.half_width(vessel.surface)
    deep = vessel.bottom - y
    spots = ((-0.5, 0.3), (0.1, 0.5), (0.5, 0.42), (-0.25, 0.66), (0.3, 0.76), (-0.45, 0.86), (0.05, 0.9))
    return dots(",".join(f"{n(vessel.centre + w * dx)} {n(y + deep * dy)}" for dx, dy in spots), "#fff", 4)


def liquid(vessel: Vessel, bands: tuple[Band, ...], key: str) -> str:
    """Return the inside of a glass: all layers in one shape, bubbles, and the surface."""
    if not bands:
        return ""
    x, y = vessel.centre, vessel.surface
    w, top_colour = vessel.half_width(y) - 3, mixed(bands[-1].colour, "#FFF4E0", 0.18)
    return (
        gradient(bands, key, (y - vessel.top) / (vessel.bottom - 3 - vessel.top))
        + shape(outline(vessel, 3), f"url(#{key}-l)")
        + (bubbles(vessel) if any(band.name == "sparkling" for band in bands) else "")
        + f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(w)}" ry="{n(w * 0.1)}" fill="{top_colour}"/>'
    )


def ice_cubes(vessel: Vessel) -> str:
    """Return three cubes under the surface, each turned a little."""
    cubes = ""
    for across, down, turn in ((-0.95, 0, -12), (0.3, 3, 10), (-0.35, 22, 28)):
        y = vessel.surface + down
        at = f"{n(vessel.centre + across * (vessel.half_width(y + 9) - 13))} {n(y)}"
        cubes += f'<rect width="17" height="17" rx="4" transform="translate({at})rotate({turn})"/>'
    clear = 'fill="#fff" fill-opacity=".36" stroke="#fff" stroke-opacity=".75" stroke-width="1.4"'
    return f"<g {clear}>{cubes}</g>"


def straw(vessel: Vessel) -> str:
    foot, mouth = vessel.centre + 2, vessel.centre + vessel.rim * 0.72
    return line(f"M{n(foot)} {n(vessel.bottom - 14)}L{n(mouth)} {n(vessel.top - 26)}", CLAY, 5)


def steam(x: float, top: float) -> str:
    places = ((-15, 10), (0, 14), (15, 10))
    curls = "".join(f"M{n(x + dx)} {n(top - up)}q-6-6 0-12t0-12" for dx, up in places)
    return line(curls, "currentColor", 3, ' stroke-opacity=".28" class="cutaway__steam"')


def shine(vessel: Vessel) -> str:
    """Return the light on the left wall, bent as the wall is."""
    upper, lower = vessel.top + 9, vessel.bottom - vessel.corner - 9
    middle = (upper + lower) / 2
    x1, bend, x2 = (vessel.centre - vessel.half_width(y) + 9 for y in (upper, middle, lower))
    d = f"M{n(x1)} {n(upper)}Q{n(2 * bend - (x1 + x2) / 2)} {n(middle)} {n(x2)} {n(lower)}"
    return line(d, "#fff", 3, ' stroke-opacity=".45"')


def drink(vessel: Vessel, bands: tuple[Band, ...], cutaway: Cutaway, key: str) -> str:
    """Return a drink, painted from the back to the front."""
    x, y, garnish = vessel.centre, vessel.surface, GARNISH_TABLE.get(cutaway.garnish)
    rim = f'<ellipse cx="{n(x)}" cy="{n(vessel.top)}" rx="{n(vessel.rim)}" ry="{n(vessel.rim * 0.1)}"/>'
    return "".join(
        (
            "" if vessel.behind else shadow(x, vessel.bottom + 1, vessel.base + 9),
            steam(x, vessel.top) if cutaway.steam else "",
            *(part(vessel) for part in vessel.behind),
            straw(vessel) if cutaway.straw else "",
            f'<g {GLASS}><path d="{outline(vessel)}"/>{rim}</g>',
            liquid(vessel, bands, key),
            ice_cubes(vessel) if cutaway.ice else "",
            garnish[1](x, y, vessel.half_width(y)) if garnish else "",
            shine(vessel),
            *(part(vessel) for part in vessel.front),
        )
    )


def dish(food: Food, bands: tuple[Band, ...], cutaway: Cutaway) -> str:
    """Return something to eat, with its garnish on top."""
    x, y, width = food.top
    garnish = GARNISH_TABLE.get(cutaway.garnish)
    return "".join(
        (
            steam(x, y) if cutaway.steam else "",
            food.paint(bands),
            garnish[1](x, y, width) if garnish else "",
        )
    )


@lru_cache(maxsize=4096)
def draw(cutaway: Cutaway, *, key: str) -> SafeString:
    """Return one inline <svg>, hidden from screen readers; ids begin with `key`: many stand on one page.

    Never raises on stored data: an unknown glass becomes a cup, an unreadable layer is left out.
    """
    bands = readable_bands(cutaway.layers)
    if cutaway.glass in FOODS:
        picture = dish(FOODS[cutaway.glass], bands, cutaway)
    else:
        vessel = VESSELS.get(cutaway.glass, VESSELS["cup"])
        picture = drink(vessel, bands, cutaway, re.sub(r"[^\w-]", "-", key))
    # The picture holds nothing of the arguments but looked-up words, numbers, and the key made safe above.
    return mark_safe(  # noqa: S308
        '<svg class="cutaway" viewBox="0 0 160 160" aria-hidden="true" focusable="false" '
        f'stroke-linecap="round">{picture}</svg>'
    )
