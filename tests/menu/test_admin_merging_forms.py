"""Concurrent edits of one item's form, or of a group's with its options: the other manager's changes are kept."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from menu.models import Option, OptionGroup, Picture
from tests.harness.factories import americano, category, latte, option
from tests.menu.admin_page import GONE, ITEMS, change_page, now, set_by_other

# The item form


def test_one_changes_the_price_the_other_the_name(manager_client: Client) -> None:
    drink = latte()
    one, other = change_page(manager_client, drink), change_page(manager_client, drink)
    assert one.enter(price="26.00").is_saved()
    assert other.enter(name_en="Caffè Latte", is_new="on").is_saved()
    assert (now(drink).price, now(drink).name_en, now(drink).is_new) == (Decimal("26.00"), "Caffè Latte", True)


def test_a_choice_that_both_changed_is_told_by_its_name(manager_client: Client) -> None:
    drink, tea = latte(), category("tea", "Tea", "茶")
    bread = category("bread", "Bread", "面包")
    page = change_page(manager_client, drink).enter(category=str(bread.pk), glass="tall", name_en="Caffè Latte")
    set_by_other(drink, category=tea, name_en="")
    again = page.is_refused()
    assert "it is Tea now" in again.text
    assert "it is – now" in again.text
    assert again.text.count("Somebody else changed this") == 2
    assert now(drink).glass == "cup"
    assert again.is_saved()
    assert (now(drink).category, now(drink).glass, now(drink).name_en) == (bread, "tall", "Caffè Latte")


def test_option_groups_are_merged_by_what_was_added_and_removed(manager_client: Client) -> None:
    drink = latte()
    size, extras = OptionGroup.objects.order_by("pk")
    milk, ice = (OptionGroup.objects.create(name=name) for name in ("Milk", "Ice"))
    page = change_page(manager_client, drink).enter(
        option_groups=[str(size.pk), str(milk.pk)]
    )  # replaces extras with milk
    drink.option_groups.set([extras, ice])  # replaces size with ice
    assert page.is_saved()
    assert set(drink.option_groups.all()) == {milk, ice}


@pytest.mark.parametrize("shown", [0, 1])
def test_option_groups_that_were_left_alone_stay_as_the_other_set_them(manager_client: Client, shown: int) -> None:
    drink, group = americano(), OptionGroup.objects.create(name="Milk")
    drink.option_groups.set([group][:shown])
    page = change_page(manager_client, drink).enter(price="19.00")
    drink.option_groups.set([group][shown:])
    assert page.is_saved()
    assert drink.option_groups.count() == 1 - shown


def test_option_groups_of_a_program_are_what_it_sends(manager_client: Client) -> None:
    drink, group = americano(), OptionGroup.objects.create(name="Milk")
    page = change_page(manager_client, drink).forget()
    drink.option_groups.set([group])
    assert page.is_saved()
    assert drink.option_groups.count() == 0


def test_a_photo_deleted_meanwhile_is_no_hindrance(manager_client: Client) -> None:
    photo = Picture.objects.create(content_hash="a" * 64, content=b"x", width=1, height=1)
    drink = latte(picture=photo)
    page = change_page(manager_client, drink).enter(price="26.00")
    photo.delete()
    assert page.is_saved()
    assert (now(drink).price, now(drink).picture) == (Decimal("26.00"), None)


def test_a_rule_over_two_fields_is_kept_when_each_changed_one(manager_client: Client) -> None:
    group = OptionGroup.objects.create(name="Milk", min_choices=0, max_choices=3)
    page = change_page(manager_client, group).enter(min_choices="2")
    set_by_other(group, max_choices=1)
    again = page.is_refused()
    assert again.fields["max_choices"] == ["1"]
    assert now(group).min_choices == 0


@pytest.mark.parametrize("page", ["change/", "delete/"])
def test_an_item_deleted_meanwhile_is_said(manager_client: Client, page: str) -> None:
    drink = latte()
    fields = change_page(manager_client, drink).fields
    drink.delete()
    answer = manager_client.post(f"{ITEMS}{drink.pk}/{page}", fields | {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    assert "Perhaps it was deleted?" in answer.content.decode()


def test_deleting_a_selection_that_is_gone_is_no_crash(manager_client: Client) -> None:
    drink = latte()
    chosen = {"action": "delete_selected", "_selected_action": str(drink.pk), "post": "yes", "reason": "x"}
    drink.delete()
    assert manager_client.post(ITEMS, chosen).status_code == 302


# The options of a group


def test_options_are_merged_row_by_row(manager_client: Client) -> None:
    drink = latte()
    small, large = option(drink, "Small"), option(drink, "Large")
    page = change_page(manager_client, small.group).enter_in(large, "options", price_delta="5").enter(note="cups")
    set_by_other(large, name_en="Big", position=7)
    set_by_other(small, is_available=False)
    assert page.is_saved()
    assert (now(large).price_delta, now(large).name_en, now(large).position) == (Decimal("5.00"), "Big", 7)
    assert not now(small).is_available
    assert now(small.group).note == "cups"


def test_an_option_that_both_changed_is_refused_and_nothing_is_written(manager_client: Client) -> None:
    large = option(latte(), "Large")
    page = change_page(manager_client, large.group).enter_in(large, "options", price_delta="5").enter(note="cups")
    set_by_other(large, price_delta="8")
    again = page.is_refused()
    assert "it is 8.00 now" in again.text
    assert (now(large).price_delta, now(large.group).note) == (Decimal("8.00"), "")
    assert again.is_saved()
    assert (now(large).price_delta, now(large.group).note) == (Decimal("5.00"), "cups")


def test_an_option_that_is_gone_is_said_and_the_others_keep_their_names(manager_client: Client) -> None:
    shot, vanilla, cream = Option.objects.filter(group__items=latte(), group__name_en="Extras")
    page = change_page(manager_client, shot.group)
    page.enter_in(shot, "options", price_delta="1").enter_in(cream, "options", price_delta="2")
    page.enter(**{"options-3-name_en": "Honey", "options-3-name_zh_hans": "蜂蜜", "options-3-price_delta": "3"})
    shot.delete()
    again = page.is_refused()
    assert GONE in again.text
    assert re.findall(r'class="inline_label">(\w+)', again.text) == ["Vanilla", "Cream"]
    assert again.fields[again.row(cream, "options") + "price_delta"] == ["2"]
    assert again.is_saved()
    left = Option.objects.filter(group=vanilla.group).order_by("pk").values_list("name_en", "price_delta")
    assert list(left) == [("Vanilla", Decimal("3.00")), ("Cream", Decimal("2.00")), ("Honey", Decimal("3.00"))]


def test_an_option_that_both_delete_is_deleted(manager_client: Client) -> None:
    shot = Option.objects.get(group__items=latte(), name_en="Extra shot")
    page = change_page(manager_client, shot.group).enter_in(shot, "options", DELETE="on").enter(note="sweet")
    shot.delete()
    assert page.is_saved()
    assert now(shot.group).note == "sweet"


def test_two_defaults_are_refused_also_when_each_set_one(manager_client: Client) -> None:
    small = option(latte(), "Small")
    set_by_other(small, is_default=False)
    page = change_page(manager_client, small.group).enter_in(small, "options", is_default="on")
    small.group.options.create(name="Tiny", is_default=True)
    assert "There are more defaults than one may choose (1)." in page.is_refused().text
    assert not now(small).is_default
