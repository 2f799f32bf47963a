"""The strokes that every drawing is made of."""

from typing import NamedTuple

WHITE = "#FFFDF9"
EDGE = ' stroke="currentColor" stroke-opacity=".2" stroke-width="1.5"'
CHINA = f' class="cutaway__china"{EDGE}'


class Band(NamedTuple):
    """One layer ready for the brush."""

    name: str
    colour: str
    share: int


def n(number: float) -> str:
    """Write a coordinate with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def shape(d: str, colour: str, more: str = "") -> str:
    return f'<path d="{d}" fill="{colour}"{more}/>'


def line(d: str, colour: str, width: float, more: str = "") -> str:
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}"{more}/>'


def oval(x: float, y: float, rx: float, ry: float, colour: str, more: str = "") -> str:
    return f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(rx)}" ry="{n(ry)}" fill="{colour}"{more}/>'


def dots(spots: str, colour: str, width: float) -> str:
    """Return round dots at "x y" places divided by commas."""
    return line("".join(f"M{spot}h.1" for spot in spots.split(",")), colour, width)


def shadow(x: float, y: float, w: float) -> str:
    return oval(x, y, w, 5, "#2A1B12", ' fill-opacity=".13"')


def plate(x: float, y: float, w: float, h: float = 7) -> str:
    """Return the plate or saucer that carries nearly everything."""
    return shadow(x, y + h - 2, w - 3) + oval(x, y, w, h, WHITE, CHINA)


def mixed(colour: str, other: str, part: float) -> str:
    """Mix `part` of another #RRGGBB colour into one."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * part):02X}" for mine, theirs in pairs)
