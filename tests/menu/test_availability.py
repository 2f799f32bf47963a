"""Each change of availability, price or count is recorded with actor, time and reason in one list, from any page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from menu.availability.history import AvailabilityChange
from menu.models import Item, Option
from orders.models import Stock, StockMove
from tests.harness.factories import americano, barista, croissant, latte, manager, option
from tests.menu.admin_page import ITEMS, Page, change_page, now

HISTORY = "/admin/menu/availabilitychange/"
STOCK = "/admin/orders/stock/"
SAY_WHY = "Say why: pick a reason or write one."


def history() -> list[tuple[str, str, str, str, str]]:
    """Return the recorded changes, oldest first; assert that the manager made all of them just now."""
    changes = list(AvailabilityChange.objects.order_by("pk"))
    assert {change.actor for change in changes} <= {manager()}
    assert all(timezone.now() - change.at < timedelta(minutes=1) for change in changes)
    return [(change.name_en, change.what, change.before, change.after, change.reason) for change in changes]


def in_the_list(manager_client: Client, item: Item, **typed: str | None) -> Page:
    return Page(manager_client, ITEMS).enter_in(item, **typed)


def in_the_form(manager_client: Client, item: Item, **typed: str | None) -> Page:
    return change_page(manager_client, item).enter(**typed)


# The switches


@pytest.mark.parametrize("where", [in_the_list, in_the_form])
@pytest.mark.parametrize("field", ["is_available", "is_listed"])
def test_a_switch_of_an_item_leaves_its_reason(
    manager_client: Client, where: Callable[..., Page], field: str
) -> None:
    drink = latte()
    assert where(manager_client, drink, **{field: None}).enter(reason="machine is down").is_saved()
    assert history() == [("Latte", field, "yes", "no", "machine is down")]
    assert where(manager_client, drink, **{field: "on"}).enter(reason="", reason_words="mended").is_saved()
    assert history()[1:] == [("Latte", field, "no", "yes", "mended")]


@pytest.mark.parametrize("where", [in_the_list, in_the_form])
@pytest.mark.parametrize("field", ["is_available", "is_listed"])
def test_a_switch_without_a_reason_is_refused(manager_client: Client, where: Callable[..., Page], field: str) -> None:
    drink = latte()
    page = where(manager_client, drink, **{field: None}).is_refused()
    assert SAY_WHY in page.text
    assert getattr(now(drink), field)
    assert history() == []
    assert page.enter(reason="ran out").is_saved()
    assert history() == [("Latte", field, "yes", "no", "ran out")]


def test_an_option_that_is_sold_out_leaves_its_reason(manager_client: Client) -> None:
    cream = option(latte(), "Cream")
    page = change_page(manager_client, cream.group).enter_in(cream, "options", is_available=None)
    assert SAY_WHY in page.is_refused().text
    assert now(cream).is_available
    assert page.enter(reason="not delivered").is_saved()
    assert history() == [("Cream", "is_available", "yes", "no", "not delivered")]


@pytest.mark.parametrize(
    ("action", "was", "is_now"), [("mark_sold_out", True, False), ("mark_available", False, True)]
)
def test_an_action_on_the_list_leaves_its_reason(
    manager_client: Client, action: str, was: bool, is_now: bool
) -> None:
    drink, _bread = latte(is_available=was), croissant(is_available=was)
    sent = {"action": action, "_selected_action": [drink.pk], "index": "0"}
    assert SAY_WHY in manager_client.post(ITEMS, sent, follow=True).content.decode()
    assert (now(drink).is_available, history()) == (was, [])
    manager_client.post(ITEMS, sent | {"reason": "ran out"})
    words = {True: "yes", False: "no"}
    assert history() == [("Latte", "is_available", words[was], words[is_now], "ran out")]
    manager_client.post(ITEMS, sent | {"reason": "ran out"})
    assert len(history()) == 1, "it is so already"


def test_several_rows_of_a_list_share_one_reason(manager_client: Client) -> None:
    drink, bread, _other = latte(), croissant(), americano()
    page = Page(manager_client, ITEMS).enter_in(drink, is_available=None).enter_in(bread, is_listed=None)
    assert page.enter(reason_words="  the power is out ").is_saved()
    assert sorted(history()) == [
        ("Butter Croissant", "is_listed", "yes", "no", "the power is out"),
        ("Latte", "is_available", "yes", "no", "the power is out"),
    ]


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("reason", ["no\x07milk", "‮no milk", "x" * 201])
@pytest.mark.parametrize("where", [in_the_list, in_the_form])
def test_a_reason_that_cannot_be_written_is_refused(
    manager_client: Client, where: Callable[..., Page], reason: str
) -> None:
    drink = latte()
    where(manager_client, drink, price="26", is_available=None).enter(reason_words=reason).is_refused()
    assert (now(drink).price, now(drink).is_available, history()) == (25, True, [])


# Prices, created and deleted rows, counts


@pytest.mark.parametrize("where", [in_the_list, in_the_form])
def test_a_price_is_in_the_list_with_or_without_a_reason(manager_client: Client, where: Callable[..., Page]) -> None:
    drink = latte()
    assert where(manager_client, drink, price="26.5").is_saved()
    assert where(manager_client, drink, price="27.00").enter(reason_words="milk is dearer").is_saved()
    assert history() == [
        ("Latte", "price", "25.00", "26.5", ""),
        ("Latte", "price", "26.50", "27.00", "milk is dearer"),
    ]


def test_what_changes_nothing_that_is_sold_leaves_nothing(manager_client: Client) -> None:
    drink = latte()
    assert in_the_list(manager_client, drink, position="9", price="25.0").is_saved()
    assert in_the_form(manager_client, drink, description_en="Milk, mostly").is_saved()
    assert history() == []


def test_options_and_items_that_come_or_go_are_in_the_list(manager_client: Client) -> None:
    drink = latte()
    cream = option(drink, "Cream")
    page = change_page(manager_client, cream.group).enter_in(cream, "options", DELETE="on").is_refused()
    assert SAY_WHY in page.text
    assert page.enter(reason="season is over").is_saved()
    manager_client.post(f"{ITEMS}{drink.pk}/delete/", {"post": "yes", "reason": "not delivered"})
    assert not Item.objects.exists()
    assert not Option.objects.filter(pk=cream.pk).exists()
    assert history() == [
        ("Cream", "removed", "", "", "season is over"),
        ("Latte", "removed", "", "", "not delivered"),
    ]


CHOSEN = {"action": "delete_selected", "post": "yes"}


@pytest.mark.parametrize("where", ["its page", "the list"])
def test_a_deletion_is_refused_without_a_reason(manager_client: Client, where: str) -> None:
    drink = latte()
    address = f"{ITEMS}{drink.pk}/delete/" if where == "its page" else ITEMS
    sent = CHOSEN | {"_selected_action": str(drink.pk)}
    for reason, said in (({}, SAY_WHY), ({"reason_words": "\u202e"}, "cannot be written down")):
        page = manager_client.post(address, sent | reason, follow=True).content.decode()
        assert said in page
        assert 'name="reason_words"' in page, "it asks again"
        assert (Item.objects.count(), history()) == (1, [])
    manager_client.post(address, sent | {"reason_words": "nobody asked for it"})
    assert history() == [("Latte", "removed", "", "", "nobody asked for it")]


@pytest.mark.parametrize("page", ["an item", "a category", "options", "the list"])
def test_a_page_that_stores_nothing_says_so(manager_client: Client, page: str) -> None:
    drink = latte()
    shown = {
        "an item": lambda: change_page(manager_client, drink),
        "a category": lambda: change_page(manager_client, drink.category),
        "options": lambda: change_page(manager_client, option(drink, "Cream").group),
        "the list": lambda: Page(manager_client, ITEMS),
    }[page]()
    assert shown.is_saved()
    said = manager_client.get("/admin/").content.decode()
    assert "Nothing was changed." in said
    assert "successfully" not in said


def count(manager_client: Client, item: Item, **fields: Any) -> str:
    form = {"item": item.pk, "how": "set", "available": "", "daily": "", "shown": "", "reason": "counted"} | fields
    answer = manager_client.post(f"{STOCK}add/", form, follow=True)
    return answer.content.decode()


def test_counts_are_in_the_same_list(manager_client: Client) -> None:
    roll = croissant()
    assert "The count is set: Butter Croissant is sold out now." in count(
        manager_client, roll, available="0", reason="ran out"
    )
    count(manager_client, roll, available="0", daily="20", shown="0", reason_words="baked from now on")
    count(manager_client, roll, available="0", daily="20", shown="0")
    assert "Nobody counts Butter Croissant any more." in count(
        manager_client, roll, shown="0", reason="typing mistake"
    )
    assert history() == [
        ("Butter Croissant", "count", "", "0", "ran out"),
        ("Butter Croissant", "daily", "", "20", "baked from now on"),
        ("Butter Croissant", "count", "0", "0", "counted"),
        ("Butter Croissant", "daily", "20", "", "typing mistake"),
        ("Butter Croissant", "count", "0", "", "typing mistake"),
    ]
    moves = StockMove.objects.order_by("pk").values_list("delta", "reason")
    assert list(moves) == [(0, "ran out"), (0, "baked from now on"), (0, "counted"), (0, "typing mistake")]


def test_a_daily_count_alone_begins_today(manager_client: Client) -> None:
    roll = croissant()
    assert "The count is set: Butter Croissant, 20 left." in count(manager_client, roll, daily="20")
    assert (Stock.objects.get().available, Stock.objects.get().daily) == (20, 20)


def test_a_form_that_stores_nothing_says_so(manager_client: Client) -> None:
    page = count(manager_client, croissant())
    assert "Nothing was changed: nobody counts Butter Croissant, and no count was entered." in page
    assert "The count is set" not in page
    assert (history(), StockMove.objects.count()) == ([], 0)


def test_a_count_that_is_emptied_beside_a_daily_one_is_asked_again(manager_client: Client) -> None:
    roll = croissant()
    count(manager_client, roll, available="5", daily="20")
    page = count(manager_client, roll, daily="20", shown="5")
    assert "To stop counting, empty “each morning” as well." in page
    assert (Stock.objects.get().available, Stock.objects.get().daily) == (5, 20)


# The list


def test_staff_read_the_list_and_nobody_changes_it(manager_client: Client) -> None:
    drink = latte()
    in_the_form(manager_client, drink, is_available=None).enter(reason="machine is down").is_saved()
    change = AvailabilityChange.objects.get()
    for person in (manager(), barista()):
        client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "zh-hans"})
        client.force_login(person)
        page = client.get(HISTORY).content.decode()
        for words in ("拿铁", "可售", "是 → 否", "机器故障", "the-manager"):
            assert words in page
        assert client.get(f"{HISTORY}{change.pk}/change/").status_code == 200
        assert client.get(f"{HISTORY}add/").status_code == 403
        assert client.post(f"{HISTORY}{change.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AvailabilityChange.objects.count() == 1
    drink.delete()
    assert "Latte" in manager_client.get(HISTORY).content.decode(), "the name is a copy"
