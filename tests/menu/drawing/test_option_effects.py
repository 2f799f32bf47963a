"""The drawing on the item page: the effect of each option, as staff choose it, and the markup of the page."""

import re
from xml.etree import ElementTree

import pytest

from menu.drawing.configurable import draw_served
from menu.drawing.cutaway import GARNISHES, GLASSES, Cutaway, draw
from tests.menu.drawing.markup import EVERY_WORD, assert_sound, shown

LATTE = Cutaway("cup", "espresso 24, milk 60, foam 16", steam=True)


ICED = Cutaway("tall", "oat 52, espresso 48", ice=True, straw=True)


TOAST = Cutaway("toast", "dough 40, avocado 40, egg 20")


def served(cutaway: Cutaway, *chosen: str, offered: tuple[str, ...] = EVERY_WORD) -> ElementTree.Element:
    return ElementTree.fromstring(draw_served(cutaway, offered=offered, chosen=chosen, key="k"))  # noqa: S314 - ours


AS_DRAWN = {"size": "", "picture": "", "steam": "3", "ice": "0", "sugar": "0", "layers": "", "garnish": ""}


@pytest.mark.parametrize(
    ("chosen", "changed"),
    [
        ([], {}),
        (["size:smaller"], {"size": "smaller"}),
        (["size:larger"], {"size": "larger"}),
        (["size:largest"], {"size": "largest"}),
        (["serve:warm"], {"steam": "1"}),
        (["serve:hot"], {}),
        (["serve:iced"], {"picture": "iced", "steam": "0", "ice": "3"}),
        (["serve:iced", "ice:less"], {"picture": "iced", "steam": "0", "ice": "1"}),
        (["serve:iced", "ice:more"], {"picture": "iced", "steam": "0", "ice": "5"}),
        (["ice:none"], {}),
        (["ice:usual"], {"ice": "3"}),
        (["sugar:0"], {}),
        (["sugar:1"], {"sugar": "1"}),
        (["sugar:3"], {"sugar": "3"}),
        (["sugar:3", "sugar:2"], {"sugar": "2"}),
        (["layer:espresso"], {"layers": "espresso"}),
        (["layer:foam", "layer:espresso"], {"layers": "espresso+foam"}),
        (["garnish:cream"], {"garnish": "cream"}),
        (["garnish:cream", "garnish:mint"], {"garnish": "mint"}),
    ],
    ids=str,
)
def test_what_an_effect_shows(chosen: list[str], changed: dict[str, str]) -> None:
    """Effects on a hot latte: of several effects on one part the last one counts."""
    assert shown(served(LATTE, *chosen)) == AS_DRAWN | changed


@pytest.mark.parametrize("word", EVERY_WORD)
def test_every_effect_changes_some_drawing(word: str) -> None:
    """Every effect that staff can choose changes a drawing: the hot one or, if that has it already, the iced one."""
    bases = (LATTE, ICED)
    if word.startswith("layer:") and word.removeprefix("layer:") not in ("espresso", "milk", "foam"):
        offered: tuple[str, ...] = (word,)  # at most three layers can be added to a drawing
    else:
        offered = EVERY_WORD
    before = [draw_served(base, offered=offered, chosen=("sugar:3",), key="k") for base in bases]
    after = [draw_served(base, offered=offered, chosen=("sugar:3", word), key="k") for base in bases]
    assert before != after or word == "sugar:3"


def test_an_iced_drink_stands_in_a_glass_with_ice_and_a_straw() -> None:
    iced = ElementTree.tostring(served(LATTE, "serve:iced", offered=("serve:iced",)), encoding="unicode")
    tall = draw(Cutaway("tall", LATTE.layers, ice=True, straw=True), key="k")
    wall = re.search(r'<g class="cutaway__glass"><path d="([^"]+)"', tall)
    assert wall
    assert wall[1] in iced


def colours(picture: ElementTree.Element) -> set[str | None]:
    marked = [node for node in picture.iter() if node.get("data-milk")]
    assert marked
    return {node.get("stop-color") or node.get("fill") for node in marked}


def test_milk_is_replaced_in_its_layers_and_remembers_what_it_was() -> None:
    assert colours(served(LATTE)) == {"#EFD9B8"}
    oat = served(LATTE, "milk:oat")
    assert colours(oat) == {"#E2C79B"}
    assert {node.get("data-milk") for node in oat.iter() if node.get("data-milk")} == {"#EFD9B8"}


def test_milk_at_the_top_is_replaced_there_too() -> None:
    top = served(Cutaway("tall", "espresso 40, milk 60"), "milk:coconut", offered=("milk:coconut",))
    assert any(node.tag == "ellipse" and node.get("fill") == "#FAF3E7" for node in top.iter())


def test_a_layer_that_is_there_grows_foam_goes_on_top_and_the_rest_below() -> None:
    def stops(*added: str) -> list[str | None]:
        picture = served(LATTE, *added, offered=added or ("layer:foam",))
        gradients = picture.iter("linearGradient")
        return [stop.get("stop-color") for stop in list(gradients)[-1 if added else 0]]

    assert stops("layer:syrup")[0] == "#DCA94A"
    assert stops("layer:espresso") == stops()
    picture = served(Cutaway("tall", "black_tea 100"), offered=("layer:foam",))
    assert [stop.get("stop-color") for stop in list(picture.iter("linearGradient"))[1]][-2] == "#FFF9EE"


def test_food_is_warmed_and_gets_more_on_it() -> None:
    warm = shown(served(Cutaway("croissant", "dough 100"), "serve:hot", offered=("serve:hot",)))
    assert warm == {"size": "", "steam": "3"}
    offered = ("layer:cheese", "garnish:mint", "serve:iced", "milk:oat", "ice:more")
    cheese = {"size": "", "layers": "cheese", "garnish": ""}
    assert shown(served(TOAST, "layer:cheese", offered=offered)) == cheese


def test_no_more_than_three_fills_are_added_so_that_a_page_stays_small() -> None:
    fills = tuple(word for word in EVERY_WORD if word.startswith("layer:"))
    picture = served(LATTE, *fills, offered=fills)
    assert picture.get("data-fills") == "espresso milk foam"
    assert shown(picture)["layers"] == "espresso+milk+foam"
    assert len(draw_served(LATTE, offered=EVERY_WORD, chosen=(), key="k")) < 40_000


def test_words_that_we_do_not_know_do_nothing() -> None:
    strange = ("", "ice:lava", "<script>", "milk", ":", "size:larger x")
    plain = draw_served(LATTE, offered=(), chosen=(), key="k")
    assert draw_served(LATTE, offered=strange, chosen=strange, key="k") == plain


def test_without_effects_it_is_the_drawing_of_the_menu() -> None:
    for cutaway in (LATTE, ICED, TOAST):
        inner = re.sub(r"^<svg[^>]*>|</svg>$", "", draw(cutaway, key="k"))
        assert inner in draw_served(cutaway, offered=(), chosen=(), key="k")


@pytest.mark.few_cases(9)
@pytest.mark.parametrize("glass", [key for key, _label in GLASSES])
def test_every_glass_is_served_with_everything(glass: str) -> None:
    for garnish, _label in GARNISHES:
        cutaway = Cutaway(glass, "espresso 25, milk 60, foam 15", ice=True, straw=True, steam=True, garnish=garnish)
        for chosen in ((), ("serve:iced", "size:largest", "ice:more", "milk:coconut", "layer:espresso")):
            assert_sound(draw_served(cutaway, offered=EVERY_WORD, chosen=chosen, key="k"))


def test_what_stands_in_the_database_is_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    cutaway = Cutaway(hostile, f"milk 50, {hostile} 10, espresso 50", garnish=hostile)
    for drawn in (
        draw(cutaway, key=hostile),
        draw_served(cutaway, offered=(hostile, "garnish:mint"), chosen=(hostile,), key=hostile),
    ):
        assert_sound(drawn)
        assert "alert" not in drawn.replace("alert-1-", "")


def test_the_same_item_is_drawn_alike_every_time() -> None:
    drawn = []
    for _time in range(2):
        draw.cache_clear()
        draw_served.cache_clear()
        drawn.append((draw(LATTE, key="k"), draw_served(LATTE, offered=EVERY_WORD, chosen=("milk:oat",), key="k")))
    assert drawn[0] == drawn[1]
