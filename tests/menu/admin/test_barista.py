"""The menu's admin: a barista can only read."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from menu.admin.categories import RESERVED_IDS, heading_id
from menu.models import Item, OptionGroup
from tests.harness.factories import croissant
from tests.menu.admin.pages import MODELS, every_row, inputs

pytestmark = pytest.mark.django_db


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("model", MODELS)
def test_a_barista_looks_and_changes_nothing(barista_client: Client, rows: dict[str, int], model: str) -> None:
    before = every_row()
    assert barista_client.get(f"/admin/menu/{model}/").status_code == 200
    page = barista_client.get(f"/admin/menu/{model}/{rows[model]}/change/")
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert barista_client.get(f"/admin/menu/{model}/add/").status_code == 403
    for path in ("add/", f"{rows[model]}/change/", f"{rows[model]}/delete/"):
        form = {"price": "0.01", "name_en": "x", "title": "x", "post": "yes"}
        assert barista_client.post(f"/admin/menu/{model}/{path}", form).status_code == 403
    assert every_row() == before


def test_a_barista_cannot_change_a_price_in_the_list(barista_client: Client, manager_client: Client) -> None:
    form = inputs(manager_client.get("/admin/menu/item/"), "changelist-form") | {
        "form-0-price": "0.01",
        "_save": "Save",
    }
    assert b'name="form-0-price"' not in barista_client.get("/admin/menu/item/").content
    response = barista_client.post("/admin/menu/item/", form)
    assert response.status_code in (200, 302, 403)
    assert Item.objects.get().price == Decimal("25.00")


@pytest.mark.parametrize("model", MODELS)
def test_nobody_gets_in_without_an_account(client: Client, rows: dict[str, int], model: str) -> None:
    for path in ("", "add/", f"{rows[model]}/change/"):
        response = client.get(f"/admin/menu/{model}/{path}")
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


def test_a_manager_cannot_make_accounts(manager_client: Client) -> None:
    assert manager_client.get("/admin/auth/user/").status_code in (403, 404)


def test_a_name_that_another_item_has_is_refused(manager_client: Client, rows: dict[str, int]) -> None:
    """API clients order by item name, so a name must be unique."""
    address = "/admin/menu/item/add/"
    form = inputs(manager_client.get(address), "form") | {
        "slug": "second",
        "name_en": "Latte",
        "name_zh_hans": "别的",
        "price": "1",
    }
    page = manager_client.post(address, form | {"category": str(rows["category"])})
    assert page.status_code == 200
    assert not Item.objects.filter(slug="second").exists()


def ids_on_the_menu() -> list[str]:
    return re.findall(r' id="([^"]*)"', Client().get("/en/").content.decode())


@pytest.mark.few_cases(3)
@pytest.mark.parametrize(
    ("model", "slug"),
    [("category", slug) for slug in ("main", "filter", "wish-milk", "latte", "bakery-name")]
    + [("item", slug) for slug in ("main", "filter", "wish-vegan", "coffee", "coffee-name", "bakery")],
)
def test_a_slug_that_is_an_id_of_the_menu_page_is_refused(
    manager_client: Client, rows: dict[str, int], model: str, slug: str
) -> None:
    croissant()  # of the category "bakery"
    before = every_row()
    for path in ("add/", f"{rows[model]}/change/"):
        address = f"/admin/menu/{model}/{path}"
        page = manager_client.post(address, inputs(manager_client.get(address), "form") | {"slug": slug})
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


def test_a_slug_that_collides_already_stays(manager_client: Client, rows: dict[str, int]) -> None:
    Item.objects.filter(pk=rows["item"]).update(slug="main")
    address = f"/admin/menu/item/{rows['item']}/change/"
    assert (
        manager_client.post(address, inputs(manager_client.get(address), "form") | {"price": "26"}).status_code == 302
    )


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("name", ["latte", "LATTE", "latte ", " Latte"], ids=repr)
def test_a_name_that_looks_like_that_of_another_item_is_refused(
    manager_client: Client, rows: dict[str, int], name: str
) -> None:
    roll = croissant()
    address = f"/admin/menu/item/{roll.pk}/change/"
    page = manager_client.post(address, inputs(manager_client.get(address), "form") | {"name_en": name})
    assert "Another item has this name." in page.content.decode()
    assert Item.objects.get(pk=roll.pk).name_en == roll.name_en


@pytest.mark.few_cases(3)
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
    manager_client: Client, rows: dict[str, int], model: str, field: str, text: str
) -> None:
    if field in ("description_en", "note", "title") and text in ("\u200b", "\u034f"):
        text += "\u0301"  # an optional text of invisible marks alone is cleaned to an empty one, and accepted
    before = every_row()
    address = f"/admin/menu/{model}/{rows[model]}/change/"
    page = manager_client.post(address, inputs(manager_client.get(address), "form") | {field: text})
    assert page.status_code == 200
    assert re.search("cannot be written down|nothing to be seen", page.content.decode())
    assert every_row() == before


@pytest.mark.parametrize("model", ["item", "category", "optiongroup", "picture"])
def test_a_selection_of_something_else_than_keys_is_refused(
    manager_client: Client, rows: dict[str, int], model: str
) -> None:
    form = {"action": "delete_selected", "_selected_action": "abc", "index": "0"}
    assert manager_client.post(f"/admin/menu/{model}/", form).status_code == 400
