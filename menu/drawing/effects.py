"""Effects of an option on the drawing on the item page: the keys that staff choose from, and what each of them sets.

The option stores a key ("ice:less"). The page gets what the key sets ("ice=1"): a part of the drawing and its
value, several separated by spaces. `menu.drawing.configurable` draws the parts, static/js/item-drawing.js sets them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from menu.drawing.fills import FILL_TABLE, MILKS
from menu.drawing.garnish import GARNISH_TABLE

# Fills that an option may add as a layer of its own.
ADDED = ("espresso", "milk", "foam", "cream", "syrup", "caramel", "chocolate", "jelly", "berry", "cheese", "nuts")

Words = str | Promise


class Effect(NamedTuple):
    kind: Words  # its heading in the select
    label: Words
    says: str


SIZE, SERVED, ICE, SUGAR = _("Glass"), _("Served"), _("Ice"), _("Sugar")
EFFECTS = {
    "size:smaller": Effect(SIZE, _("smaller glass"), "size=smaller"),
    "size:larger": Effect(SIZE, _("larger glass"), "size=larger"),
    "size:largest": Effect(SIZE, _("largest glass"), "size=largest"),
    "serve:hot": Effect(SERVED, _("hot: steam, no ice"), "picture= steam=3 ice=0"),
    "serve:warm": Effect(SERVED, _("warm: a little steam, no ice"), "picture= steam=1 ice=0"),
    "serve:iced": Effect(SERVED, _("iced: in a glass with ice and a straw"), "picture=iced"),
    "ice:none": Effect(ICE, _("no ice"), "ice=0"),
    "ice:less": Effect(ICE, _("less ice"), "ice=1"),
    "ice:usual": Effect(ICE, _("ice"), "ice=3"),
    "ice:more": Effect(ICE, _("more ice"), "ice=5"),
    "sugar:0": Effect(SUGAR, _("no sugar cube"), "sugar=0"),
    "sugar:1": Effect(SUGAR, _("one sugar cube"), "sugar=1"),
    "sugar:2": Effect(SUGAR, _("two sugar cubes"), "sugar=2"),
    "sugar:3": Effect(SUGAR, _("three sugar cubes"), "sugar=3"),
    **{
        f"milk:{name}": Effect(_("Replaces the milk with"), FILL_TABLE[name][0], f"milk={FILL_TABLE[name][1]}")
        for name in MILKS
    },
    **{f"layer:{name}": Effect(_("Adds a layer"), FILL_TABLE[name][0], f"layer={name}") for name in ADDED},
    **{
        f"garnish:{name}": Effect(_("Garnish"), label, f"garnish={name}")
        for name, (label, _paint) in GARNISH_TABLE.items()
    },
}


def choices() -> list[tuple[Words, list[tuple[str, Words]]]]:
    """Return the effects grouped by their headings, as `choices` of a model field."""
    kinds: dict[str, tuple[Words, list[tuple[str, Words]]]] = {}
    for word, effect in EFFECTS.items():
        kinds.setdefault(word.partition(":")[0], (effect.kind, []))[1].append((word, effect.label))
    return list(kinds.values())


def says(word: str) -> str:
    """Return what a key sets, such as "ice=1"; "" for one that is unknown (or was removed)."""
    return EFFECTS[word].says if word in EFFECTS else ""


def said(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each (part, value) that these keys set, in their order."""
    for word in words:
        for one in says(word).split():
            part, _equals, how = one.partition("=")
            yield part, how
