"""Drawings of garnishes, in the style of the drinks."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from menu.drawing.svg import dots, line, n, oval, shape

# Painters of garnishes. Each takes the middle of a surface (x, y) and its half width (w).


def mint(x: float, y: float, w: float) -> str:
    leaf = '<path d="M0 0C-13-5-13-16-7-21 1-16 5-8 0 0z" transform="translate({} {})rotate({})" fill="{}"/>'
    leaves = ((-5, -34, "#5F9448"), (4, 64, "#6FA654"), (-1, 15, "#82B763"))
    return "".join(leaf.format(n(x + dx), n(y + 2), turn, green) for dx, turn, green in leaves)


def citrus(rind: str, flesh: str) -> Callable[[float, float, float], str]:
    """Return the painter of a wheel on the rim."""

    def wheel(x: float, y: float, w: float) -> str:
        x, y = x - w * 0.8, y - 12
        return (
            dots(f"{n(x)} {n(y)}", rind, 31)
            + dots(f"{n(x)} {n(y)}", "#FFF6DA", 25)
            + dots(f"{n(x)} {n(y)}", flesh, 21)
            + line(f"M{n(x)} {n(y - 10)}v20m-8.7-15 17.4 10m0-10-17.4 10", "#FFF6DA", 1.5)
        )

    return wheel


# Where grains of powder lie: shares of the half width, units below the middle.
GRAINS = (
    *((-0.62, 0.4), (-0.5, -1.5), (-0.4, 2.4), (-0.2, -2.6), (-0.1, 2.0), (0.12, -1.8), (0.2, 2.7), (0.4, -2.2)),
    *((0.5, 1.7), (0.66, -0.3), (0.0, 0.2), (-0.3, 0.2), (0.3, 0.4)),
)


def dusting(powder: str) -> Callable[[float, float, float], str]:
    """Return the painter of a powder: a soft heap, and grains."""

    def powdered(x: float, y: float, w: float) -> str:
        soft = oval(x, y, w * 0.6, w * 0.055, powder, ' fill-opacity=".4"')
        return soft + line("".join(f"M{n(x + w * dx)} {n(y + dy)}h.8" for dx, dy in GRAINS), powder, 1.8)

    return powdered


def drizzle(sauce: str) -> Callable[[float, float, float], str]:
    """Return the painter of a sauce that was poured to and fro."""

    def poured(x: float, y: float, w: float) -> str:
        there_and_back = f"l{n(w * 0.26)} 4 {n(w * 0.04)}-4"
        return line(f"M{n(x - w * 0.72)} {n(y - 1.5)}{there_and_back * 5}", sauce, 2.4, ' stroke-linejoin="round"')

    return poured


def beans(x: float, y: float, w: float) -> str:
    """Return three coffee beans."""
    bean = oval(0, 0, 6, 4, "#4A2A1A") + line("M-4.5 0q2.5-2 4.5 0t4.5 0", "#A8734A", 1.2)
    places = ((-9, 0.5, -20), (9, 0.5, 25), (0, -3, 0))
    return "".join(
        f'<g transform="translate({n(x + dx)} {n(y + dy)})rotate({turn})">{bean}</g>' for dx, dy, turn in places
    )


def cinnamon(x: float, y: float, w: float) -> str:
    return line(f"M{n(x - 12)} {n(y + 2)}l-15-32", "#8A5130", 8) + line(f"M{n(x - 13)} {n(y)}l-14-30", "#B9794C", 2.5)


def berries(x: float, y: float, w: float) -> str:
    heap = ((-9, -3, "#A93553"), (8, -3, "#8E2747"), (0, -10, "#C44763"))
    balls = "".join(line(f"M{n(x + dx)} {n(y + dy)}h.1", red, 15) for dx, dy, red in heap)
    return balls + line(f"M{n(x - 2)} {n(y - 13)}h.1m-9 7h.1m17 0h.1", "#fff", 2.6, ' stroke-opacity=".55"')


def whipped_cream(x: float, y: float, w: float) -> str:
    """Return a swirl of three tiers."""
    w = min(w - 3, 36)
    tiers = ((1, 0, 9), (0.72, -10, 7), (0.4, -18, 6))
    swirl = "".join(oval(x, y + up, w * part, ry, "#FFF9EE") for part, up, ry in tiers)
    tip = f"M{n(x - w * 0.36)} {n(y - 19)}q{n(w * 0.4)}-4 {n(w * 0.5)}-15 {n(w * 0.3)} 8 {n(w * 0.2)} 16z"
    low = f"M{n(x - w * 0.8)} {n(y - 4)}q{n(w * 0.8)} 7 {n(w * 1.5)}-3"
    high = f"M{n(x - w * 0.5)} {n(y - 14)}q{n(w * 0.5)} 5 {n(w)}-2"
    return swirl + shape(tip, "#FFF9EE") + line(low + high, "#E3CFAE", 2)


GARNISH_TABLE = {
    "mint": (_("Mint"), mint),
    "lemon": (_("Lemon"), citrus("#EDBE34", "#F7DB6B")),
    "lime": (_("Lime"), citrus("#7FA83D", "#BBD579")),
    "orange": (_("Orange"), citrus("#E37F25", "#F4A84C")),
    "berry": (_("Berries"), berries),
    "cocoa": (_("Cocoa"), dusting("#7A4B30")),
    "matcha": (_("Matcha powder"), dusting("#6F9440")),
    "cinnamon": (_("Cinnamon"), cinnamon),
    "caramel": (_("Caramel sauce"), drizzle("#B8701F")),
    "chocolate": (_("Chocolate sauce"), drizzle("#5B3322")),
    "beans": (_("Coffee beans"), beans),
    "cream": (_("Whipped cream"), whipped_cream),
}
