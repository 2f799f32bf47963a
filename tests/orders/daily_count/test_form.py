"""The admin's form of a stock, also sent late, twice, or for another change."""

from datetime import timedelta

import pytest
from django.http import HttpResponse

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.models import Stock, StockMove
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.daily_count.clock import MONDAY, SUNDAY, Clock, moves, staff_client, stock
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def count_in_admin(item: Item, **fields: str) -> HttpResponse:
    form = {"item": str(item.pk), "how": "set", "available": "", "daily": "", "reason": "counted"} | fields
    return staff_client(barista()).post("/admin/orders/stock/add/", form)


# The admin's form


def test_the_form_sets_a_count_and_its_morning() -> None:
    item = croissant()
    assert count_in_admin(item, available="8", daily="12").status_code == 302
    assert stock() == (8, 12, SUNDAY)
    assert moves() == [(8, "counted")]
    assert StockMove.objects.get().actor == barista()


def test_the_form_adds_to_a_count_and_keeps_its_morning(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=2))
    assert count_in_admin(roll, how="add", available="3", reason="baked").status_code == 302
    assert stock() == (6, 5, SUNDAY)
    clock.next_morning()
    assert count_in_admin(roll, how="add", available="3", reason="baked").status_code == 302
    assert stock() == (8, 5, MONDAY)
    assert moves()[2:] == [(3, "baked"), (2, "baked")]
    assert check_books() == []


def test_the_form_stops_counting(roll: Item) -> None:
    assert count_in_admin(roll, reason="enough").status_code == 302
    assert not Stock.objects.exists()
    assert moves() == [(5, "baked"), (-5, "enough")]


@pytest.mark.parametrize(
    "fields",
    [
        {"how": "add", "available": ""},
        {"how": "add", "available": "0"},
        {"how": "add", "available": "1000000"},
        {"available": "-1"},
        {"available": "1000001"},
        {"available": "2", "daily": "-1"},
        {"available": "1.5"},
        {"available": "2", "reason": ""},
    ],
)
def test_the_form_refuses_what_is_no_count(roll: Item, fields: dict[str, str]) -> None:
    with nothing_written():
        assert count_in_admin(roll, **fields).status_code == 200


def test_the_form_shows_what_is_left_today(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    client = staff_client(barista())
    page = client.get(f"/admin/orders/stock/{Stock.objects.get().pk}/change/").content.decode()
    assert 'name="available" value="5"' in page
    assert 'name="daily" value="5"' in page
    listed = client.get("/admin/orders/stock/").content.decode()
    assert '<td class="field-left_today">5</td>' in listed


def drawn(roll: Item) -> dict[str, str]:
    """Return the unchanged fields of a count's admin form."""
    page = staff_client(barista()).get(f"/admin/orders/stock/{Stock.objects.get(item=roll).pk}/change/")
    form = page.context["adminform"].form
    return {
        name: str(form[name].value() if form[name].value() is not None else "")
        for name in form.fields
        if name != "item"
    }


# A form that is sent late, twice, or for another change


def test_a_changed_morning_leaves_the_count_to_what_is_sold_meanwhile(roll: Item, clock: Clock) -> None:
    form = drawn(roll)
    order(wanted(roll, quantity=2))
    assert count_in_admin(roll, **form | {"daily": "20", "how": "set"}).status_code == 302
    assert stock() == (3, 20, SUNDAY)
    assert check_books() == []


@pytest.mark.parametrize("how", ["set", "add"])
def test_a_count_typed_over_one_that_has_moved_is_asked_again(roll: Item, clock: Clock, how: str) -> None:
    form = drawn(roll)
    order(wanted(roll, quantity=2))
    assert count_in_admin(roll, **form | {"available": "9", "how": how}).status_code == 200
    assert stock() == (3, 5, SUNDAY)


def test_an_addition_sent_twice_is_added_once(roll: Item, clock: Clock) -> None:
    form = drawn(roll) | {"available": "4", "how": "add"}
    assert count_in_admin(roll, **form).status_code == 302
    assert count_in_admin(roll, **form).status_code == 200
    assert stock() == (9, 5, SUNDAY)


def test_an_order_of_before_the_count_gives_it_nothing_back(clock: Clock) -> None:
    roll = croissant(stock=1)
    placed = order(wanted(roll))
    clock.now += timedelta(minutes=5)
    services.set_stock(item=roll, available=None, reason="enough")
    services.set_stock(item=roll, available=5, reason="baked")
    services.cancel_order(order=placed)
    assert Stock.objects.get().available == 5
    assert check_books() == []
