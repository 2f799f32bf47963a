"""The drawing on the item page: the effect of each option, as staff choose it, and the markup of the page."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import brotli
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client

from menu.catalogue import current, queries
from menu.catalogue.records import Menu, MenuItem
from menu.catalogue.serialization import dump, load
from menu.drawing import effects as drawing_effects
from menu.drawing.configurable import OFF, draw_served
from menu.drawing.cutaway import GARNISHES, GLASSES, Cutaway, draw
from menu.drawing.effects import EFFECTS
from menu.models import Item, MenuVersion, Option, OptionGroup, Picture
from menu.versioning.querysets import menu_change
from tests.harness.factories import latte, option

LATTE = Cutaway("cup", "espresso 24, milk 60, foam 16", steam=True)
ICED = Cutaway("tall", "oat 52, espresso 48", ice=True, straw=True)
TOAST = Cutaway("toast", "dough 40, avocado 40, egg 20")
EVERY_WORD = tuple(EFFECTS)


def served(cutaway: Cutaway, *chosen: str, offered: tuple[str, ...] = EVERY_WORD) -> ElementTree.Element:
    return ElementTree.fromstring(draw_served(cutaway, offered=offered, chosen=chosen, key="k"))  # noqa: S314 - ours


def is_off(node: ElementTree.Element) -> bool:
    return OFF in node.get("class", "").split()


def shown(picture: ElementTree.Element) -> dict[str, str]:
    """Return each shown part of a drawing: its number of pieces, or its variant."""
    found = {"size": picture[0].get("class", "").rpartition("--")[2]}

    def look(node: ElementTree.Element) -> None:
        if is_off(node):
            return
        if part := node.get("data-part"):
            if node.get("data-count") is None:
                assert part not in found, f"two of {part} are shown"
                found[part] = node.get("data-is", "?")
            else:
                found[part] = str(sum(not is_off(piece) for piece in node))
        for child in node:
            look(child)

    look(picture)
    return found


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


def assert_sound(drawn: str) -> None:
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    assert root.attrib["aria-hidden"] == "true"
    for word in ("style=", "<style", "<script", "href", "http", "nan", "inf", "None"):
        assert word not in drawn
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    used = set(re.findall(r"url\(#([^)]+)\)", drawn))
    assert used == set(ids), "every gradient is used, and every one that is used is there"


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


# The field


def test_every_word_fits_into_its_column_and_stands_in_the_select_once() -> None:
    words = [word for _kind, choices in drawing_effects.choices() for word, _label in choices]
    assert words == list(EVERY_WORD)
    assert max(map(len, words)) <= Option._meta.get_field("drawing_effect").max_length


@pytest.mark.django_db
def test_an_option_takes_every_word_and_no_other() -> None:
    large = option(latte(), "Large")
    for word in ("", *EVERY_WORD):
        large.drawing_effect = word
        large.full_clean()
    large.drawing_effect = "ice:lava"
    with pytest.raises(ValidationError):
        large.full_clean()


@pytest.mark.django_db
def test_a_program_of_the_release_before_can_still_add_an_option() -> None:
    """During a rolling update, instances of the old release insert rows without the column."""
    group = OptionGroup.objects.create(name_en="Old", name_zh_hans="旧")
    columns = "group_id, name_en, name_zh_hans, price_delta, is_available, is_default, position"
    with menu_change(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO menu_option ({columns}) VALUES (%s, 'Old', '旧', 0, 1, 0, 0)",
            [group.pk],
        )
    assert group.options.get().drawing_effect == ""


@pytest.mark.django_db
def test_changing_it_moves_the_menus_version_and_shows_on_the_page() -> None:
    large = option(latte(), "Large")
    page = Client().get("/en/item/latte/").content.decode()
    assert "data-draws" not in page
    assert "data-served" not in page
    assert "item-drawing" not in page
    before = MenuVersion.objects.get().version
    large.drawing_effect = "size:larger"
    large.save(update_fields=["drawing_effect"])
    assert MenuVersion.objects.get().version == before + 1
    Option.objects.filter(pk=large.pk).update(drawing_effect="size:largest")
    assert MenuVersion.objects.get().version == before + 2
    page = Client().get("/en/item/latte/").content.decode()
    assert re.search(rf'value="{large.pk}"[^>]* data-draws="size=largest"', page)
    assert "data-served" in page
    assert "item-drawing" in page


@pytest.mark.django_db
def test_the_default_options_effects_are_drawn_at_first() -> None:
    small = option(latte(), "Small")
    small.drawing_effect = "sugar:2"
    small.save()
    page = Client().get("/en/item/latte/").content.decode()
    picture = re.search(r"<svg[^>]*data-served.*?</svg>", page, re.DOTALL)
    assert picture
    assert shown(ElementTree.fromstring(picture[0]))["sugar"] == "2"  # noqa: S314 - our own


@pytest.mark.django_db
def test_a_photo_is_not_changed_by_choices_and_says_its_size() -> None:
    photo = Picture.objects.create(content_hash="a" * 64, content=b"x", width=900, height=1200)
    drink = latte(picture=photo)
    Option.objects.filter(group__items=drink).update(drawing_effect="size:larger")
    for path, size in (("/en/", "-small"), ("/en/item/latte/", "")):
        page = Client().get(path).content.decode()
        [attributes] = re.findall(r'<img class="photo" ([^>]*)>', page)
        assert attributes.startswith(f'src="/media/{"a" * 64}{size}.webp"')
        assert 'width="900" height="1200" alt=""' in attributes
        assert "data-served" not in page
        assert "item-drawing" not in page


# The snapshot and the sample


@pytest.fixture
def sample() -> Menu:
    call_command("load_sample_menu", verbosity=0)
    return current.current_menu()


@pytest.mark.django_db
def test_the_snapshot_carries_effects_and_the_sizes_of_photos() -> None:
    photo = Picture.objects.create(content_hash="a" * 64, content=b"x", width=900, height=1200)
    drink = latte(picture=photo)
    Option.objects.filter(group__items=drink, name_en="Large").update(drawing_effect="size:larger")
    menu = queries.read_menu("default")
    carried = load(dump(menu))
    assert carried == menu
    item = carried.item("latte")
    assert item
    assert (item.picture_width, item.picture_height) == (900, 1200)
    effects = {option.name_en: option.drawing_effect for group in item.groups for option in group.options}
    assert effects == {"Small": "", "Large": "size:larger", "Extra shot": "", "Vanilla": "", "Cream": ""}


@pytest.mark.django_db
def test_loading_the_sample_again_sets_its_effects_back(sample: Menu) -> None:
    Option.objects.filter(name_en="Large").update(drawing_effect="ice:more")
    call_command("load_sample_menu", verbosity=0)
    kept = Option.objects.filter(name_en="Large").values_list("drawing_effect", flat=True)
    assert sorted(kept) == ["size:larger", "size:largest"]


def sample_item(menu: Menu, slug: str) -> MenuItem:
    item = menu.item(slug)
    assert item
    return item


@pytest.mark.django_db
def test_the_samples_options_change_its_drawings(sample: Menu) -> None:
    changing = [item.slug for item in sample.items() if item.changes_with_choices]
    assert len(changing) >= 25
    for slug in ("latte", "iced-oat-latte", "phoenix-milk-tea", "butter-croissant"):
        assert sample_item(sample, slug).changes_with_choices, slug
    assert not sample_item(sample, "espresso").changes_with_choices
    for item in sample.items():
        assert_sound(item.served_drawing)
        assert item.price > Decimal(0)


@pytest.mark.django_db
def test_drawings_stay_small(sample: Menu) -> None:
    """In bytes: an item's drawing uncompressed (a page has forty), the configurable one compressed."""
    sizes = [len(item.drawing.encode()) for item in sample.items()]
    assert sum(sizes) / len(sizes) <= 1200
    assert max(sizes) <= 1700
    for item in sample.items():
        assert len(brotli.compress(item.served_drawing.encode(), quality=5)) <= 2000, item.slug


@pytest.mark.django_db
def test_a_cart_line_is_drawn_with_its_options_under_ids_of_its_own(sample: Menu) -> None:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    item = sample_item(sample, "latte")
    ids = {option.name_en: str(option.id) for group in item.groups for option in group.options}
    for temperature in ("Hot", "Iced"):
        names = ("Large", temperature, "Whole milk")
        form = {f"group-{group.id}": [ids[name] for name in names if ids[name] in own]
                for group in item.groups
                for own in [{str(option.id) for option in group.options}]}  # fmt: skip
        assert client.post("/en/cart/add/", {"item": item.id, "chosen": "1", **form}).status_code == 302
    page = client.get("/en/cart/").content.decode()
    pictures = [ElementTree.fromstring(found) for found in re.findall(r"<svg[^>]*data-served.*?</svg>", page)]  # noqa: S314
    assert [shown(picture)["size"] for picture in pictures] == ["largest", "largest"]
    assert [shown(picture).get("picture", "") for picture in pictures] == ["", "iced"]
    used = re.findall(r' id="([^"]+)"', page)
    assert len(set(used)) == len(used)


@pytest.mark.django_db
def test_a_sold_out_item_is_drawn_as_it_is_on_the_menu(sample: Menu) -> None:
    Item.objects.filter(slug="latte").update(is_available=False)
    page = Client().get("/en/item/latte/").content.decode()
    assert "data-served" not in page
    assert page.count('<svg class="cutaway"') == 1
