"""Every drink is drawn as a cutaway: its layers are its recipe.

A manager picks a glass and writes the layers in the admin; this module turns them into one small inline SVG.
No picture needs a style attribute (the Content-Security-Policy forbids them), and none needs the database.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from menu.drawing_food import FOODS, GARNISH_TABLE, WHITE, Food, dots, line, n, plate, shadow, shape

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

CLAY, WOOD = "#B8452A", "#A8713F"

# A wall is a little white and a little ink (currentColor), so that it shows on light and on dark tiles.
GLASS = (
    'class="cutaway__glass" fill="#fff" fill-opacity=".4" '
    'stroke="currentColor" stroke-opacity=".24" stroke-width="1.5"'
)


class Band(NamedTuple):
    """One layer ready for the brush."""

    name: str
    colour: str
    share: int


@dataclass(frozen=True, slots=True)
class Cutaway:
    """What a manager chooses for an item; see GLASSES, FILLS and GARNISHES for the words."""

    glass: str
    layers: str = ""
    ice: bool = False
    straw: bool = False
    steam: bool = False
    garnish: str = ""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A glass seen from the side: its wall curves from rim to base by way of waist.

    Units are those of the picture, 160 by 160. Rim, waist and base are half widths; full is a share.
    """

    label: str | Promise
    top: float
    bottom: float
    rim: float
    waist: float
    base: float
    corner: float = 9
    centre: float = 80
    full: float = 0.86
    behind: tuple[Callable[["Vessel"], str], ...] = ()
    front: tuple[Callable[["Vessel"], str], ...] = ()

    def half_width(self, y: float) -> float:
        """Return the half width at height y.

        The curve's control point lies at mid height, so y grows evenly with its parameter t.
        """
        t = min(max((y - self.top) / (self.bottom - self.corner - self.top), 0), 1)
        return (1 - t) ** 2 * self.rim + 2 * t * (1 - t) * self.waist + t * t * self.base

    @property
    def surface(self) -> float:
        """Height of the liquid's surface in a well-filled glass."""
        return self.bottom - (self.bottom - self.top) * self.full


def mixed(colour: str, other: str, part: float) -> str:
    """Mix `part` of another #RRGGBB colour into one."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * part):02X}" for mine, theirs in pairs)


def outline(vessel: Vessel, inset: float = 0) -> str:
    """Return the path of a vessel's wall, open at the rim, drawn `inset` units inside.

    The corner continues the wall's direction, so that a bowl is round and a tumbler is not.
    """
    x, knee, foot = vessel.centre, vessel.bottom - vessel.corner, vessel.bottom - inset
    rim, waist, base = vessel.rim - inset, vessel.waist - inset, vessel.base - inset
    middle = (vessel.top + knee) / 2
    turn = base - (waist - base) * (foot - knee) / (knee - middle)
    flat = turn - vessel.corner * 0.8
    return (
        f"M{n(x - rim)} {n(vessel.top)}Q{n(x - waist)} {n(middle)} {n(x - base)} {n(knee)}"
        f"Q{n(x - turn)} {n(foot)} {n(x - flat)} {n(foot)}H{n(x + flat)}"
        f"Q{n(x + turn)} {n(foot)} {n(x + base)} {n(knee)}"
        f"Q{n(x + waist)} {n(middle)} {n(x + rim)} {n(vessel.top)}"
    )


# Parts that stand behind or in front of a vessel.


def pane(d: str) -> str:
    """Return a piece of clear glass."""
    return f'<path d="{d}" {GLASS}/>'


def saucer(vessel: Vessel) -> str:
    return plate(vessel.centre, vessel.bottom + 3, vessel.base + 26)


def bow(d: str) -> str:
    """Return a handle: white, with an edge of ink."""
    return line(d, "currentColor", 8.5, ' stroke-opacity=".2"') + line(d, WHITE, 6, ' class="cutaway__china"')


def handle(vessel: Vessel) -> str:
    y, h = vessel.top + 10, (vessel.bottom - vessel.top) * 0.52
    x = vessel.half_width(y) - 2
    back = vessel.half_width(y + h) - 2 - x
    return bow(f"M{n(vessel.centre + x)} {n(y)}c{n(h * 0.85)}-7 {n(h * 0.8)} {n(h * 0.86)} {n(back)} {n(h)}")


def stem(vessel: Vessel) -> str:
    x, y = vessel.centre, vessel.bottom
    return line(f"M{n(x)} {n(y)}v28", "#fff", 5, ' stroke-opacity=".7"') + plate(x, y + 28, 22, 4)


def spout(vessel: Vessel) -> str:
    return pane("M36 112C18 108 24 84 10 78l10-6c14 6 10 20 22 20")


def pot_handle(vessel: Vessel) -> str:
    return bow("M120 84c30-14 38 20 4 32")


def pot_lid(vessel: Vessel) -> str:
    x, y, w = vessel.centre, vessel.top + 1, vessel.rim + 3
    knob = dots(f"{n(x)} {n(y - 14)}", "#8A5930", 10)
    return shape(f"M{n(x - w)} {n(y)}q{n(w)}-24 {n(2 * w)} 0z", WOOD) + knob


def brewer(vessel: Vessel) -> str:
    """Return the upper half of an hourglass brewer: funnel, paper filter, grounds and the wooden collar."""
    x, y = vessel.centre, vessel.top
    return (
        pane(f"M{n(x - 12)} {n(y)}l-24-46h72l-24 46")
        + shape(f"M{n(x - 30)} {n(y - 42)}h60l-20 34h-20z", WHITE)
        + shape(f"M{n(x - 23)} {n(y - 30)}h46l-13 20h-20z", "#5B3322")
        + shape(f"M{n(x - 17)} {n(y - 10)}h34l-4 10 4 10h-34l4-10z", WOOD)
        + dots(f"{n(x)} {n(y)}", "#F0DDBB", 7)
    )


def cup_lid(vessel: Vessel) -> str:
    x, y, w = vessel.centre, vessel.top, vessel.rim
    raised = shape(f"M{n(x - w + 3)} {n(y - 4)}l3-11h{n(2 * w - 12)}l3 11z", "#9C3A20")
    return raised + line(f"M{n(x - w)} {n(y - 1)}h{n(2 * w)}", CLAY, 8)


def dome_lid(vessel: Vessel) -> str:
    x, y, w = n(vessel.centre - vessel.rim), n(vessel.top), n(2 * vessel.rim)
    return pane(f"M{x} {y}c0-34 {w}-34 {w} 0z") + line(f"M{x} {y}h{w}", "#fff", 5, ' stroke-opacity=".9"')


def bottle_neck(vessel: Vessel) -> str:
    x, y, w = vessel.centre, vessel.top, vessel.rim
    out = n(w - 11)
    return (
        pane(f"M{n(x - w)} {n(y)}c0-18 {out}-14 {out}-30h22c0 16 {out} 12 {out} 30")
        + shape(f"M{n(x - 13)} {n(y - 40)}h26v12h-26z", CLAY)
        + shape(f"M{n(x - w + 1)} {n(y + 28)}h{n(2 * w - 2)}v30h-{n(2 * w - 2)}z", WHITE)
        + dots(f"{n(x)} {n(y + 43)}", "#5B3322", 12)
    )


VESSELS = {
    "cup": Vessel(_("Cup with handle"), 56, 126, 43, 42, 31, 13, 72, behind=(saucer, handle)),
    "espresso": Vessel(_("Espresso cup"), 76, 126, 31, 32, 22, 11, 75, full=0.8, behind=(saucer, handle)),
    "mug": Vessel(_("Wide mug"), 66, 126, 48, 53, 34, 12, 70, full=0.88, behind=(saucer, handle)),
    "tumbler": Vessel(_("Tumbler"), 58, 134, 39, 37, 34, 9, full=0.8),
    "short": Vessel(_("Short glass"), 66, 134, 36, 29, 26, 8, full=0.84),
    "tall": Vessel(_("Tall glass"), 36, 138, 34, 30, 26, 9, full=0.84),
    "handled": Vessel(_("Glass with handle"), 44, 132, 33, 31, 26, 10, 70, full=0.9, behind=(saucer, handle)),
    "goblet": Vessel(_("Stemmed glass"), 38, 108, 31, 46, 30, 18, full=0.82, behind=(stem,)),
    "tea_glass": Vessel(_("Tea glass"), 56, 134, 32, 42, 32, 14, full=0.8),
    "teapot": Vessel(_("Teapot"), 64, 132, 22, 68, 45, 13, 76, 0.8, (spout, pot_handle), (pot_lid,)),
    "brewer": Vessel(_("Pour-over brewer"), 72, 136, 12, 48, 45, 13, full=0.66, front=(brewer,)),
    "to_go": Vessel(_("Cup to go"), 46, 138, 35, 31, 27, 7, full=0.92, front=(cup_lid,)),
    "clear_cup": Vessel(_("Clear cup with a dome lid"), 52, 138, 36, 32, 28, 8, full=0.92, front=(dome_lid,)),
    "bottle": Vessel(_("Bottle"), 58, 138, 28, 28, 28, 9, full=0.96, front=(bottle_neck,)),
    "bowl": Vessel(_("Glass bowl"), 72, 132, 58, 62, 36, 14, full=0.9),
}

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
