from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from cafe.web import json_api
from menu.catalogue.current import Shown
from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import MenuCategory, MenuItem
from menu.dietary.allergens import DietaryInfo
from menu.fields import in_language
from menu.http_caching import public_page


@json_api.endpoint("GET")
@public_page
def menu(request: HttpRequest, shown: Shown) -> JsonResponse:
    categories = [_category(category) for category in shown.menu.categories]
    return JsonResponse({"categories": categories}, json_dumps_params={"ensure_ascii": False})


def number(amount: Decimal) -> float:
    """Return an amount of money as a JSON number with two decimals at most."""
    return float(round(amount, 2))


def names(record: Any) -> dict[str, str]:
    """Return a record's names; `name` is in the café's own language, not in the API client's."""
    own = in_language(record, "name", settings.LANGUAGE_CODE)
    return {"name": own, "name_en": record.name_en, "name_zh_hans": record.name_zh_hans}


def _category(category: MenuCategory) -> dict[str, Any]:
    return {"slug": category.slug, **names(category), "items": [_item(item) for item in category.items]}


def _item(item: MenuItem) -> dict[str, Any]:
    return {
        "slug": item.slug,
        **names(item),
        "price": number(item.price),
        "sold_out": item.sold_out,
        "max_per_order": item.max_per_order,
        "contents": _contents(item.contents),
        "own_contents": _contents(item.own_contents),
        "option_groups": [_group(group) for group in item.groups],
    }


def _group(group: MenuGroup) -> dict[str, Any]:
    return {
        **names(group),
        "min_choices": group.min_choices,
        "max_choices": group.max_choices,
        "adds_ingredients": group.adds_ingredients,
        "options": [_option(option) for option in group.options],
    }


def _contents(contents: DietaryInfo) -> dict[str, Any]:
    """Return allergens and diets as lists of keys. While `is_complete` is false, an allergen that is not listed may
    still be in it. An item has `contents` with its default options, and `own_contents` without options."""
    return {"allergens": contents.allergen_keys, "is_complete": contents.is_stated, "diets": contents.diet_keys}


def _option(option: MenuOption) -> dict[str, Any]:
    return {
        "id": option.id,
        **names(option),
        "price_delta": number(option.price_delta),
        "is_available": option.is_available,
        "is_default": option.is_default,
        "contents": _contents(option.contents),
    }
