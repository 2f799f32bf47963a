from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from cafe import json_api
from menu import selectors
from menu.fields import in_language
from menu.snapshot import MenuCategory, MenuGroup, MenuItem, MenuOption

PUBLIC_FOR_A_SECOND = "public, max-age=0, s-maxage=1, stale-if-error=86400"


@json_api.endpoint("GET")
def menu(request: HttpRequest) -> JsonResponse:
    categories = [_category(category) for category in selectors.current_menu().categories]
    response = JsonResponse({"categories": categories}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = PUBLIC_FOR_A_SECOND
    return response


def number(amount: Decimal) -> float:
    """Return an amount of money as a JSON number with two decimals at most."""
    return float(round(amount, 2))


def names(record: Any) -> dict[str, str]:
    """Return a record's names: `name` is in the café's own language, whoever asks."""
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
        "option_groups": [_group(group) for group in item.groups],
    }


def _group(group: MenuGroup) -> dict[str, Any]:
    return {
        **names(group),
        "min_choices": group.min_choices,
        "max_choices": group.max_choices,
        "options": [_option(option) for option in group.options],
    }


def _option(option: MenuOption) -> dict[str, Any]:
    return {
        "id": option.id,
        **names(option),
        "price_delta": number(option.price_delta),
        "is_available": option.is_available,
        "is_default": option.is_default,
    }
