"""Allergens and diets of an item with its options: never called free of anything unstated."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from menu.catalogue import current
from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import MenuItem
from menu.catalogue.serialization import dump, load
from menu.dietary.allergens import WISHES, DietaryInfo
from menu.models import Item, Option, OptionGroup
from tests.harness.factories import croissant
from tests.menu.dietary.stated import MILK, NOTHING, OAT, latte_of

pytestmark = pytest.mark.django_db


def shown(slug: str = "latte") -> MenuItem:
    found = current.current_menu().item(slug)
    assert found
    return found


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
