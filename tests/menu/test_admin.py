"""The menu's admin: a manager can open and save every page; a barista can only read."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from menu.admin.categories import RESERVED_IDS, heading_id
from menu.models import Category, Item, Option, OptionGroup, Picture
from tests.harness.factories import barista, croissant, latte, manager

pytestmark = pytest.mark.django_db

MODELS = ["category", "item", "optiongroup", "picture"]


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


@pytest.fixture
def bar() -> Client:
    return client_of(barista())


def client_of(user: User) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def rows() -> dict[str, int]:
    """A row of each model, by the model's name."""
    drink = latte()
    picture = Picture.objects.create(content_hash="a" * 64, content=b"x", width=1, height=1, title="photo")
    return {
        "category": drink.category_id,
        "item": drink.pk,
        "optiongroup": OptionGroup.objects.get(name_en="Size").pk,
        "picture": picture.pk,
    }


def every_row() -> dict[str, Any]:
    models = (Category, Item, OptionGroup, Option, Picture)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def inputs(page: HttpResponse, form_id: str) -> dict[str, Any]:
    """Return what the admin form of a page sends when nothing was changed."""
    sent: dict[str, Any] = {}
    context = page.context["cl"].formset if form_id == "changelist-form" else None
    forms = [*context.forms, context.management_form] if context else []
    if not context:
        forms = [page.context["adminform"].form]
        for inline in page.context["inline_admin_formsets"]:
            forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            sent[bound.html_name] = [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
    return sent


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_for_a_manager(boss: Client, rows: dict[str, int], model: str, language: str) -> None:
    for page in ("", "add/", f"{rows[model]}/change/", f"{rows[model]}/history/", f"{rows[model]}/delete/"):
        response = boss.get(f"/admin/menu/{model}/{page}", headers={"accept-language": language})
        assert response.status_code == 200, page
        assert "style=" not in response.content.decode().partition("<main")[2], page


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("query", ["latte", "拿铁", "🐼", "é", "%", "' OR 1=1", "x" * 300])
def test_every_list_can_be_searched_for_anything(boss: Client, model: str, query: str) -> None:
    assert boss.get(f"/admin/menu/{model}/", {"q": query}).status_code in (200, 302)


@pytest.mark.parametrize("query", ["Latte", "拿铁", "latte"])
def test_an_item_is_found_in_both_languages(boss: Client, rows: dict[str, int], query: str) -> None:
    croissant()
    page = boss.get("/admin/menu/item/", {"q": query}).content.decode()
    assert f"/admin/menu/item/{rows['item']}/change/" in page
    assert "Butter Croissant" not in page


def test_the_first_page_opens_for_manager_and_barista(boss: Client, bar: Client) -> None:
    for client in (boss, bar):
        page = client.get("/admin/")
        assert page.status_code == 200
        assert "/admin/bar/" in page.content.decode()


def test_a_list_takes_as_many_queries_for_40_items_as_for_2(boss: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for count in (1, 39):
        made = Item.objects.count()
        for number in range(made, made + count):
            Item.objects.create(slug=f"i-{number}", name="i", price=1, category=Category.objects.get())
        with CaptureQueriesContext(connection) as captured:
            assert boss.get("/admin/menu/item/").status_code == 200
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_a_manager_changes_a_price_in_the_list(boss: Client) -> None:
    page = boss.get("/admin/menu/item/")
    form = inputs(page, "changelist-form") | {"form-0-price": "26.50", "_save": "Save"}
    assert boss.post("/admin/menu/item/", form).status_code == 302
    assert Item.objects.get().price == Decimal("26.50")
    assert Client().get("/api/menu").json()["categories"][0]["items"][0]["price"] == 26.5


@pytest.mark.parametrize("price", ["-1", "abc", "", "NaN", "1e400", "1.999", "9999999"])
def test_a_wrong_price_is_refused(boss: Client, rows: dict[str, int], price: str) -> None:
    before = every_row()
    form = inputs(boss.get("/admin/menu/item/"), "changelist-form")
    assert boss.post("/admin/menu/item/", form | {"form-0-price": price, "_save": "Save"}).status_code == 200
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert boss.post(address, inputs(boss.get(address), "form") | {"price": price}).status_code == 200
    assert every_row() == before


def test_a_manager_adds_an_item_with_options(boss: Client, rows: dict[str, int]) -> None:
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
    response = boss.post("/admin/menu/item/add/", form)
    assert (response.status_code, response["Location"]) == (302, "/admin/menu/item/")
    added = Item.objects.get(slug="flat-white")
    assert list(added.option_groups.values_list("pk", flat=True)) == [rows["optiongroup"]]
    assert "澳白" in Client().get("/zh-hans/").content.decode()


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
def test_a_wrong_item_is_refused_with_a_word(boss: Client, rows: dict[str, int], wrong: dict[str, Any]) -> None:
    before = every_row()
    address = f"/admin/menu/item/{rows['item']}/change/"
    response = boss.post(address, inputs(boss.get(address), "form") | wrong)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert every_row() == before


@pytest.mark.parametrize("model", MODELS)
def test_a_page_saved_unchanged_changes_nothing(boss: Client, rows: dict[str, int], model: str) -> None:
    before = every_row()
    address = f"/admin/menu/{model}/{rows[model]}/change/"
    response = boss.post(address, inputs(boss.get(address), "form"))
    assert response.status_code == 302
    assert every_row() == before


def test_a_slug_that_is_taken_is_refused(boss: Client, rows: dict[str, int]) -> None:
    croissant()
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert boss.post(address, inputs(boss.get(address), "form") | {"slug": "croissant"}).status_code == 200
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
def test_a_wrong_group_is_refused_with_a_word(boss: Client, rows: dict[str, int], wrong: dict[str, str]) -> None:
    before = every_row()
    address = f"/admin/menu/optiongroup/{rows['optiongroup']}/change/"
    response = boss.post(address, inputs(boss.get(address), "form") | wrong)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert every_row() == before


def test_a_category_with_items_is_not_deleted(boss: Client, rows: dict[str, int]) -> None:
    boss.post(f"/admin/menu/category/{rows['category']}/delete/", {"post": "yes"})
    assert Category.objects.filter(pk=rows["category"]).exists()


def test_the_page_before_a_deletion_names_what_goes_and_no_row_without_a_name(
    boss: Client, rows: dict[str, int]
) -> None:
    for model, told in (("item", "拿铁"), ("optiongroup", "小杯")):
        address = f"/admin/menu/{model}/{rows[model]}/delete/"
        page = boss.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        assert told in page
        assert "Item_option_groups" not in page
        assert "关系" not in page
        assert "<ul></ul>" not in re.sub(r"\s", "", page)
        assert boss.post(address, {"post": "yes", "reason": "season is over"}).status_code == 302
    assert not Item.objects.exists()


def test_the_two_lists_of_option_groups_speak_chinese(boss: Client) -> None:
    said = boss.get("/admin/jsi18n/", headers={"accept-language": "zh-hans"}).content.decode()
    assert f'"Choose all %s": {json.dumps("选用全部%s")}' in said


# A barista


@pytest.mark.parametrize("model", MODELS)
def test_a_barista_looks_and_changes_nothing(bar: Client, rows: dict[str, int], model: str) -> None:
    before = every_row()
    assert bar.get(f"/admin/menu/{model}/").status_code == 200
    page = bar.get(f"/admin/menu/{model}/{rows[model]}/change/")
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert bar.get(f"/admin/menu/{model}/add/").status_code == 403
    for path in ("add/", f"{rows[model]}/change/", f"{rows[model]}/delete/"):
        form = {"price": "0.01", "name_en": "x", "title": "x", "post": "yes"}
        assert bar.post(f"/admin/menu/{model}/{path}", form).status_code == 403
    assert every_row() == before


def test_a_barista_cannot_change_a_price_in_the_list(bar: Client, boss: Client) -> None:
    form = inputs(boss.get("/admin/menu/item/"), "changelist-form") | {"form-0-price": "0.01", "_save": "Save"}
    assert b'name="form-0-price"' not in bar.get("/admin/menu/item/").content
    response = bar.post("/admin/menu/item/", form)
    assert response.status_code in (200, 302, 403)
    assert Item.objects.get().price == Decimal("25.00")


@pytest.mark.parametrize("model", MODELS)
def test_nobody_gets_in_without_an_account(client: Client, rows: dict[str, int], model: str) -> None:
    for path in ("", "add/", f"{rows[model]}/change/"):
        response = client.get(f"/admin/menu/{model}/{path}")
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


def test_a_manager_cannot_make_accounts(boss: Client) -> None:
    assert boss.get("/admin/auth/user/").status_code in (403, 404)


def test_a_name_that_another_item_has_is_refused(boss: Client, rows: dict[str, int]) -> None:
    """API clients order by item name, so a name must be unique."""
    address = "/admin/menu/item/add/"
    form = inputs(boss.get(address), "form") | {
        "slug": "second",
        "name_en": "Latte",
        "name_zh_hans": "别的",
        "price": "1",
    }
    page = boss.post(address, form | {"category": str(rows["category"])})
    assert page.status_code == 200
    assert not Item.objects.filter(slug="second").exists()


def ids_on_the_menu() -> list[str]:
    return re.findall(r' id="([^"]*)"', Client().get("/en/").content.decode())


@pytest.mark.parametrize(
    ("model", "slug"),
    [("category", slug) for slug in ("main", "filter", "wish-milk", "latte", "bakery-name")]
    + [("item", slug) for slug in ("main", "filter", "wish-vegan", "coffee", "coffee-name", "bakery")],
)
def test_a_slug_that_is_an_id_of_the_menu_page_is_refused(
    boss: Client, rows: dict[str, int], model: str, slug: str
) -> None:
    croissant()  # of the category "bakery"
    before = every_row()
    for path in ("add/", f"{rows[model]}/change/"):
        address = f"/admin/menu/{model}/{path}"
        page = boss.post(address, inputs(boss.get(address), "form") | {"slug": slug})
        assert "Something else on the menu page has this name already." in page.content.decode()
    assert every_row() == before


def test_the_menu_page_has_no_other_ids_than_those_that_are_refused(rows: dict[str, int]) -> None:
    Item.objects.update(allergens_are_stated=True, allergens="milk", diets="vegetarian")
    OptionGroup.objects.update(adds_ingredients=False)
    ids = ids_on_the_menu()
    assert len(set(ids)) == len(ids)
    slugs = {"latte", "coffee", heading_id("coffee")}
    assert {"main", "filter", "wish-milk", "wish-vegetarian"} <= set(ids)
    assert {one for one in ids if "." not in one} <= RESERVED_IDS | slugs, "no slug has a dot"


def test_a_slug_that_collides_already_stays(boss: Client, rows: dict[str, int]) -> None:
    Item.objects.filter(pk=rows["item"]).update(slug="main")
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert boss.post(address, inputs(boss.get(address), "form") | {"price": "26"}).status_code == 302


@pytest.mark.parametrize("name", ["latte", "LATTE", "latte ", " Latte"], ids=repr)
def test_a_name_that_looks_like_that_of_another_item_is_refused(
    boss: Client, rows: dict[str, int], name: str
) -> None:
    roll = croissant()
    address = f"/admin/menu/item/{roll.pk}/change/"
    page = boss.post(address, inputs(boss.get(address), "form") | {"name_en": name})
    assert "Another item has this name." in page.content.decode()
    assert Item.objects.get(pk=roll.pk).name_en == roll.name_en


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("item", "name_en"),
        ("item", "name_zh_hans"),
        ("item", "description_en"),
        ("category", "name_en"),
        ("optiongroup", "name_en"),
        ("optiongroup", "note"),
        ("optiongroup", "options-0-name_en"),
        ("picture", "title"),
    ],
)
@pytest.mark.parametrize("text", ["\u200b", "\u202eettaL", "Lat\x07te", "\u034f"], ids=ascii)
def test_a_text_that_the_checkout_refuses_is_refused(
    boss: Client, rows: dict[str, int], model: str, field: str, text: str
) -> None:
    if field in ("description_en", "note", "title") and text in ("\u200b", "\u034f"):
        text += "\u0301"  # an optional text of invisible marks alone is cleaned to an empty one, and accepted
    before = every_row()
    address = f"/admin/menu/{model}/{rows[model]}/change/"
    page = boss.post(address, inputs(boss.get(address), "form") | {field: text})
    assert page.status_code == 200
    assert re.search("cannot be written down|nothing to be seen", page.content.decode())
    assert every_row() == before


@pytest.mark.parametrize("model", ["item", "category", "optiongroup", "picture"])
def test_a_selection_of_something_else_than_keys_is_refused(boss: Client, rows: dict[str, int], model: str) -> None:
    form = {"action": "delete_selected", "_selected_action": "abc", "index": "0"}
    assert boss.post(f"/admin/menu/{model}/", form).status_code == 400
