"""Allergens and diets: stated ones are shown; an item with unstated ones is never called free of anything."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client

from menu.catalogue import current
from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import MenuItem
from menu.catalogue.serialization import dump, load
from menu.dietary.allergens import ALLERGENS, DIETS, NEVER_IN, WISHES, DietaryInfo, contradictions
from menu.dietary.filters import dietary_filters
from menu.models import Item, Option, OptionGroup
from tests.harness.factories import croissant, group, item, latte, manager

pytestmark = pytest.mark.django_db

CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "shop" / "dietary-filters.css"
MILK = {"allergens": "milk", "allergens_are_stated": True, "diets": "vegetarian caffeine_free"}
OAT = {"allergens": "gluten", "allergens_are_stated": True, "diets": "vegan caffeine_free"}
NOTHING = {"allergens": "", "allergens_are_stated": True, "diets": "vegan"}


def latte_of(whole: dict[str, Any] = MILK, oat: dict[str, Any] = OAT, **own: Any) -> Item:
    """A latte whose milk must be chosen (default: whole milk); its size adds no ingredients."""
    drink = item("latte", **{"name_en": "Latte", "name_zh_hans": "拿铁"} | (own or NOTHING))
    size = group("Size", "杯型", 1, 1, ("Small", "小杯", "0"), ("Large", "大杯", "6"))
    OptionGroup.objects.filter(pk=size.pk).update(adds_ingredients=False)
    milk = group("Milk", "奶", 1, 1, ("Whole milk", "全脂牛奶", "0"), ("Oat drink", "燕麦奶", "5"))
    Option.objects.filter(name_en="Whole milk").update(**whole)
    Option.objects.filter(name_en="Oat drink").update(**oat)
    drink.option_groups.set([size, milk])
    return drink


def shown(slug: str = "latte") -> MenuItem:
    found = current.current_menu().item(slug)
    assert found
    return found


def text_of(page: HttpResponse, within: str = "main") -> str:
    """Return the visible text of this element."""
    found = re.search(rf"<{within}.*?</{within.split()[0]}>", page.content.decode(), re.DOTALL)
    assert found, within
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]*>", " ", found[0], flags=re.DOTALL)).strip()


def card(slug: str = "latte", language: str = "en") -> str:
    return text_of(Client().get(f"/{language}/"), f'article class="item-card[^>]*id="{slug}"')


# Combined contents


def test_only_a_complete_list_is_free_of_what_it_does_not_name() -> None:
    assert DietaryInfo("milk", is_stated=True).suits("nuts")
    assert not DietaryInfo("milk", is_stated=True).suits("milk")
    assert not DietaryInfo("milk").suits("nuts")
    assert not DietaryInfo().suits("milk")


def test_a_diet_is_claimed_by_its_tick_alone() -> None:
    assert not DietaryInfo("", is_stated=True).suits("vegan")
    assert DietaryInfo(diets="vegan").suits("vegan")
    assert DietaryInfo(diets="vegan").suits("vegetarian"), "what is vegan is vegetarian"
    assert DietaryInfo(diets="vegan").diet_keys == ["vegan", "vegetarian"]
    assert len(DietaryInfo(diets="vegan").diet_names) == 1, "and need not say so twice"


def test_eaten_together_they_hold_the_allergens_of_both_and_the_diets_that_both_suit() -> None:
    both = DietaryInfo("soya", True, "vegan").combine([DietaryInfo("milk", True, "vegetarian caffeine_free")])
    assert both == DietaryInfo("soya milk", True, "vegetarian")
    assert not both.combine([DietaryInfo("", False, "vegetarian")]).is_stated


def test_an_item_is_what_it_is_as_it_comes() -> None:
    latte_of()
    drink = shown()
    assert drink.contents == DietaryInfo("milk", True, "vegetarian")
    assert "milk" not in drink.suits.split()
    assert {"gluten", "nuts", "vegetarian"} <= set(drink.suits.split())
    assert drink.can_suit == "milk vegan", "with oat drink"
    assert drink.depends_on_choice


def test_a_group_that_adds_nothing_needs_no_statement() -> None:
    latte_of()
    assert shown().contents.is_stated
    OptionGroup.objects.filter(name_en="Size").update(adds_ingredients=True)
    assert not shown().contents.is_stated
    assert shown().suits == ""


def test_an_option_that_states_nothing_takes_the_statement_away() -> None:
    latte_of(oat={})
    assert shown().contents.is_stated, "not by an option that nobody gets unasked"
    assert shown().can_suit == "", "and nothing is promised of it"
    Option.objects.filter(name_en="Whole milk").update(allergens_are_stated=False)
    assert shown().contents == DietaryInfo("milk", False, "vegetarian")


def test_where_the_default_is_gone_any_option_is_reckoned_with() -> None:
    latte_of()
    Option.objects.filter(name_en="Whole milk").update(is_available=False)
    assert shown().contents == DietaryInfo("gluten milk", True, "vegetarian")
    assert "milk" in shown().can_suit.split()


def test_an_option_that_is_sold_out_makes_nothing_possible() -> None:
    latte_of()
    Option.objects.filter(name_en="Oat drink").update(is_available=False)
    assert shown().can_suit == ""


def test_what_no_one_choice_suits_together_is_told() -> None:
    """Whole milk, malted milk and oat drink each contain milk or gluten; only coconut drink is free of both."""
    latte_of()
    milk = OptionGroup.objects.get(name_en="Milk")
    names = {"name_zh_hans": "奶", "group": milk, "price_delta": 5, "position": 2}
    Option.objects.create(name_en="Malted milk", **names, **MILK | {"allergens": "gluten milk"})
    coconut = Option.objects.create(name_en="Coconut drink", **names, **NOTHING, is_available=False)
    drink = shown()
    assert drink.can_suit == "milk vegan"
    assert drink.suits_together == "gluten|milk vegan"
    assert 'data-suits-together="gluten|milk vegan"' in Client().get("/en/").content.decode()
    Option.objects.filter(pk=coconut.pk).update(is_available=True)
    drink = shown()
    assert drink.can_suit == "milk vegan"
    assert drink.suits_together == "", "with coconut drink everything"
    assert "data-suits-together" not in Client().get("/en/").content.decode()


def test_two_of_a_group_have_to_suit_together() -> None:
    milk, oat, nothing = (DietaryInfo(one["allergens"], True, one["diets"]) for one in (MILK, OAT, NOTHING))
    options = [MenuOption(1, "", "", Decimal(0), True, False, "", one) for one in (milk, oat, nothing)]
    of_two = MenuGroup(1, "", "", 2, 2, tuple(options))
    unsuited = ({"gluten", "milk", "vegan"}, {"milk", "vegan", "caffeine_free"}, {"gluten", "caffeine_free"})
    assert set(of_two.suited_by_choice) == {frozenset(WISHES) - wishes for wishes in unsuited}
    assert replace(of_two, min_choices=0).suited_by_choice == [frozenset(WISHES)]
    assert replace(of_two, min_choices=4).suited_by_choice == [], "there are not as many"


def test_it_outlives_the_way_through_redis() -> None:
    latte_of()
    menu = current.current_menu()
    assert load(dump(menu)) == menu


def test_a_row_of_an_older_program_states_nothing() -> None:
    """During a rolling update, instances of the old release insert rows without these columns."""
    from django.db import connection

    croissant()
    columns = [
        field.column
        for field in Item._meta.concrete_fields
        if field.column not in ("id", "slug", "allergens", "allergens_are_stated", "diets")
    ]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO menu_item (slug, {names}) SELECT 'old', {names} FROM menu_item")
    assert Item.objects.get(slug="old").contents == DietaryInfo()


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


@pytest.fixture
def boss() -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    client.force_login(manager())
    return client


def form_of(boss: Client, address: str) -> dict[str, Any]:
    """Return the fields of an item's or a group's admin form, with its hidden initial values."""
    from tests.harness.html_forms import fields_of

    page = boss.get(address).content.decode()
    return fields_of(page, "optiongroup_form" if "optiongroup" in address else "item_form")


def test_a_manager_ticks_boxes(boss: Client) -> None:
    address = f"/admin/menu/item/{croissant().pk}/change/"
    form = form_of(boss, address)
    ticked = {"allergens": ["milk", "gluten"], "allergens_are_stated": "on", "diets": ["vegetarian"]}
    assert boss.post(address, form | ticked).status_code == 302
    assert Item.objects.get().contents == DietaryInfo("gluten milk", True, "vegetarian")
    cleared = {name: values for name, values in form_of(boss, address).items() if name not in ticked}
    assert boss.post(address, cleared).status_code == 302
    assert Item.objects.get().contents == DietaryInfo()


def test_a_manager_ticks_what_an_option_brings(boss: Client) -> None:
    latte()
    cream = Option.objects.get(name_en="Cream")
    address = f"/admin/menu/optiongroup/{cream.group_id}/change/"
    form = form_of(boss, address)
    [row] = [name.removesuffix("id") for name, values in form.items() if values == [str(cream.pk)] and "-id" in name]
    ticked = {f"{row}allergens": ["milk"], f"{row}allergens_are_stated": "on", f"{row}diets": ["vegetarian"]}
    assert boss.post(address, form | ticked).status_code == 302
    cream.refresh_from_db()
    assert cream.contents == DietaryInfo("milk", True, "vegetarian")
    assert Option.objects.exclude(pk=cream.pk).filter(allergens="", allergens_are_stated=False).count() == 4


def test_a_vegan_croissant_with_butter_is_refused_with_a_word(boss: Client) -> None:
    address = f"/admin/menu/item/{croissant().pk}/change/"
    page = boss.post(address, form_of(boss, address) | {"allergens": ["milk"], "diets": ["vegan"]})
    assert page.status_code == 200
    assert "What contains milk is not vegan." in page.content.decode()
    assert Item.objects.get().contents == DietaryInfo()


def test_what_two_managers_tick_is_merged(boss: Client) -> None:
    address = f"/admin/menu/item/{croissant(allergens='soya').pk}/change/"
    one, other = form_of(boss, address), form_of(boss, address)
    assert boss.post(address, one | {"allergens": ["soya", "milk"]}).status_code == 302
    assert boss.post(address, other | {"allergens": ["eggs"]}).status_code == 302
    assert Item.objects.get().allergens == "eggs milk"


def test_every_word_is_in_both_languages() -> None:
    from django.utils.translation import override

    for name in (*ALLERGENS.values(), *DIETS.values()):
        with override("zh-hans"):
            assert re.search(r"[\u4e00-\u9fff]", str(name))
        with override("en"):
            assert str(name).isascii()
