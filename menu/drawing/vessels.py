"""Drawings of glasses, cups and bottles, seen from the side, with the parts behind and in front of them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from menu.drawing.svg import WHITE, dots, line, n, plate, shape

CLAY, WOOD = "#B8452A", "#A8713F"

GLASS = 'class="cutaway__glass"'


@dataclass(frozen=True, slots=True)
class Vessel:
    """A glass seen from the side: its wall curves from rim to base by way of waist.

    Units are those of the picture, 160 by 160. Rim, waist and base are half widths; full is a share of the height.
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
    iced: str = ""  # the vessel it is served in over ice, if it is another

    def half_width(self, y: float) -> float:
        """Return the half width at height y.

        The curve's control point lies at mid height, so y grows evenly with its parameter t.
        """
        t = min(max((y - self.top) / (self.bottom - self.corner - self.top), 0), 1)
        return (1 - t) ** 2 * self.rim + 2 * t * (1 - t) * self.waist + t * t * self.base

    @property
    def surface(self) -> float:
        """The y coordinate of the liquid's surface."""
        return self.bottom - (self.bottom - self.top) * self.full


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


# Parts behind or in front of a vessel.


def pane(d: str) -> str:
    """Return a piece of clear glass."""
    return f'<path d="{d}" {GLASS}/>'


def saucer(vessel: Vessel) -> str:
    return plate(vessel.centre, vessel.bottom + 3, vessel.base + 26)


def bow(d: str) -> str:
    """Return a handle: white, with an edge of ink."""
    return f'<path class="cutaway__bow--edge" d="{d}"/><path class="cutaway__bow" d="{d}"/>'


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
    "cup": Vessel(_("Cup with handle"), 56, 126, 43, 42, 31, 13, 72, behind=(saucer, handle), iced="tall"),
    "espresso": Vessel(
        _("Espresso cup"), 76, 126, 31, 32, 22, 11, 75, full=0.8, behind=(saucer, handle), iced="short"
    ),
    "mug": Vessel(_("Wide mug"), 66, 126, 48, 53, 34, 12, 70, full=0.88, behind=(saucer, handle), iced="tall"),
    "tumbler": Vessel(_("Tumbler"), 58, 134, 39, 37, 34, 9, full=0.8),
    "short": Vessel(_("Short glass"), 66, 134, 36, 29, 26, 8, full=0.84),
    "tall": Vessel(_("Tall glass"), 36, 138, 34, 30, 26, 9, full=0.84),
    "handled": Vessel(
        _("Glass with handle"), 44, 132, 33, 31, 26, 10, 70, full=0.9, behind=(saucer, handle), iced="tall"
    ),
    "goblet": Vessel(_("Stemmed glass"), 38, 108, 31, 46, 30, 18, full=0.82, behind=(stem,)),
    "tea_glass": Vessel(_("Tea glass"), 56, 134, 32, 42, 32, 14, full=0.8, iced="tall"),
    "teapot": Vessel(_("Teapot"), 64, 132, 22, 68, 45, 13, 76, 0.8, (spout, pot_handle), (pot_lid,), iced="tall"),
    "brewer": Vessel(_("Pour-over brewer"), 72, 136, 12, 48, 45, 13, full=0.66, front=(brewer,)),
    "to_go": Vessel(_("Cup to go"), 46, 138, 35, 31, 27, 7, full=0.92, front=(cup_lid,), iced="clear_cup"),
    "clear_cup": Vessel(_("Clear cup with a dome lid"), 52, 138, 36, 32, 28, 8, full=0.92, front=(dome_lid,)),
    "bottle": Vessel(_("Bottle"), 58, 138, 28, 28, 28, 9, full=0.96, front=(bottle_neck,)),
    "bowl": Vessel(_("Glass bowl"), 72, 132, 58, 62, 36, 14, full=0.9),
}
