"""Concurrent edits of the menu list: saving an outdated page keeps what another manager has changed meanwhile."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from menu.models import Item, MenuVersion
from tests.harness.factories import americano, croissant, latte
from tests.menu.admin_page import GONE, ITEMS, Page, change_page, now, set_by_other


def test_a_stale_field_nobody_touched_does_not_come_back(manager_client: Client) -> None:
    drink, bread = latte(), croissant()
    page = Page(manager_client, ITEMS)
    set_by_other(drink, price="30.00", is_available=False)
    set_by_other(bread, price="17.00", position=4)
    assert page.enter_in(drink, position="9").is_saved()
    assert (now(drink).price, now(drink).is_available, now(drink).position) == (Decimal("30.00"), False, 9)
    assert (now(bread).price, now(bread).position) == (Decimal("17.00"), 4)


def test_a_program_that_sends_no_hidden_values_is_compared_with_the_database(manager_client: Client) -> None:
    """Control for the test above: without the hidden values every value that the form sends is written."""
    drink = latte()
    page = Page(manager_client, ITEMS).forget()
    set_by_other(drink, price="30.00")
    assert page.enter_in(drink, position="9").is_saved()
    assert (now(drink).price, now(drink).position) == (Decimal("25.00"), 9)


@pytest.mark.parametrize("field", ["price", "is_available", "position"])
def test_only_columns_that_were_changed_are_written(manager_client: Client, field: str) -> None:
    drink, _bread = latte(), croissant()
    sent = {field: {"is_available": None, "price": "26.00"}.get(field, "7")}
    page = Page(manager_client, ITEMS).enter_in(drink, **sent).enter(reason="ran out")
    with CaptureQueriesContext(connection) as captured:
        assert page.is_saved()
    updates = [q["sql"] for q in captured if q["sql"].startswith("UPDATE") and "menu_item" in q["sql"]]
    assert len(updates) == 1
    assert updates[0].count(" = ") == 2  # one for the column, one for the key
    assert field in updates[0]


def test_what_both_changed_is_refused_and_the_second_press_is_a_decision(manager_client: Client) -> None:
    drink, bread = latte(), croissant()
    page = Page(manager_client, ITEMS).enter_in(drink, price="26.00").enter_in(bread, position="3")
    set_by_other(drink, price="30.00", is_listed=False)
    again = page.is_refused()
    assert "Somebody else changed this meanwhile; it is 30.00 now." in again.text
    assert (now(drink).price, now(bread).position) == (Decimal("30.00"), 0)
    assert again.fields[again.row(drink) + "price"] == ["26.00"]
    assert again.fields["initial-" + again.row(drink) + "price"] == ["30.00"]
    assert again.row(drink) + "is_listed" not in again.fields
    assert again.is_saved()
    assert (now(drink).price, now(drink).is_listed, now(bread).position) == (Decimal("26.00"), False, 3)


def test_a_refused_page_that_waits_too_long_is_refused_again(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS).enter_in(drink, price="26.00")
    set_by_other(drink, price="30.00")
    again = page.is_refused()
    set_by_other(drink, price="31.00")
    assert "it is 31.00 now" in again.is_refused().text
    assert now(drink).price == Decimal("31.00")


def test_the_others_value_can_be_kept(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS).enter_in(drink, price="26.00")
    set_by_other(drink, price="30.00")
    again = page.is_refused()
    assert again.enter_in(drink, price="30.00").is_saved()
    assert now(drink).price == Decimal("30.00")


def test_both_changing_to_the_same_is_no_conflict(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS).enter_in(drink, price="30.0", is_available=None)
    set_by_other(drink, price="30.00", is_available=False)
    assert page.is_saved()
    assert (now(drink).price, now(drink).is_available) == (Decimal("30.00"), False)


def test_a_refused_list_in_a_new_order_puts_the_names_beside_their_own_rows(manager_client: Client) -> None:
    drink, black = latte(position=1), americano(position=2)
    page = Page(manager_client, ITEMS).enter_in(drink, price="x")
    set_by_other(drink, position=5)
    text = page.is_refused().text
    rows = {row.split("</tr>")[0] for row in text.split("<tr>") if "field-name_en" in row}
    assert {("Latte" in row, 'value="x"' in row, f"/item/{drink.pk}/" in row) for row in rows} == {
        (True, True, True),
        (False, False, False),
    }
    assert any(f"/item/{black.pk}/" in row and "Americano" in row for row in rows)


def test_rows_that_moved_out_of_the_filter_are_still_saved(manager_client: Client) -> None:
    drink, black = latte(), americano()
    page = (
        Page(manager_client, ITEMS + "?is_available__exact=1")
        .enter_in(drink, price="26.00")
        .enter_in(black, price="19.00")
    )
    set_by_other(drink, is_available=False)
    assert page.is_saved()
    assert [now(item).price for item in (drink, black)] == [Decimal("26.00"), Decimal("19.00")]
    assert not now(drink).is_available


@pytest.mark.parametrize("remembers", [True, False])
def test_a_row_that_is_gone_is_said_and_the_second_press_keeps_the_rest(
    manager_client: Client, remembers: bool
) -> None:
    bread, drink, black = croissant(), latte(), americano()
    page = (
        Page(manager_client, ITEMS)
        .enter_in(drink, price="26.00")
        .enter_in(black, price="19.00")
        .enter_in(bread, price="9.00")
    )
    drink.delete()
    again = (page if remembers else page.forget()).is_refused()
    assert GONE in again.text
    assert (now(black).price, now(bread).price) == (Decimal("18.00"), Decimal("16.00"))
    assert again.fields["form-INITIAL_FORMS"] == again.fields["form-TOTAL_FORMS"] == ["2"]
    assert again.fields[again.row(black) + "price"] == ["19.00"]
    assert again.is_saved()
    assert (now(black).price, now(bread).price) == (Decimal("19.00"), Decimal("9.00"))


def test_a_row_that_is_gone_and_was_left_alone_is_no_hindrance(manager_client: Client) -> None:
    drink, black = latte(), americano()
    page = Page(manager_client, ITEMS).enter_in(black, price="19.00")
    drink.delete()
    assert page.is_saved()
    assert now(black).price == Decimal("19.00")
    assert Item.objects.count() == 1


def test_the_only_row_gone_is_said_too(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS).enter_in(drink, price="26.00")
    drink.delete()
    answer = page.save()
    assert answer.status_code == 200
    assert GONE in answer.content.decode()


@pytest.mark.few_cases(8)
@pytest.mark.parametrize("value", ["abc", "", "sNaN", "1e999999999", "9" * 5000, "\0", "<b>"])
@pytest.mark.parametrize("name", ["price", "initial-price", "position", "initial-position", "id", "initial-id"])
def test_whatever_a_field_or_what_it_showed_is_sent_as_there_is_no_crash(
    manager_client: Client, name: str, value: str
) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS)
    hidden, field = name.startswith("initial-"), name.removeprefix("initial-")
    page.enter(**{("initial-" if hidden else "") + page.row(drink) + field: value})
    assert page.save().status_code in (200, 302)
    assert (now(drink).price, now(drink).position) == (Decimal("25.00"), 0)


@pytest.mark.few_cases(3)
@pytest.mark.parametrize("count", ["", "-1", "0", "x", "1.0", "99999", "9" * 5000])
@pytest.mark.parametrize("name", ["form-TOTAL_FORMS", "form-INITIAL_FORMS"])
def test_a_wrong_count_of_rows_is_no_crash(manager_client: Client, name: str, count: str) -> None:
    latte()
    page = Page(manager_client, ITEMS).enter(**{name: count, "form-0-id": "77"})
    assert page.save().status_code in (200, 302)


# Saves without a change


@pytest.mark.parametrize("saved", ["unchanged", "wrong"])
def test_a_page_that_writes_nothing_does_not_move_the_menu(manager_client: Client, saved: str) -> None:
    drink = latte()
    before = MenuVersion.objects.get().version
    for page in (Page(manager_client, ITEMS), change_page(manager_client, drink)):
        if saved == "wrong":
            page.enter(**{next(name for name in page.fields if name.endswith("price")): "x"})
        page.save()
    assert MenuVersion.objects.get().version == before


def test_a_form_for_something_new_remembers_nothing(manager_client: Client) -> None:
    page = manager_client.get("/admin/menu/item/add/", {"price": "5"}).content.decode()
    assert 'name="price" value="5"' in page
    assert 'name="initial-' not in page
