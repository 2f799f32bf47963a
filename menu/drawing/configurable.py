"""The configurable drawing on the item page: one SVG with every part that its options can change.

A part that a choice can change is a group with `data-part`, of one of two kinds. `data-count` is the number of its
children to show unless an option sets another; a group with `data-is` is shown while its part has that value. Hidden
elements have the class "cutaway__off". A script toggles it (static/js/item-drawing.js); without the script the
drawing shows the default options.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

from django.utils.safestring import SafeString

from menu.drawing.cutaway import (
    Cutaway,
    Parts,
    curls,
    dish,
    dish_parts,
    drink,
    drink_parts,
    garnish_on,
    readable_bands,
    safe_key,
    svg,
    vessel_of,
)
from menu.drawing.effects import said
from menu.drawing.fills import AIRY, FILL_TABLE
from menu.drawing.food import FOODS
from menu.drawing.garnish import GARNISH_TABLE
from menu.drawing.liquid import USUAL_ICE, ice_class, ice_cubes, liquid
from menu.drawing.svg import Band
from menu.drawing.vessels import Vessel

OFF = "cutaway__off"
CURLS = 3
MAX_ICE = 5
MAX_ADDED = 3  # fills that options can add: each doubles the variants that are rendered
SUGAR = ((131, 128), (145, 130), (137, 116))


@dataclass(frozen=True, slots=True)
class Choice:
    """Effects on a drawing: of all its options (`offered`), and of those that are chosen (`shown`)."""

    offered: tuple[tuple[str, str], ...]
    shown: dict[str, str]
    added: str  # the fills that the chosen ones add, "espresso+syrup"

    @classmethod
    def of(cls, offered: tuple[str, ...], chosen: tuple[str, ...]) -> "Choice":
        everything, now = tuple(said(offered)), tuple(said(chosen))
        choice = cls(everything, dict(now), "")
        return replace(choice, added="+".join(fill for fill in choice.fills() if ("layer", fill) in now))

    def can_change(self, part: str) -> bool:
        return any(name == part for name, _how in self.offered)

    def offers(self, part: str) -> list[str]:
        """Return the values that a part can have, each once."""
        return list(dict.fromkeys(how for name, how in self.offered if name == part))

    def fills(self) -> list[str]:
        return self.offers("layer")[:MAX_ADDED]

    def additions(self) -> Iterator[tuple[str, ...]]:
        """Yield every combination of fills that can be added, beginning with none."""
        fills = self.fills()
        for count in range(len(fills) + 1):
            yield from combinations(fills, count)


@lru_cache(maxsize=1024)
def draw_served(cutaway: Cutaway, *, offered: tuple[str, ...], chosen: tuple[str, ...], key: str) -> SafeString:
    """Return the <svg> of an item whose options have the effects `offered`, showing those `chosen`.

    Both are keys of `menu.drawing.effects.EFFECTS`; unknown ones are ignored. Never raises on stored data, as `draw`.
    """
    choice, key = Choice.of(offered, chosen), safe_key(key)
    size, picture = choice.shown.get("size", ""), choice.shown.get("picture", "")
    pictures = _picture(cutaway, choice, f"{key}.l")
    if "iced" in choice.offers("picture") and cutaway.glass not in FOODS:
        pictures = _one_of("picture", "", pictures, picture) + _one_of(
            "picture", "iced", _picture(_iced(cutaway), choice, f"{key}.i"), picture
        )
    sugar = ""
    if choice.can_change("sugar"):
        cubes = [f'<path d="{_sugar_cube(x, y)}"/>' for x, y in SUGAR]
        sugar = _counted("sugar", cubes, 0, choice, "cutaway__china")
    return svg(
        f'<g class="cutaway__served cutaway__served--{size}">{pictures}</g>{sugar}',
        words=" cutaway--served",
        more=f' data-served="" data-fills="{" ".join(choice.fills())}" data-garnish="{_known(cutaway.garnish)}"',
    )


def _iced(cutaway: Cutaway) -> Cutaway:
    glass = vessel_of(cutaway.glass).iced or cutaway.glass
    return replace(cutaway, glass=glass, ice=True, straw=True, steam=False)


def _known(garnish: str) -> str:
    return garnish if garnish in GARNISH_TABLE else ""


def _picture(cutaway: Cutaway, choice: Choice, key: str) -> str:
    bands = readable_bands(cutaway.layers)
    if cutaway.glass in FOODS:
        food = FOODS[cutaway.glass]
        parts = dish_parts(food, bands, cutaway)
        insides = [food.paint(_with(bands, added, is_food=True)) for added in choice.additions()]
        x, y, w = food.top
        return dish(_changeable(parts, cutaway, choice, insides, (x, y, w), y))
    vessel = vessel_of(cutaway.glass)
    milk = choice.shown.get("milk", "") if choice.can_change("milk") else None
    insides = [
        liquid(vessel, _with(bands, added), f"{key}{number or ''}", milk)
        for number, added in enumerate(choice.additions())
    ]
    parts = drink_parts(vessel, bands, cutaway, key)
    at = (vessel.centre, vessel.surface, vessel.half_width(vessel.surface))
    parts = _changeable(parts, cutaway, choice, insides, at, vessel.top)
    return drink(vessel, parts._replace(ice=_ice(vessel, bands, cutaway, choice) or parts.ice))


def _changeable(
    parts: Parts,
    cutaway: Cutaway,
    choice: Choice,
    insides: list[str],
    at: tuple[float, float, float],
    top: float,
) -> Parts:
    """Return the parts; those that a choice can change are wrapped in groups with `data-part`."""
    names = ["+".join(added) for added in choice.additions()]
    inside = "".join(_one_of("layers", *pair, choice.added) for pair in zip(names, insides, strict=True))
    parts = parts._replace(inside=inside if names[1:] else insides[0])
    if choice.can_change("steam"):
        paths = [f'<path d="{d}"/>' for d in curls(at[0], top)]
        steam = _counted("steam", paths, CURLS * cutaway.steam, choice, "cutaway__steam")
        parts = parts._replace(steam=steam)
    if choice.can_change("garnish"):
        own, names = _known(cutaway.garnish), choice.offers("garnish")
        shown = choice.shown.get("garnish", own)
        painted = (_one_of("garnish", name, garnish_on(*at, name), shown) for name in dict.fromkeys([own, *names]))
        parts = parts._replace(garnish="".join(painted))
    return parts


def _ice(vessel: Vessel, bands: tuple[Band, ...], cutaway: Cutaway, choice: Choice) -> str:
    if not choice.can_change("ice"):
        return ""
    cubes = [f'<path d="{d}"/>' for d in ice_cubes(vessel, MAX_ICE)]
    return _counted("ice", cubes, USUAL_ICE * cutaway.ice, choice, ice_class(bands))


def _with(bands: tuple[Band, ...], fills: tuple[str, ...], *, is_food: bool = False) -> tuple[Band, ...]:
    """Return the layers with these fills: an existing one grows; foam and cream, and any fill on food, are added
    at the top, others at the bottom."""
    more = max(1, round(sum(band.share for band in bands) * 0.16))
    for fill in fills:
        if any(band.name == fill for band in bands):
            bands = tuple(band._replace(share=band.share + more * (band.name == fill)) for band in bands)
            continue
        band = Band(fill, FILL_TABLE[fill][1], more)
        bands = (*bands, band) if is_food or fill in AIRY else (band, *bands)
    return bands


def _one_of(part: str, name: str, body: str, shown: str) -> str:
    off = "" if name == shown else f' class="{OFF}"'
    return f'<g data-part="{part}" data-is="{name}"{off}>{body}</g>'


def _counted(part: str, pieces: list[str], own: int, choice: Choice, words: str = "") -> str:
    count = int(choice.shown.get(part, own))
    drawn = "".join(
        piece if place < count else piece.replace("/>", f' class="{OFF}"/>') for place, piece in enumerate(pieces)
    )
    return f'<g data-part="{part}" data-count="{own}" class="{words}">{drawn}</g>'


def _sugar_cube(x: int, y: int) -> str:
    return f"M{x} {y}l4-4h11v11l-4 4h-11zh11v11m0-11 4-4"
