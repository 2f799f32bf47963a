"""Drawing of the contents of a glass: layers that blend at their seams, their surface, bubbles, ice."""

from itertools import pairwise
from math import cos, radians, sin

from menu.drawing.fills import AIRY, FILL_TABLE, MILKS, STAINS
from menu.drawing.svg import Band, dots, mixed, n, oval, shape
from menu.drawing.vessels import Vessel, outline

MILK_COLOURS = {FILL_TABLE[name][1] for name in MILKS}
LIGHT = "#FFF4E0"
# The place of each cube (a share of the half width, units below the surface), and its rotation (degrees).
CUBES = ((-0.95, 0, -12), (0.3, 3, 10), (-0.35, 22, 28), (0.45, 27, -16), (-0.85, 44, -6))
USUAL_ICE = 3


def seam(below: Band, above: Band) -> tuple[float, str, str]:
    """Return how far two neighbouring layers mix (a share of the depth), and their colours below and above the seam.

    Milk takes the stain of its neighbour (STAINS); foam and cream hardly mix.
    """
    if above.name in AIRY:
        return 0.015, below.colour, above.colour
    if below.name in STAINS and above.name in MILKS:
        return 0.06, below.colour, STAINS[below.name]
    if below.name in MILKS and above.name in STAINS:
        return 0.06, STAINS[above.name], above.colour
    return 0.05, below.colour, above.colour


def milk_as(colour: str, milk: str | None) -> tuple[str, str]:
    """Return the `data-milk` attribute of a colour, and the colour to paint.

    `milk`: the colour of every milk, "" for its own; the attribute lets a script replace it. None: no attribute.
    """
    if milk is None or colour not in MILK_COLOURS:
        return "", colour
    return f' data-milk="{colour}"', milk or colour


def gradient(bands: tuple[Band, ...], key: str, surface: float, milk: str | None = None) -> str:
    """Return one gradient with all layers, transparent above the surface (0 is the rim, 1 the bottom)."""
    total, reached = sum(band.share for band in bands), 0.0
    stops = [(0.0, bands[0].colour if bands[1:] else mixed(bands[0].colour, "#2A1B12", 0.14))]
    for below, above in pairwise(bands):
        depth = below.share / total
        widest, lower, upper = seam(below, above)
        if reached and lower != below.colour != stops[-1][1]:
            # A layer that is stained from both sides has its own colour in the middle.
            stops.append((reached + depth / 2, below.colour))
        reached += depth
        soft = min(widest, 0.4 * depth, 0.4 * above.share / total)
        stops += [(reached - soft, lower), (reached + soft, upper)]
    stops.append((1.0, bands[-1].colour))
    painted = ""
    for at, colour in stops:
        mark, shown = milk_as(colour, milk)
        painted += f'<stop{mark} offset="{round(at, 2):g}" stop-color="{shown}"/>'
    return (
        f'<linearGradient id="{key}" x2="0" y1="1" y2="{round(surface, 3):g}">'
        f'{painted}<stop offset="1" stop-opacity="0"/></linearGradient>'
    )


def bubbles(vessel: Vessel) -> str:
    """Return the bubbles of a sparkling drink."""
    y, w = vessel.surface, vessel.half_width(vessel.surface)
    deep = vessel.bottom - y
    spots = ((-0.5, 0.3), (0.1, 0.5), (0.5, 0.42), (-0.25, 0.66), (0.3, 0.76), (-0.45, 0.86), (0.05, 0.9))
    return dots(",".join(f"{n(vessel.centre + w * dx)} {n(y + deep * dy)}" for dx, dy in spots), "#fff", 4)


def crumbs(x: float, y: float, w: float) -> str:
    """Return the heap that nuts and grains make on the surface."""
    heap = ((-0.8, 0), (-0.5, 2), (-0.6, -2), (-0.25, -3), (0.05, 2), (0.2, -3), (0.5, 2), (0.45, -2), (0.8, 0))
    places = [f"{n(x + w * dx)} {n(y + dy)}" for dx, dy in heap]
    return dots(",".join(places[::2]), "#CF9A5E", 8) + dots(",".join(places[1::2]), "#9A6234", 7)


def surface(vessel: Vessel, top: Band, milk: str | None) -> str:
    """Return the surface of the top layer, seen from above and a little lighter than the layer."""
    x, y, w = vessel.centre, vessel.surface, vessel.half_width(vessel.surface) - 3
    mark, shown = milk_as(top.colour, milk)
    if not mark:
        return oval(x, y, w, w * 0.1, mixed(shown, LIGHT, 0.18))
    return oval(x, y, w, w * 0.1, shown, mark) + oval(x, y, w, w * 0.1, LIGHT, ' fill-opacity=".18"')


def liquid(vessel: Vessel, bands: tuple[Band, ...], key: str, milk: str | None = None) -> str:
    """Return the inside of a glass: all layers in one shape, bubbles, and the surface. `milk`: see `milk_as`."""
    if not bands:
        return ""
    y = vessel.surface
    return (
        gradient(bands, key, (y - vessel.top) / (vessel.bottom - 3 - vessel.top), milk)
        + shape(outline(vessel, 3), f"url(#{key})")
        + (bubbles(vessel) if any(band.name == "sparkling" for band in bands) else "")
        + surface(vessel, bands[-1], milk)
        + (crumbs(vessel.centre, y, vessel.half_width(y) - 3) if bands[-1].name == "nuts" else "")
    )


def ice_cubes(vessel: Vessel, most: int = USUAL_ICE) -> list[str]:
    """Return the paths of cubes from the surface down, each rotated a little: as many as the glass has room for."""
    cubes: list[str] = []
    for across, down, turn in CUBES[:most]:
        y = vessel.surface + down
        if y + 20 <= vessel.bottom or len(cubes) < USUAL_ICE:
            x = vessel.centre + across * (vessel.half_width(y + 9) - 13)
            cubes.append(cube(x, y, 16, turn))
    return cubes


def cube(x: float, y: float, side: float, turn: float) -> str:
    """Return the path of a square rotated about its upper left corner, by degrees; CSS rounds its corners."""
    a, b = side * cos(radians(turn)), side * sin(radians(turn))
    return f"M{n(x)} {n(y)}l{n(a)} {n(b)} {n(-b)} {n(a)} {n(-a)} {n(-b)}z"


def ice_class(bands: tuple[Band, ...]) -> str:
    """Return the CSS classes of ice: on a nearly white layer it has a shade, to be visible."""
    is_white = bool(bands) and min(bytes.fromhex(bands[-1].colour[1:])) > 180
    return "cutaway__ice cutaway__ice--on-white" if is_white else "cutaway__ice"
