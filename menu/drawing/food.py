"""Drawings of food, in the style of the drinks: flat shapes, coloured by the layers, lowest first."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from menu.drawing.svg import CHINA, EDGE, WHITE, Band, dots, line, n, oval, plate, shadow, shape

# Colours of baked dough, from the darkest crust to the crumb.
CRUST, BROWN, GOLD, PALE, CRUMB = "#B4713A", "#CB8B45", "#DDA256", "#EBC48A", "#F8E6C6"


class Food(NamedTuple):
    """A drawing of food: its name, its painter, and the place of a garnish: middle x, y and half width."""

    label: str | Promise
    paint: Callable[[tuple[Band, ...]], str]
    top: tuple[float, float, float]


def colour(bands: tuple[Band, ...], place: int, otherwise: str) -> str:
    """Return the colour of the layer at a place (from below), or another if there is none."""
    return bands[place].colour if -len(bands) <= place < len(bands) else otherwise


def stack(bands: tuple[Band, ...], x: float, bottom: float, width: float, height: float) -> str:
    """Return flat layers one on another, each as high as its share."""
    total, drawn = sum(band.share for band in bands), ""
    for band in bands:
        h = height * band.share / total
        bottom -= h
        drawn += f'<path d="M{n(x)} {n(bottom)}h{n(width)}v{n(h)}h-{n(width)}z" fill="{band.colour}"/>'
    return drawn


def ruffle(x: float, y: float, width: float, h: float) -> str:
    """Return a leaf or a folded slice: straight above, seven scallops below."""
    width += 8
    scallop = f"q-{n(width / 14)} 7-{n(width / 7)} 0"
    return f"M{n(x - 4)} {n(y)}h{n(width)}v{n(h - 1)}{scallop * 7}z"


def hanging(x: float, y: float, width: float, h: float) -> str:
    """Return a slice of cheese with one corner that hangs down."""
    return f"M{n(x - 2)} {n(y)}h{n(width + 4)}v{n(h - 1)}h-{n(width * 0.3)}l-15 10-15-10H{n(x - 2)}z"


def flat(x: float, y: float, width: float, h: float) -> str:
    """Return a spread with slightly bulging ends."""
    return f"M{n(x + 2)} {n(y)}h{n(width - 4)}q5 {n(h / 2)} 0 {n(h)}h-{n(width - 4)}q-5-{n(h / 2)} 0-{n(h)}z"


CUTS = {"lettuce": ruffle, "ham": ruffle, "salmon": ruffle, "cheese": hanging}


def fillings(bands: tuple[Band, ...], x: float, bottom: float, width: float, height: float) -> str:
    """Return the fillings between two breads: leaves and slices ruffle, cheese hangs down, the rest lies flat."""
    if not bands:
        return shape(flat(x, bottom - height, width, height), CRUMB)
    total, drawn = sum(band.share for band in bands), ""
    for band in bands:
        h = height * band.share / total
        bottom -= h
        drawn += shape(CUTS.get(band.name, flat)(x, bottom, width, h), band.colour)
    return drawn


# One function per shape.


def croissant(bands: tuple[Band, ...]) -> str:
    side = (
        shape("M47 111C36 101 32 92 37 82 22 88 11 104 16 118 19 127 28 127 34 119 37 115 40 112 47 111z", CRUST)
        + shape("M70 105C60 94 56 76 64 62 42 62 30 80 34 98 38 109 48 114 58 111z", BROWN)
        + line("M46 76q-6 10-2 24", GOLD, 3)
    )
    stripes = line("M73 66q-8 14-4 34m20-34q5 12 3 22", PALE, 3)
    if bands[1:]:
        stripes = line("M62 74q10 8 34-4m-36 16q14 8 40-4m-38 16q14 6 36-4", bands[1].colour, 3.5)
    return (
        plate(80, 124, 72, 8)
        + side
        + f'<g transform="matrix(-1 0 0 1 160 0)">{side}</g>'
        + shape("M62 107C50 86 54 58 80 56 106 58 110 86 98 107Q80 100 62 107z", GOLD)
        + stripes
    )


def cake(bands: tuple[Band, ...]) -> str:
    top = colour(bands, -1, CRUMB)
    return (
        plate(80, 129, 66)
        + ("" if bands else shape("M24 81h106v46H24z", CRUMB))
        + stack(bands, 24, 127, 106, 46)
        + shape("M130 81q6 2 4 10l-4 36z", top)
        + shape("M24 81L98 56q34 4 32 25z", top)
        + shape("M24 81L98 56q34 4 32 25z", "#fff", ' fill-opacity=".18"')
    )


def tart(bands: tuple[Band, ...]) -> str:
    return (
        plate(80, 128, 58)
        + shape("M34 88l11 36q35 8 70 0l11-36z", GOLD)
        + line("M49 98l5 26m11-24 2 27m13-27v28m15-28-2 27m18-29-5 26", CRUST, 2.5)
        + oval(80, 88, 48, 15, PALE)
        + oval(80, 88, 41, 11, colour(bands, 1, "#F6CF62"))
        + dots("62 86,92 92,84 83,104 86,74 93", colour(bands, 2, "#FFF4D0"), 5)
    )


def sandwich(bands: tuple[Band, ...]) -> str:
    return (
        plate(80, 128, 66)
        + shape("M32 108h96v10q0 8-8 8H40q-8 0-8-8z", CRUST)
        + shape("M36 108h88v7q0 6-6 6H42q-6 0-6-6z", CRUMB)
        + shape("M30 76C24 50 44 46 80 46s56 4 50 30q-1 4-5 4H35q-4 0-5-4z", CRUST)
        + shape("M35 75C30 56 46 52 80 52s50 4 45 23q0 3-4 3H39q-4 0-4-3z", CRUMB)
        + dots("56 64,74 60,96 65,108 60,64 72,86 71,50 115,78 114,104 115", PALE, 3.5)
        + fillings(bands, 34, 110, 92, 33)
    )


def bagel(bands: tuple[Band, ...]) -> str:
    return (
        plate(80, 128, 64)
        + shape("M32 108h96q0 18-18 18H50q-18 0-18-18z", BROWN)
        + shape("M30 74v10q0 8 8 8h84q8 0 8-8V74z", BROWN)
        + fillings(bands, 34, 112, 92, 22)
        + oval(80, 74, 50, 22, GOLD)
        + oval(80, 72, 15, 5.5, CRUST)
        + dots("50 68,60 60,46 78,76 58,98 60,112 70,106 82,62 84,82 88,92 84", CRUMB, 3)
    )


def toast(bands: tuple[Band, ...]) -> str:
    """Return a slice of bread with a spread (the second layer) and an egg (the third)."""
    spread = "M54 70c-8-12 12-16 26-15s36 2 27 15c4 10-3 16 1 26 2 12-6 16-26 15-18 1-32 1-29-14 3-10-3-16 1-27z"
    egg = "M62 84c-3-12 10-18 20-17 14 0 22 8 19 18 2 12-10 16-20 14-12 2-20-4-19-15z"
    drawn = (
        plate(80, 129, 60)
        + shape("M38 70c-15-22 14-32 42-32s57 10 42 32v49q0 7-7 7H45q-7 0-7-7z", CRUST)
        + shape("M44 69c-13-17 12-25 36-25s49 8 36 25v47q0 4-4 4H48q-4 0-4-4z", CRUMB)
        + shape(spread, colour(bands, 1, "#B4C468"))
    )
    if bands[2:]:
        drawn += shape(egg, bands[2].colour) + dots("81 83", "#F2AE36", 17)
        drawn += dots("70 76,92 90,94 74,70 92", "#6B4A2B", 1.8)
    return drawn


def cookie(bands: tuple[Band, ...]) -> str:
    edge = (
        "M80 44c14-1 22 4 30 12 10 8 15 17 14 30 1 14-6 23-14 31-8 9-17 13-30 12-14 1-23-3-31-12"
        "-9-8-13-18-13-31 0-14 5-22 13-30 9-9 18-13 31-12z"
    )
    chips = "M60 70l8 3m22-12 7 5m-46 30 7 2m20-8 9-4m17 0 5 7m-22 20 8-3m-34 1 7 4"
    return (
        shadow(80, 132, 46)
        + shape(edge, CRUST)
        + shape(edge, colour(bands, 0, GOLD), ' transform="matrix(.93 0 0 .93 5 4)"')
        + line(chips, colour(bands, 1, "#5B3322"), 9)
        + dots("74 62,106 76,50 84,76 104,98 102,62 112", CRUMB, 2.6)
    )


def muffin(bands: tuple[Band, ...]) -> str:
    dome = "M40 94c-10-18 8-27 11-32 8-18 50-18 58 0 3 5 21 14 11 32q-7 6-15 1-10 7-25 1-15 6-25-1-8 5-15-1z"
    return (
        plate(80, 128, 54)
        + shape("M46 92l10 34h48l10-34z", "#EFE0C8")
        + line("M59 98l4 27m10-26 1 27m13-27-1 27m15-28-4 27", "#D6BC94", 2.5)
        + shape(dome, colour(bands, 0, GOLD))
        + line("M56 64q8-12 24-12", PALE, 4)
        + dots("62 74,82 64,101 70,72 86,103 88,52 87,90 80", colour(bands, 1, CRUST), 8.5)
    )


def roll(bands: tuple[Band, ...]) -> str:
    icing = (
        "M40 80c0-13 20-19 40-19s40 6 40 19c0 6-5 6-5 12s-8 6-8 0-5-2-8 1c-4 4-3 14-8 14s-3-10-8-10-4 7-8 7"
        "-4-9-9-9-4 10-8 10-4-13-9-14S40 90 40 80z"
    )
    return (
        plate(80, 128, 62)
        + shape("M34 82v24q0 20 46 20t46-20V82z", CRUST)
        + oval(80, 82, 46, 24, GOLD)
        + shape(icing, colour(bands, 1, CRUMB))
        + line("M80 81q7-5 11 0t-11 8q-20 0-20-9t22-12 27 11", BROWN, 3.5)
    )


# Middle x and y, half width and turn of each bite in a salad, from the back to the front.
BITES = (
    (44, 76, 15, -30),
    (118, 76, 15, 30),
    (62, 66, 16, -50),
    (100, 66, 16, 40),
    (80, 60, 16, 0),
    (56, 82, 11, 20),
    (92, 78, 13, -20),
    (74, 76, 11, 50),
    (110, 84, 9, 0),
)


def salad(bands: tuple[Band, ...]) -> str:
    """Return a bowl with a heap of bites whose colours go round the layers."""
    heap, kinds = "", max(len(bands), 1)
    for at, (x, y, r, turn) in enumerate(BITES):
        bite = f' transform="translate({x} {y})rotate({turn})"'
        heap += oval(0, 0, r, r * 0.66, colour(bands, at % kinds, "#8BB058"), bite)
    return (
        shadow(80, 133, 40)
        + oval(80, 82, 54, 13, colour(bands, 0, "#8BB058"))
        + heap
        + f'<path{CHINA} d="M22 82h116c0 30-16 50-44 50H66c-28 0-44-20-44-50z"/>'
        + line("M26 96q54 6 108 0", "#B8452A", 3.5)
    )


def label(bands: tuple[Band, ...], y: float) -> str:
    """Return a paper label: a coffee bean, and in bands what the coffee tastes of."""
    return (
        f'<rect x="54" y="{n(y)}" width="52" height="58" rx="3" fill="{WHITE}"/>'
        + oval(0, 0, 8, 11, "#5B3322", f' transform="translate(80 {n(y + 17)})rotate(30)"')
        + line(f"M85 {n(y + 9)}q-8 5-5 9t-5 8", WHITE, 2)
        + stack(bands, 54, y + 54, 52, 20)
    )


def bag(bands: tuple[Band, ...]) -> str:
    """Return a bag: the first layer is its own colour, the others are on the label."""
    side = colour(bands, 0, "#B67C47")
    return (
        shadow(80, 138, 44)
        + shape("M44 44h72l6 86q0 8-8 8H46q-8 0-8-8z", side, EDGE)
        + shape("M46 20h68l2 24H44z", side)
        + shape("M46 20h68l2 24H44zM44 44l10 94h-8q-8 0-8-8z", "#2A1B12", ' fill-opacity=".14"')
        + line("M40 44h80", "#B8452A", 5)
        + label(bands[1:], 64)
    )


def box(bands: tuple[Band, ...]) -> str:
    side = colour(bands, 0, "#B67C47")
    return (
        shadow(80, 136, 58)
        + shape("M58 30h44v30H58z", WHITE, EDGE)
        + line("M66 40h28m-28 7h18", PALE, 3)
        + shape("M28 58h104v72q0 6-6 6H34q-6 0-6-6z", side)
        + shape("M28 58h104l-6 10H34z", "#2A1B12", ' fill-opacity=".2"')
        + label(bands[1:], 72)
    )


FOODS = {
    "croissant": Food(_("Croissant"), croissant, (80, 60, 30)),
    "cake": Food(_("Slice of cake"), cake, (100, 70, 26)),
    "tart": Food(_("Tart"), tart, (80, 88, 34)),
    "sandwich": Food(_("Sandwich"), sandwich, (80, 50, 30)),
    "bagel": Food(_("Bagel"), bagel, (80, 58, 30)),
    "toast": Food(_("Toast"), toast, (80, 78, 30)),
    "cookie": Food(_("Cookie"), cookie, (80, 60, 30)),
    "muffin": Food(_("Muffin"), muffin, (80, 54, 28)),
    "roll": Food(_("Roll"), roll, (80, 76, 30)),
    "salad": Food(_("Salad"), salad, (80, 60, 30)),
    "bag": Food(_("Bag of beans"), bag, (80, 26, 26)),
    "box": Food(_("Box"), box, (80, 40, 24)),
}
