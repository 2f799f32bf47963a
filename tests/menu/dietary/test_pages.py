"""Stated allergens and diets on the menu's pages, and their fields in the admin."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client

from menu.catalogue import current
from menu.dietary.allergens import ALLERGENS, DIETS, NEVER_IN, WISHES, DietaryInfo, contradictions
from menu.dietary.filters import dietary_filters
from menu.models import Item, Option
from tests.harness.factories import croissant, item, latte
from tests.menu.dietary.stated import NOTHING, latte_of

pytestmark = pytest.mark.django_db


CSS = Path(__file__).resolve().parents[3] / "static" / "css" / "shop" / "dietary-filters.css"


def text_of(page: HttpResponse, within: str = "main") -> str:
    """Return the visible text of this element."""
    found = re.search(rf"<{within}.*?</{within.split()[0]}>", page.content.decode(), re.DOTALL)
    assert found, within
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]*>", " ", found[0], flags=re.DOTALL)).strip()


def card(slug: str = "latte", language: str = "en") -> str:
    return text_of(Client().get(f"/{language}/"), f'article class="item-card[^>]*id="{slug}"')


# Its pages


@pytest.mark.parametrize(
    ("own", "words", "on_card"),
    [
        ({}, "Contains not stated, please ask", "Allergens not stated"),
        (
            {"allergens": "milk"},
            "Contains milk ; more is not stated, please ask",
            "Contains milk; more is not stated",
        ),
        ({"allergens_are_stated": True}, "Contains none of the 14 allergens that the law names", "None of the 14"),
        ({"allergens": "eggs milk", "allergens_are_stated": True}, "Contains egg, milk", "Contains egg, milk"),
    ],
)
def test_unknown_is_told_apart_from_none(own: dict[str, Any], words: str, on_card: str) -> None:
    croissant(**own)
    item("water", **NOTHING)
    assert words in text_of(Client().get("/en/item/croissant/"), 'details class="contents')
    assert on_card in card("croissant")


def test_a_diet_is_said_in_words() -> None:
    croissant(diets="vegetarian caffeine_free", **{"allergens_are_stated": True})
    assert "Suits vegetarian, caffeine-free" in text_of(Client().get("/en/item/croissant/"))
    assert "vegetarian caffeine-free" in card("croissant")
    assert "蛋奶素 不含咖啡因" in card("croissant", "zh-hans")


def test_the_item_page_says_what_each_option_brings() -> None:
    latte_of()
    page = text_of(Client().get("/en/item/latte/"))
    assert "As it comes, before you choose: Contains milk Suits vegetarian By choice without milk, vegan Each" in page
    assert "Oat drink +¥5 contains gluten" in page
    assert "Small contains" not in page
    Option.objects.filter(name_en="Oat drink").update(allergens_are_stated=False, allergens="")
    assert "Oat drink +¥5 allergens not stated" in text_of(Client().get("/en/item/latte/"))


def test_a_menu_that_states_nothing_has_no_filter_and_no_lines_about_it() -> None:
    latte()
    croissant()
    page = Client().get("/en/").content.decode()
    assert "data-wishes " not in page
    assert "Allergens" not in page
    assert not dietary_filters(current.current_menu())


def test_the_filter_offers_what_is_on_the_menu() -> None:
    latte_of()
    wishes = dietary_filters(current.current_menu())
    assert [key for key, _name in wishes.without] == ["gluten", "milk"]
    assert [key for key, _name in wishes.only] == ["vegan", "vegetarian", "caffeine_free"]
    page = Client().get("/zh-hans/").content.decode()
    assert re.findall(r'id="wish-(\w+)"', page) == ["gluten", "milk", "vegan", "vegetarian", "caffeine_free"]
    assert "奶类" in page


def test_the_stylesheet_has_the_rules_of_every_wish() -> None:
    rules = CSS.read_text("utf-8")
    for wish in WISHES:
        hides = f'body:has(#wish-{wish}:checked) .item-card:not([data-suits~="{wish}"], [data-can-suit~="{wish}"])'
        assert hides in rules
        for what in ("by-choice", "form"):
            assert f'body:has(#wish-{wish}:checked) [data-can-suit~="{wish}"] .item-card__{what}' in rules


def test_programs_are_told_and_cannot_take_unknown_for_none() -> None:
    drink = latte_of()
    croissant()
    categories = Client().get("/api/menu").json()["categories"]
    [told], [roll] = (list(category["items"]) for category in categories)
    assert told["contents"] == {"allergens": ["milk"], "is_complete": True, "diets": ["vegetarian"]}
    assert told["own_contents"] == {"allergens": [], "is_complete": True, "diets": ["vegan", "vegetarian"]}
    milk = told["option_groups"][1]
    assert (milk["name_en"], milk["adds_ingredients"]) == ("Milk", True)
    assert milk["options"][1]["contents"]["allergens"] == ["gluten"]
    assert roll["contents"] == {"allergens": [], "is_complete": False, "diets": []}
    assert drink.pk


# Stated in the admin


@pytest.mark.parametrize("keys", ["lava", "milk lava", "milk gluten", "milk milk", " milk", "milk,eggs"])
def test_what_is_no_list_of_keys_is_refused(keys: str) -> None:
    drink = croissant()
    drink.allergens = keys
    with pytest.raises(ValidationError) as refused:
        drink.full_clean()
    assert set(refused.value.message_dict) == {"allergens"}


@pytest.mark.parametrize(
    ("diet", "allergen"), [(diet, one) for diet, never in NEVER_IN.items() for one in sorted(never)]
)
def test_a_diet_that_cannot_be_is_refused(diet: str, allergen: str) -> None:
    assert len(contradictions(allergen, diet)) == 1
    assert contradictions(allergen, "caffeine_free") == []
    drink = croissant()
    drink.allergens, drink.diets = allergen, diet
    with pytest.raises(ValidationError) as refused:
        drink.full_clean()
    assert set(refused.value.message_dict) == {"diets"}


def form_of(manager_client: Client, address: str) -> dict[str, Any]:
    """Return the fields of an item's or a group's admin form, with its hidden initial values."""
    from tests.harness.html_forms import fields_of

    page = manager_client.get(address).content.decode()
    return fields_of(page, "optiongroup_form" if "optiongroup" in address else "item_form")


def test_a_manager_ticks_boxes(manager_client: Client) -> None:
    address = f"/admin/menu/item/{croissant().pk}/change/"
    form = form_of(manager_client, address)
    ticked = {"allergens": ["milk", "gluten"], "allergens_are_stated": "on", "diets": ["vegetarian"]}
    assert manager_client.post(address, form | ticked).status_code == 302
    assert Item.objects.get().contents == DietaryInfo("gluten milk", True, "vegetarian")
    cleared = {name: values for name, values in form_of(manager_client, address).items() if name not in ticked}
    assert manager_client.post(address, cleared).status_code == 302
    assert Item.objects.get().contents == DietaryInfo()


def test_a_manager_ticks_what_an_option_brings(manager_client: Client) -> None:
    latte()
    cream = Option.objects.get(name_en="Cream")
    address = f"/admin/menu/optiongroup/{cream.group_id}/change/"
    form = form_of(manager_client, address)
    [row] = [name.removesuffix("id") for name, values in form.items() if values == [str(cream.pk)] and "-id" in name]
    ticked = {f"{row}allergens": ["milk"], f"{row}allergens_are_stated": "on", f"{row}diets": ["vegetarian"]}
    assert manager_client.post(address, form | ticked).status_code == 302
    cream.refresh_from_db()
    assert cream.contents == DietaryInfo("milk", True, "vegetarian")
    assert Option.objects.exclude(pk=cream.pk).filter(allergens="", allergens_are_stated=False).count() == 4


def test_a_vegan_croissant_with_butter_is_refused_with_a_word(manager_client: Client) -> None:
    address = f"/admin/menu/item/{croissant().pk}/change/"
    page = manager_client.post(
        address, form_of(manager_client, address) | {"allergens": ["milk"], "diets": ["vegan"]}
    )
    assert page.status_code == 200
    assert "What contains milk is not vegan." in page.content.decode()
    assert Item.objects.get().contents == DietaryInfo()


def test_what_two_managers_tick_is_merged(manager_client: Client) -> None:
    address = f"/admin/menu/item/{croissant(allergens='soya').pk}/change/"
    one, other = form_of(manager_client, address), form_of(manager_client, address)
    assert manager_client.post(address, one | {"allergens": ["soya", "milk"]}).status_code == 302
    assert manager_client.post(address, other | {"allergens": ["eggs"]}).status_code == 302
    assert Item.objects.get().allergens == "eggs milk"


def test_every_word_is_in_both_languages() -> None:
    from django.utils.translation import override

    for name in (*ALLERGENS.values(), *DIETS.values()):
        with override("zh-hans"):
            assert re.search(r"[\u4e00-\u9fff]", str(name))
        with override("en"):
            assert str(name).isascii()
