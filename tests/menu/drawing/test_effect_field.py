"""The form field of an option's effect on the drawing; the effects of the sample menu."""

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
from menu.models import Item, MenuVersion, Option, OptionGroup, Picture
from menu.versioning.querysets import menu_change
from tests.harness.factories import latte, option
from tests.menu.drawing.markup import EVERY_WORD, assert_sound, shown

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


@pytest.fixture
def sample() -> Menu:
    call_command("load_sample_menu", verbosity=0)
    return current.current_menu()


# The snapshot and the sample


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
