"""The SVG shapes that every drawing is made of. Their shared styles are in static/css/components/cutaway.css."""

from typing import NamedTuple

WHITE = "#FFFDF9"
EDGE = ' class="cutaway__edge"'
CHINA = ' class="cutaway__china"'


class Band(NamedTuple):
    """One layer to draw: its fill, its colour (#RRGGBB) and its share, relative to the other layers."""

    name: str
    colour: str
    share: int


def n(number: float) -> str:
    """Format a coordinate with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def shape(d: str, colour: str, more: str = "") -> str:
    return f'<path d="{d}" fill="{colour}"{more}/>'


def line(d: str, colour: str, width: float, more: str = "") -> str:
    return f'<path d="{d}" stroke="{colour}" stroke-width="{width:g}"{more}/>'


def oval(x: float, y: float, rx: float, ry: float, colour: str, more: str = "") -> str:
    return f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(rx)}" ry="{n(ry)}" fill="{colour}"{more}/>'


def dots(spots: str, colour: str, width: float) -> str:
    """Return round dots at "x y" places separated by commas."""
    return line("".join(f"M{spot}h.1" for spot in spots.split(",")), colour, width)


def shadow(x: float, y: float, w: float) -> str:
    return f'<ellipse class="cutaway__shadow" cx="{n(x)}" cy="{n(y)}" rx="{n(w)}" ry="5"/>'


def plate(x: float, y: float, w: float, h: float = 7) -> str:
    """Return a plate or saucer with its shadow."""
    dish = f'<ellipse{CHINA} cx="{n(x)}" cy="{n(y)}" rx="{n(w)}" ry="{n(h)}"/>'
    return shadow(x, y + h - 2, w - 3) + dish


def mixed(colour: str, other: str, part: float) -> str:
    """Return a #RRGGBB colour with another one mixed in by `part` (0 to 1)."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * part):02X}" for mine, theirs in pairs)
