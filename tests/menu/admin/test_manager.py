"""The menu's admin: a manager can open and save every page."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from menu.models import Category, Item
from tests.harness.factories import croissant
from tests.menu.admin.pages import MODELS, every_row, inputs

pytestmark = pytest.mark.django_db


@pytest.mark.few_cases(4)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_for_a_manager(
    manager_client: Client, rows: dict[str, int], model: str, language: str
) -> None:
    for page in ("", "add/", f"{rows[model]}/change/", f"{rows[model]}/history/", f"{rows[model]}/delete/"):
        response = manager_client.get(f"/admin/menu/{model}/{page}", headers={"accept-language": language})
        assert response.status_code == 200, page
        assert "style=" not in response.content.decode().partition("<main")[2], page


@pytest.mark.few_cases(7)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("query", ["latte", "拿铁", "🐼", "é", "%", "' OR 1=1", "x" * 300])
def test_every_list_can_be_searched_for_anything(manager_client: Client, model: str, query: str) -> None:
    assert manager_client.get(f"/admin/menu/{model}/", {"q": query}).status_code in (200, 302)


@pytest.mark.parametrize("query", ["Latte", "拿铁", "latte"])
def test_an_item_is_found_in_both_languages(manager_client: Client, rows: dict[str, int], query: str) -> None:
    croissant()
    page = manager_client.get("/admin/menu/item/", {"q": query}).content.decode()
    assert f"/admin/menu/item/{rows['item']}/change/" in page
    assert "Butter Croissant" not in page


def test_the_first_page_opens_for_manager_and_barista(manager_client: Client, barista_client: Client) -> None:
    for client in (manager_client, barista_client):
        page = client.get("/admin/")
        assert page.status_code == 200
        assert "/admin/bar/" in page.content.decode()


def test_a_list_takes_as_many_queries_for_40_items_as_for_2(manager_client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for count in (1, 39):
        made = Item.objects.count()
        for number in range(made, made + count):
            Item.objects.create(slug=f"i-{number}", name="i", price=1, category=Category.objects.get())
        with CaptureQueriesContext(connection) as captured:
            assert manager_client.get("/admin/menu/item/").status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_a_manager_changes_a_price_in_the_list(manager_client: Client) -> None:
    page = manager_client.get("/admin/menu/item/")
    form = inputs(page, "changelist-form") | {"form-0-price": "26.50", "_save": "Save"}
    assert manager_client.post("/admin/menu/item/", form).status_code == 302
    assert Item.objects.get().price == Decimal("26.50")
    assert Client().get("/api/menu").json()["categories"][0]["items"][0]["price"] == 26.5


@pytest.mark.few_cases(3)
@pytest.mark.parametrize("price", ["-1", "abc", "", "NaN", "1e400", "1.999", "9999999"])
def test_a_wrong_price_is_refused(manager_client: Client, rows: dict[str, int], price: str) -> None:
    before = every_row()
    form = inputs(manager_client.get("/admin/menu/item/"), "changelist-form")
    assert (
        manager_client.post("/admin/menu/item/", form | {"form-0-price": price, "_save": "Save"}).status_code == 200
    )
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert (
        manager_client.post(address, inputs(manager_client.get(address), "form") | {"price": price}).status_code
        == 200
    )
    assert every_row() == before


def test_a_manager_adds_an_item_with_options(manager_client: Client, rows: dict[str, int]) -> None:
    form = {
        "category": rows["category"],
        "name_en": "Flat White",
        "name_zh_hans": "澳白",
        "slug": "flat-white",
        "price": "28",
        "is_available": "on",
        "is_listed": "on",
        "max_per_order": "20",
        "prep_seconds": "90",
        "option_groups": [rows["optiongroup"]],
        "glass": "cup",
        "layers": "espresso 30, milk 60，foam 10",
        "garnish": "",
        "position": "3",
    }
    response = manager_client.post("/admin/menu/item/add/", form)
    assert (response.status_code, response["Location"]) == (302, "/admin/menu/item/")
    added = Item.objects.get(slug="flat-white")
    assert list(added.option_groups.values_list("pk", flat=True)) == [rows["optiongroup"]]
    assert "澳白" in Client().get("/zh-hans/").content.decode()


@pytest.mark.few_cases(5)
@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": "lava 50"},
        {"layers": "milk"},
        {"layers": "milk 101"},
        {"layers": "milk 1," * 7},
        {"slug": "拿铁"},
        {"slug": ""},
        {"glass": "bucket"},
        {"garnish": "gold"},
        {"max_per_order": "0"},
        {"max_per_order": "100"},
        {"prep_seconds": "7201"},
        {"category": "999999"},
        {"name_en": ""},
        {"name_en": "x" * 61},
        {"position": "-1"},
        {"option_groups": ["999999"]},
    ],
    ids=repr,
)
def test_a_wrong_item_is_refused_with_a_word(
    manager_client: Client, rows: dict[str, int], wrong: dict[str, Any]
) -> None:
    before = every_row()
    address = f"/admin/menu/item/{rows['item']}/change/"
    response = manager_client.post(address, inputs(manager_client.get(address), "form") | wrong)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert every_row() == before


@pytest.mark.parametrize("model", MODELS)
def test_a_page_saved_unchanged_changes_nothing(manager_client: Client, rows: dict[str, int], model: str) -> None:
    before = every_row()
    address = f"/admin/menu/{model}/{rows[model]}/change/"
    response = manager_client.post(address, inputs(manager_client.get(address), "form"))
    assert response.status_code == 302
    assert every_row() == before


def test_a_slug_that_is_taken_is_refused(manager_client: Client, rows: dict[str, int]) -> None:
    croissant()
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert (
        manager_client.post(address, inputs(manager_client.get(address), "form") | {"slug": "croissant"}).status_code
        == 200
    )
    assert Item.objects.get(pk=rows["item"]).slug == "latte"


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_choices": "2", "max_choices": "1"},
        {"max_choices": "0"},
        {"options-1-is_default": "on"},  # Large costs 6 more
    ],
    ids=repr,
)
def test_a_wrong_group_is_refused_with_a_word(
    manager_client: Client, rows: dict[str, int], wrong: dict[str, str]
) -> None:
    before = every_row()
    address = f"/admin/menu/optiongroup/{rows['optiongroup']}/change/"
    response = manager_client.post(address, inputs(manager_client.get(address), "form") | wrong)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert every_row() == before


def test_a_category_with_items_is_not_deleted(manager_client: Client, rows: dict[str, int]) -> None:
    manager_client.post(f"/admin/menu/category/{rows['category']}/delete/", {"post": "yes"})
    assert Category.objects.filter(pk=rows["category"]).exists()


def test_the_page_before_a_deletion_names_what_goes_and_no_row_without_a_name(
    manager_client: Client, rows: dict[str, int]
) -> None:
    for model, told in (("item", "拿铁"), ("optiongroup", "小杯")):
        address = f"/admin/menu/{model}/{rows[model]}/delete/"
        page = manager_client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        assert told in page
        assert "Item_option_groups" not in page
        assert "关系" not in page
        assert "<ul></ul>" not in re.sub(r"\s", "", page)
        assert manager_client.post(address, {"post": "yes", "reason": "season is over"}).status_code == 302
    assert not Item.objects.exists()


def test_the_two_lists_of_option_groups_speak_chinese(manager_client: Client) -> None:
    said = manager_client.get("/admin/jsi18n/", headers={"accept-language": "zh-hans"}).content.decode()
    assert f'"Choose all %s": {json.dumps("选用全部%s")}' in said
