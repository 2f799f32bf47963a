"""A cancelled order's items are restocked, or waste."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.models import Order, Status, StockMove
from tests.harness.factories import barista, manager, nothing_written, order, wanted
from tests.orders.daily_count.clock import staff_client, stock
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def at_the_bar(placed: Order, **fields: str) -> HttpResponse:
    client = staff_client(barista())
    return client.post(f"/admin/bar/{placed.token}/cancel/", {"seen": placed.status, "reason": "dropped", **fields})


def in_the_admin(placed: Order, **fields: str) -> HttpResponse:
    form = {"action": "cancel", "_selected_action": str(placed.pk), "reason": "dropped", **fields}
    return staff_client(manager()).post("/admin/orders/order/", form)


Cancel = Callable[..., HttpResponse]


@pytest.mark.few_cases(6)
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
