"""Change cases of staff: the pages of Django admin, and management commands."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from menu.models import Item
from tests.cache.change_cases.registry import (
    NEW,
    OLD,
    category,
    change_case,
    group_of,
    new_item,
    new_picture,
    unsaved_item,
)
from tests.harness.html_forms import Fields, fields_of, row_of

ITEMS, GROUPS, PICTURES = "/admin/menu/item/", "/admin/menu/optiongroup/", "/admin/menu/picture/"


class Admin:
    """A signed-in manager with one admin page open."""

    def __init__(self, address: str, form_id: str = "") -> None:
        self.address = address
        self.client = Client(headers={"host": "localhost", "sec-fetch-site": "same-origin", "accept-language": "en"})
        self.client.force_login(User.objects.get_or_create(username="way", is_staff=True, is_superuser=True)[0])
        page = self.client.get(address)
        assert page.status_code == 200, (address, page)
        self.fields: Fields = fields_of(page.content.decode(), form_id) if form_id else {}

    def press(self, button: str = "_save", **typed: str | list[str]) -> None:
        """Submit the form, and confirm the price change if the page asks. Asserts the redirect of a success."""
        sent = self.fields | typed | {button: "yes"}
        answer = self.client.post(self.address, sent)
        asked = re.search(r'name="(confirmed_prices)" value="([^"]+)"', answer.content.decode())
        if asked:
            answer = self.client.post(self.address, sent | {asked[1]: asked[2]})
        assert answer.status_code == 302, answer.content.decode()


@change_case
def a_price_is_changed_on_the_page_of_an_item() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}{item.pk}/change/", "item_form")
    yield item
    admin.press(price=str(NEW))


@change_case
def a_group_is_taken_away_on_the_page_of_an_item() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}{item.pk}/change/", "item_form")
    del admin.fields["option_groups"]
    yield item
    admin.press()


@change_case
def a_picture_is_taken_away_on_the_page_of_an_item() -> Iterator[Item]:
    item = new_item(picture=new_picture())
    admin = Admin(f"{ITEMS}{item.pk}/change/", "item_form")
    yield item
    admin.press(picture="")


@change_case
def an_item_is_added_in_admin() -> Iterator[Item]:
    item = unsaved_item()
    admin = Admin(f"{ITEMS}add/", "item_form")
    names = {"slug": item.slug, "name_en": item.name_en, "name_zh_hans": item.name_zh_hans}
    yield item
    admin.press(**names, price=str(OLD), category=str(category("ways").pk))


@change_case
def a_price_is_changed_in_the_list() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}?q={item.slug}", "changelist-form")
    yield item
    admin.press(**{f"{row_of(admin.fields, item.pk)}price": str(NEW)})


@change_case
def an_item_is_taken_off_the_menu_in_the_list() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}?q={item.slug}", "changelist-form")
    del admin.fields[f"{row_of(admin.fields, item.pk)}is_listed"]
    yield item
    admin.press(reason="season is over")


@change_case
def an_item_is_sold_out_in_the_list() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}?q={item.slug}", "changelist-form")
    del admin.fields[f"{row_of(admin.fields, item.pk)}is_available"]
    yield item
    admin.press(reason="ran out")


@change_case
def an_option_is_changed_on_the_page_of_its_group() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    admin = Admin(f"{GROUPS}{group.pk}/change/", "optiongroup_form")
    row = row_of(admin.fields, group.options.get().pk, "options")
    yield item
    admin.press(**{f"{row}price_delta": str(NEW)})


@change_case
def an_option_is_deleted_on_the_page_of_its_group() -> Iterator[Item]:
    item = new_item()
    group = group_of(item)
    admin = Admin(f"{GROUPS}{group.pk}/change/", "optiongroup_form")
    row = row_of(admin.fields, group.options.get().pk, "options")
    yield item
    admin.press(**{f"{row}DELETE": "on"}, reason="season is over")


@change_case
def an_item_is_deleted_in_admin() -> Iterator[Item]:
    item = new_item()
    admin = Admin(f"{ITEMS}{item.pk}/delete/")
    yield item
    admin.press("post", reason="season is over")


@change_case
def a_picture_is_deleted_in_admin() -> Iterator[Item]:
    picture = new_picture()
    item = new_item(picture=picture)
    admin = Admin(f"{PICTURES}{picture.pk}/delete/")
    yield item
    admin.press("post")


@change_case
def chosen_items_are_deleted_in_admin() -> Iterator[Item]:
    item = new_item()
    admin = Admin(ITEMS)
    yield item
    admin.press("post", action="delete_selected", _selected_action=str(item.pk), reason="season is over")


@change_case
def a_fixture_is_loaded() -> Iterator[Item]:
    item = new_item()
    row = Item.objects.filter(pk=item.pk).values().get() | {"price": str(NEW)}
    fields = {name.removesuffix("_id"): value for name, value in row.items() if name != "id"}
    fixture = [{"model": "menu.item", "pk": item.pk, "fields": fields}]
    yield item
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "menu.json")
        file.write_text(json.dumps(fixture))
        call_command("loaddata", file, verbosity=0)


@change_case
def links_are_loaded_from_a_fixture() -> Iterator[Item]:
    item = new_item()
    other = new_item()
    fields = {
        "category": item.category_id,
        "slug": item.slug,
        "name_en": "ChangeCase",
        "name_zh_hans": "路",
        "price": "10",
    }
    groups = [group_of(item).pk, group_of(other).pk]
    fixture = [{"model": "menu.item", "pk": item.pk, "fields": fields | {"option_groups": groups}}]
    yield item
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "menu.json")
        file.write_text(json.dumps(fixture))
        call_command("loaddata", file, verbosity=0)


@change_case
def the_sample_menu_is_loaded() -> Iterator[Item]:
    call_command("load_sample_menu", verbosity=0)
    item = Item.objects.get(slug="espresso")
    Item.objects.filter(pk=item.pk).update(price=item.price + 1)
    yield item
    call_command("load_sample_menu", verbosity=0)
