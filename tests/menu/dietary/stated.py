"""Items and options with stated and unstated allergens and diets."""

from typing import Any

from menu.models import Item, Option, OptionGroup
from tests.harness.factories import group, item

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
