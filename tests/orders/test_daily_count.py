"""Daily counts reset each morning without a timer: a count that is due reads as full; its first claim writes it.

A cancel restocks, or not, by its origin (customer, barista board, admin) and by whether the order was started.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from menu.catalogue.current import current_menu
from menu.models import Item
from orders import selectors, services
from orders.audit import check_books
from orders.errors import Invalid, SoldOut
from orders.models import Order, Status, Stock, StockMove
from tests.harness.factories import barista, croissant, manager, nothing_written, order, wanted
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]

SUNDAY, MONDAY, TUESDAY = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 1, tzinfo=UTC)  # Sunday, 09:00 in Shanghai

    def next_morning(self) -> None:
        self.now += timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def roll() -> Item:
    """A croissant with a daily count: five today, and five each morning."""
    made = croissant()
    services.set_stock(item=made, available=5, daily=5, reason="baked")
    return made


def stock() -> tuple[int, int | None, date]:
    row = Stock.objects.get()
    return row.available, row.daily, row.counted_on


def moves() -> list[tuple[int, str]]:
    return list(StockMove.objects.order_by("pk").values_list("delta", "reason"))


def is_sold_out(item: Item) -> bool:
    assert (item.pk in selectors.sold_out_item_ids()) == current_menu().item_with_id(item.pk).sold_out  # type: ignore[union-attr]
    return item.pk in selectors.sold_out_item_ids()


# The morning


def test_the_first_claim_of_a_day_writes_the_reset_and_the_next_only_its_own(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    assert stock() == (2, 5, SUNDAY)
    clock.next_morning()
    assert stock() == (2, 5, SUNDAY)
    order(wanted(roll, quantity=2))
    assert stock() == (3, 5, MONDAY)
    assert moves() == [(5, "baked"), (-3, "ordered"), (3, "reset"), (-2, "ordered")]
    order(wanted(roll))
    assert stock() == (2, 5, MONDAY)
    assert moves()[4:] == [(-1, "ordered")]
    assert check_books() == []


def test_the_reset_belongs_to_nobody(roll: Item, clock: Clock) -> None:
    clock.next_morning()
    placed = order(wanted(roll))
    reset, claim = StockMove.objects.order_by("pk")[1:]
    assert (reset.order, reset.actor, reset.delta) == (None, None, 0)
    assert (claim.order, claim.actor, claim.delta) == (placed, None, -1)


def test_what_was_added_yesterday_is_gone_in_the_morning(roll: Item, clock: Clock) -> None:
    services.restock(item=roll, quantity=4, reason="baked")
    clock.next_morning()
    order(wanted(roll))
    assert stock() == (4, 5, MONDAY)
    assert moves() == [(5, "baked"), (4, "baked"), (-4, "reset"), (-1, "ordered")]
    assert check_books() == []


def test_sold_out_yesterday_is_on_sale_in_the_morning(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=5))
    assert is_sold_out(roll)
    with nothing_written(), pytest.raises(SoldOut):
        order(wanted(roll))
    clock.next_morning()
    with nothing_written():
        assert not is_sold_out(roll)
    order(wanted(roll, quantity=5))
    assert is_sold_out(roll)
    assert stock() == (0, 5, MONDAY)
    assert check_books() == []


def test_none_each_morning_is_sold_out_in_the_morning(roll: Item, clock: Clock) -> None:
    services.set_stock(item=roll, available=2, daily=0, reason="the last ones")
    assert not is_sold_out(roll)
    clock.next_morning()
    assert is_sold_out(roll)
    with nothing_written(), pytest.raises(SoldOut) as refusal:
        order(wanted(roll))
    assert [shortage.left for shortage in refusal.value.shortages] == [0]


def test_more_than_a_morning_holds_is_refused_and_writes_no_reset(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=4))
    clock.next_morning()
    with nothing_written(), pytest.raises(SoldOut) as refusal:
        order(wanted(roll, quantity=6))
    assert [shortage.left for shortage in refusal.value.shortages] == [5]


def test_days_without_an_order_are_one_reset(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    clock.next_morning()
    order(wanted(roll))
    assert stock() == (4, 5, TUESDAY)
    assert moves()[2:] == [(3, "reset"), (-1, "ordered")]


def test_the_day_begins_at_midnight_in_the_cafes_own_zone(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=5))
    clock.now = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)  # 23:59:59 on Sunday
    assert is_sold_out(roll)
    clock.now += timedelta(seconds=1)
    assert not is_sold_out(roll)
    assert order(wanted(roll)).business_day == MONDAY
    assert stock() == (4, 5, MONDAY)


def test_a_count_without_a_morning_goes_on_from_day_to_day(clock: Clock) -> None:
    beans = croissant(stock=3)
    order(wanted(beans, quantity=2))
    clock.next_morning()
    assert not is_sold_out(beans)
    order(wanted(beans))
    assert is_sold_out(beans)
    clock.next_morning()
    assert is_sold_out(beans)
    assert moves() == [(3, "counted"), (-2, "ordered"), (-1, "ordered")]
    assert check_books() == []


# A cancel after the daily reset


def test_yesterdays_order_gives_nothing_back_after_the_reset(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    order(wanted(roll))
    before = moves()
    services.cancel_order(order=yesterdays)
    assert stock() == (4, 5, MONDAY)
    assert moves() == before
    assert check_books() == []


def test_yesterdays_order_gives_nothing_back_while_the_reset_is_due(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    services.cancel_order(order=yesterdays, actor=barista(), restock=True)
    assert stock() == (3, 5, SUNDAY)
    assert moves() == [(5, "baked"), (-2, "ordered")]
    order(wanted(roll))
    assert stock() == (4, 5, MONDAY)
    assert check_books() == []


def test_yesterdays_order_gives_nothing_back_to_what_was_counted_this_morning(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    services.set_stock(item=roll, available=8, reason="counted")
    services.cancel_order(order=yesterdays)
    assert stock() == (8, 5, MONDAY)
    assert check_books() == []


def test_yesterdays_order_gives_back_to_a_count_that_goes_on(clock: Clock) -> None:
    yesterdays = order(wanted(croissant(stock=3), quantity=2))
    clock.next_morning()
    services.cancel_order(order=yesterdays)
    assert moves() == [(3, "counted"), (-2, "ordered"), (2, "cancelled")]
    assert check_books() == []


def test_todays_order_gives_back_after_the_reset_it_wrote(roll: Item, clock: Clock) -> None:
    clock.next_morning()
    todays = order(wanted(roll, quantity=2))
    services.cancel_order(order=todays)
    assert stock() == (5, 5, MONDAY)
    assert moves()[1:] == [(0, "reset"), (-2, "ordered"), (2, "cancelled")]
    assert check_books() == []


# Counts set by staff


def test_a_count_set_while_the_reset_is_due_is_todays(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.set_stock(item=roll, available=8, reason="counted", actor=barista())
    assert stock() == (8, 5, MONDAY)
    assert moves()[2:] == [(6, "counted")]
    order(wanted(roll))
    assert stock() == (7, 5, MONDAY)
    assert moves()[3:] == [(-1, "ordered")]
    assert check_books() == []


def test_a_count_set_to_what_was_left_yesterday_stays_that(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.set_stock(item=roll, available=2, reason="counted")
    assert stock() == (2, 5, MONDAY)
    assert moves() == [(5, "baked"), (-3, "ordered"), (0, "counted")]
    assert check_books() == []


def test_what_is_added_while_the_reset_is_due_comes_on_top_of_the_morning(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.restock(item=roll, quantity=4, reason="baked", actor=barista())
    assert stock() == (9, 5, MONDAY)
    assert moves()[2:] == [(7, "baked")]
    order(wanted(roll))
    assert stock() == (8, 5, MONDAY)
    assert check_books() == []


def test_a_count_keeps_its_morning_until_told_otherwise(roll: Item) -> None:
    services.set_stock(item=roll, available=3, reason="counted")
    assert stock() == (3, 5, SUNDAY)
    services.set_stock(item=roll, available=3, daily=7, reason="counted")
    assert stock() == (3, 7, SUNDAY)
    services.set_stock(item=roll, available=3, daily=None, reason="counted")
    assert stock() == (3, None, SUNDAY)


def test_a_morning_changed_today_counts_from_tomorrow(roll: Item, clock: Clock) -> None:
    services.set_stock(item=roll, available=1, daily=9, reason="counted")
    with pytest.raises(SoldOut):
        order(wanted(roll, quantity=2))
    clock.next_morning()
    order(wanted(roll, quantity=9))
    assert stock() == (0, 9, MONDAY)


@pytest.mark.parametrize("count", [{"available": -1}, {"available": 1_000_001}, {"available": 1, "daily": -1}])
def test_what_is_no_count_is_refused(roll: Item, count: dict[str, int]) -> None:
    with nothing_written(), pytest.raises(Invalid):
        services.set_stock(item=roll, reason="counted", **count)


@pytest.mark.parametrize("quantity", [0, -1, 999_996])
def test_what_cannot_be_added_is_refused(roll: Item, quantity: int) -> None:
    with nothing_written(), pytest.raises(Invalid):
        services.restock(item=roll, quantity=quantity, reason="baked")


def test_nothing_is_added_to_what_nobody_counts() -> None:
    item = croissant()
    with nothing_written(), pytest.raises(Invalid):
        services.restock(item=item, quantity=1, reason="baked")


# Restocked, or waste


def staff_client(person: User) -> Client:
    client = Client(headers={"Origin": "http://testserver"})
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


def at_the_bar(placed: Order, **fields: str) -> HttpResponse:
    client = staff_client(barista())
    return client.post(f"/admin/bar/{placed.token}/cancel/", {"seen": placed.status, "reason": "dropped", **fields})


def in_the_admin(placed: Order, **fields: str) -> HttpResponse:
    form = {"action": "cancel", "_selected_action": str(placed.pk), "reason": "dropped", **fields}
    return staff_client(manager()).post("/admin/orders/order/", form)


Cancel = Callable[..., HttpResponse]


@pytest.mark.parametrize("cancel", [at_the_bar, in_the_admin])
@pytest.mark.parametrize(
    ("steps", "ticks", "left"),
    [
        (0, {}, 5),  # not started: always restocked
        (0, {"restock": "on"}, 5),
        (1, {}, 3),  # started: waste, unless somebody says otherwise
        (1, {"restock": "on"}, 5),
        (2, {}, 3),
        (2, {"restock": "on"}, 5),
    ],
)
def test_staff_say_whether_what_was_made_goes_back(
    roll: Item, cancel: Cancel, steps: int, ticks: dict[str, str], left: int
) -> None:
    placed = order(wanted(roll, quantity=2))
    for _step in range(steps):
        services.advance_order(order=placed)
    assert cancel(placed, **ticks).status_code == 302
    assert Order.objects.get().status == Status.CANCELLED
    assert stock()[0] == left
    event = placed.events.last()
    assert event is not None
    assert (event.to_status, event.reason) == ("cancelled", "dropped")
    if left == 5:
        back = StockMove.objects.first()
        assert back is not None
        assert (back.delta, back.reason, back.order, back.actor) == (2, "cancelled", placed, event.actor)
    assert check_books() == []


@pytest.mark.parametrize("cancel", [at_the_bar, in_the_admin])
def test_a_cancel_gives_back_once(roll: Item, cancel: Cancel) -> None:
    placed = order(wanted(roll, quantity=2))
    cancel(placed)
    with nothing_written():
        cancel(placed, restock="on")
    assert stock()[0] == 5


def test_the_bar_asks_only_about_what_was_started(roll: Item) -> None:
    placed = order(wanted(roll))
    client = staff_client(barista())
    address = f"/admin/bar/{placed.token}/"
    assert 'name="restock"' not in client.get(address).content.decode()
    services.advance_order(order=placed)
    page = client.get(address).content.decode()
    assert '<input type="checkbox" name="restock">' in page  # not ticked: waste
    assert "else it is waste" in page


def test_the_admin_asks_before_it_cancels(roll: Item) -> None:
    placed = order(wanted(roll))
    form = {"action": "cancel", "_selected_action": str(placed.pk)}
    with nothing_written():
        page = staff_client(manager()).post("/admin/orders/order/", form).content.decode()
    assert 'name="reason"' in page
    assert 'name="restock"' in page
    assert "checked" not in page.partition('name="restock"')[2].partition(">")[0]


def test_by_itself_the_service_gives_back_only_what_was_not_started(roll: Item) -> None:
    waiting, started = order(wanted(roll)), order(wanted(roll))
    services.advance_order(order=started)
    services.cancel_order(order=waiting, actor=barista())
    services.cancel_order(order=started, actor=barista())
    assert stock()[0] == 4


# The admin's form


def count_in_admin(item: Item, **fields: str) -> HttpResponse:
    form = {"item": str(item.pk), "how": "set", "available": "", "daily": "", "reason": "counted"} | fields
    return staff_client(barista()).post("/admin/orders/stock/add/", form)


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


# A form that is sent late, twice, or for another change


def drawn(roll: Item) -> dict[str, str]:
    """Return the unchanged fields of a count's admin form."""
    page = staff_client(barista()).get(f"/admin/orders/stock/{Stock.objects.get(item=roll).pk}/change/")
    form = page.context["adminform"].form
    return {
        name: str(form[name].value() if form[name].value() is not None else "")
        for name in form.fields
        if name != "item"
    }


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
