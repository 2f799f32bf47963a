"""`GET /api/menu` matches the API contract exactly."""

import pytest
from django.test import Client

from menu.models import Item, Option
from orders.services import set_stock
from tests.harness.factories import americano, croissant, item, latte, option

pytestmark = pytest.mark.django_db

UNSTATED = {"allergens": [], "is_complete": False, "diets": []}


def items(client: Client) -> dict[str, dict]:
    categories = client.get("/api/menu").json()["categories"]
    return {one["slug"]: one for category in categories for one in category["items"]}


def test_the_whole_answer(client: Client) -> None:
    drink = latte(max_per_order=12)
    croissant(stock=0)
    small, large = option(drink, "Small"), option(drink, "Large")
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    response = client.get("/api/menu")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=1, stale-if-error=86400"
    assert "Vary" not in response
    shown = response.json()
    extras = shown["categories"][0]["items"][0]["option_groups"].pop()
    assert shown == {
        "categories": [
            {
                "slug": "coffee",
                "name": "咖啡",
                "name_en": "Coffee",
                "name_zh_hans": "咖啡",
                "items": [
                    {
                        "slug": "latte",
                        "name": "拿铁",
                        "name_en": "Latte",
                        "name_zh_hans": "拿铁",
                        "price": 25.0,
                        "sold_out": False,
                        "max_per_order": 12,
                        "contents": UNSTATED,
                        "own_contents": UNSTATED,
                        "option_groups": [
                            {
                                "name": "杯型",
                                "name_en": "Size",
                                "name_zh_hans": "杯型",
                                "min_choices": 1,
                                "max_choices": 1,
                                "adds_ingredients": True,
                                "options": [
                                    {
                                        "id": small.pk,
                                        "name": "小杯",
                                        "name_en": "Small",
                                        "name_zh_hans": "小杯",
                                        "price_delta": 0.0,
                                        "is_available": True,
                                        "is_default": True,
                                        "contents": UNSTATED,
                                    },
                                    {
                                        "id": large.pk,
                                        "name": "大杯",
                                        "name_en": "Large",
                                        "name_zh_hans": "大杯",
                                        "price_delta": 6.0,
                                        "is_available": True,
                                        "is_default": False,
                                        "contents": UNSTATED,
                                    },
                                ],
                            }
                        ],
                    }
                ],
            },
            {
                "slug": "bakery",
                "name": "烘焙",
                "name_en": "Bakery",
                "name_zh_hans": "烘焙",
                "items": [
                    {
                        "slug": "croissant",
                        "name": "黄油可颂",
                        "name_en": "Butter Croissant",
                        "name_zh_hans": "黄油可颂",
                        "price": 16.0,
                        "sold_out": True,
                        "max_per_order": 20,
                        "contents": UNSTATED,
                        "own_contents": UNSTATED,
                        "option_groups": [],
                    }
                ],
            },
        ]
    }
    assert (extras["min_choices"], extras["max_choices"]) == (0, 2)
    assert [one["is_available"] for one in extras["options"]] == [True, False, True]


def test_an_empty_menu_is_an_empty_list(client: Client) -> None:
    assert client.get("/api/menu").json() == {"categories": []}


def test_a_price_is_a_number_with_two_decimals_at_most(client: Client) -> None:
    item("cake", price="18.35")
    assert '"price": 18.35' in client.get("/api/menu").content.decode()


def test_every_reason_to_be_sold_out_is_told_at_once(client: Client) -> None:
    counted, off, choosy = croissant(stock=1), americano(), latte()
    assert {one["sold_out"] for one in items(client).values()} == {False}
    set_stock(item=counted, available=0, reason="sold")
    Item.objects.filter(pk=off.pk).update(is_available=False)
    choosy.option_groups.get(name_en="Size").options.update(is_available=False)
    assert {one["sold_out"] for one in items(client).values()} == {True}
    set_stock(item=counted, available=None, reason="enough")
    assert items(client)["croissant"]["sold_out"] is False


def test_items_come_in_the_menus_order(client: Client) -> None:
    for slug, position in (("c", 3), ("a", 1), ("b", 2)):
        item(slug, position=position)
    assert list(items(client)) == ["a", "b", "c"]


def test_a_name_in_one_language_stands_for_both(client: Client) -> None:
    item("cake", name_en="Cake", name_zh_hans="")
    assert items(client)["cake"]["name"] == "Cake"
