"""Every move of an order's status and payment: allowed ones write one event, all others write nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from orders import services
from orders.errors import NotAllowedNow
from orders.models import (
    ALLOWED_TRANSITIONS,
    CUSTOMER_TRANSITIONS,
    Order,
    OrderEvent,
    PaymentStatus,
    Status,
    Stock,
    StockMove,
)
from tests.harness.factories import barista, croissant, latte, manager, nothing_written, order, wanted

pytestmark = pytest.mark.django_db

Service = Callable[..., Order]

# The service calls that bring a new order to each status.
WAY_TO: dict[str, list[tuple[Service, dict[str, Any]]]] = {
    Status.PENDING: [],
    Status.PREPARING: [(services.advance_order, {})],
    Status.READY: [(services.advance_order, {})] * 2,
    Status.COMPLETED: [(services.advance_order, {})] * 3,
    Status.CANCELLED: [(services.cancel_order, {})],
    Status.NO_SHOW: [(services.advance_order, {})] * 2 + [(services.mark_no_show, {})],
}

# Each service's moves from status to status; from any other status it refuses.
MOVES: dict[str, tuple[Service, bool, dict[str, str]]] = {
    "advance": (
        services.advance_order,
        True,
        {"pending": "preparing", "preparing": "ready", "ready": "completed"},
    ),
    "undo": (
        services.undo_order,
        True,
        {"preparing": "pending", "ready": "preparing", "completed": "ready"},
    ),
    "cancel by staff": (
        services.cancel_order,
        True,
        {"pending": "cancelled", "preparing": "cancelled", "ready": "cancelled"},
    ),
    "cancel by the customer": (services.cancel_order, False, {"pending": "cancelled"}),
    "no-show": (services.mark_no_show, True, {"ready": "no_show"}),
    "restore": (services.restore_order, True, {"cancelled": "pending", "no_show": "ready"}),
}
PAYABLE = {"pending", "preparing", "ready", "completed"}


@pytest.fixture
def actor() -> User:
    return barista()


def order_that_is(status: str, **fields: Any) -> Order:
    placed = order(**fields) if fields else order(wanted(croissant(stock=9), quantity=2))
    for service, options in WAY_TO[status]:
        service(order=placed, actor=None if service is services.cancel_order else barista(), **options)
    placed.refresh_from_db()
    assert placed.status == status
    return placed


def last_event(placed: Order) -> tuple[str, str, User | None, str]:
    event = OrderEvent.objects.filter(order=placed).latest("pk")
    return event.from_status, event.to_status, event.actor, event.reason


def refused(service: Service, placed: Order, **options: Any) -> None:
    with nothing_written(), pytest.raises(NotAllowedNow):
        service(order=placed, **options)


@pytest.mark.few_cases(18)
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("move", MOVES)
def test_each_service_moves_exactly_what_the_table_allows(move: str, status: str, actor: User) -> None:
    service, by_staff, outcomes = MOVES[move]
    placed = order_that_is(status)
    who = {"actor": actor} if by_staff else {}
    if status not in outcomes:
        refused(service, placed, **who)
        assert Order.objects.get().status == status
        return
    before = OrderEvent.objects.count()
    moved = service(order=placed, **who)
    assert moved.status == outcomes[status]
    stored = Order.objects.get()
    assert stored.status == outcomes[status]
    assert stored.moved_at > stored.placed_at
    assert OrderEvent.objects.count() == before + 1
    assert last_event(placed) == (status, outcomes[status], actor if by_staff else None, "")


def test_the_services_make_every_allowed_move_and_no_other() -> None:
    made = {(before, after) for _service, _staff, outcomes in MOVES.values() for before, after in outcomes.items()}
    allowed = {(before.value, after.value) for before, moves in ALLOWED_TRANSITIONS.items() for after in moves}
    assert made == allowed
    assert {before.value: {after.value for after in moves} for before, moves in CUSTOMER_TRANSITIONS.items()} == {
        "pending": {"cancelled"}
    }


@pytest.mark.few_cases(12)
@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_an_advance_to_a_named_step_is_only_that_step(before: str, to: str, actor: User) -> None:
    placed = order_that_is(before)
    if MOVES["advance"][2].get(before) != to:
        refused(services.advance_order, placed, actor=actor, to=Status(to))
        return
    assert services.advance_order(order=placed, actor=actor, to=Status(to)).status == to


@pytest.mark.parametrize("move", MOVES)
def test_a_stale_order_loses(move: str, actor: User) -> None:
    service, by_staff, outcomes = MOVES[move]
    status = next(status for status in ("ready", "pending", "no_show") if status in outcomes)
    placed = order_that_is(status)
    stale = Order.objects.get(pk=placed.pk)
    move_on = services.restore_order if status == "no_show" else services.advance_order
    move_on(order=placed, actor=actor)
    refused(service, stale, **({"actor": actor} if by_staff else {}))


def test_two_touches_are_one_move(actor: User) -> None:
    placed = order()
    first, second = Order.objects.get(), Order.objects.get()
    services.advance_order(order=first, actor=actor)
    refused(services.advance_order, second, actor=actor)
    assert Order.objects.get().status == "preparing"
    assert placed.events.count() == 2


def test_an_order_that_came_back_may_go_forward_again(actor: User) -> None:
    placed = order_that_is("completed")
    for _step in range(3):
        services.undo_order(order=placed, actor=actor)
    for _step in range(3):
        services.advance_order(order=placed, actor=actor)
    assert list(placed.events.values_list("from_status", "to_status")) == [
        ("", "pending"),
        ("pending", "preparing"),
        ("preparing", "ready"),
        ("ready", "completed"),
        ("completed", "ready"),
        ("ready", "preparing"),
        ("preparing", "pending"),
        ("pending", "preparing"),
        ("preparing", "ready"),
        ("ready", "completed"),
    ]


# Cancelling


def test_a_reason_is_kept(actor: User) -> None:
    placed = order()
    services.cancel_order(order=placed, actor=actor, reason="milk is out 🥛")
    assert last_event(placed) == ("pending", "cancelled", actor, "milk is out 🥛")


def left() -> int:
    return Stock.objects.get().available


def given_back() -> list[tuple[int, User | None]]:
    return [(move.delta, move.actor) for move in StockMove.objects.filter(reason="cancelled")]


def test_a_customer_who_cancels_gives_the_stock_back_once() -> None:
    placed = order_that_is("pending")
    stale = Order.objects.get()
    assert left() == 7
    services.cancel_order(order=placed)
    assert left() == 9
    assert given_back() == [(2, None)]
    refused(services.cancel_order, placed)
    refused(services.cancel_order, stale)
    assert left() == 9


def test_stock_goes_back_by_the_sum_of_the_lines() -> None:
    drink = latte(stock=9)
    placed = order(wanted(drink, "Small", quantity=2), wanted(drink, "Large"))
    services.cancel_order(order=placed)
    assert left() == 9
    assert given_back() == [(3, None)]


@pytest.mark.parametrize(
    ("status", "restock", "back"),
    [
        ("pending", None, 2),
        ("pending", True, 2),
        ("pending", False, 0),
        ("preparing", None, 0),
        ("preparing", True, 2),
        ("preparing", False, 0),
        ("ready", None, 0),
        ("ready", True, 2),
        ("ready", False, 0),
    ],
)
def test_what_was_made_is_waste_unless_staff_says_otherwise(
    status: str, restock: bool | None, back: int, actor: User
) -> None:
    placed = order_that_is(status)
    services.cancel_order(order=placed, actor=actor, restock=restock)
    assert left() == 7 + back
    assert given_back() == ([(2, actor)] if back else [])


def test_nothing_goes_back_for_an_item_that_nobody_counted_then() -> None:
    roll = croissant()
    placed = order(wanted(roll, quantity=2))
    services.set_stock(item=roll, available=5, reason="counted")
    services.cancel_order(order=placed)
    assert left() == 5
    assert given_back() == []


def test_nothing_goes_back_for_an_item_that_nobody_counts_now() -> None:
    roll = croissant(stock=5)
    placed = order(wanted(roll, quantity=2))
    services.set_stock(item=roll, available=None, reason="enough for all")
    services.cancel_order(order=placed)
    assert not Stock.objects.exists()
    assert given_back() == []


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_closing_an_order_moves_no_stock(status: str) -> None:
    order_that_is(status)
    assert left() == 7
    assert StockMove.objects.count() == 2  # counted, ordered


# Paying


@pytest.mark.parametrize("status", Status.values)
def test_an_open_or_completed_order_can_be_paid_once(status: str, actor: User) -> None:
    placed = order_that_is(status)
    if status not in PAYABLE:
        refused(services.mark_paid, placed, actor=actor)
        return
    before = OrderEvent.objects.count()
    assert services.mark_paid(order=placed, actor=actor).payment_status == "paid"
    stored = Order.objects.get()
    assert (stored.status, stored.payment_status) == (status, "paid")
    assert OrderEvent.objects.count() == before + 1
    assert last_event(placed) == ("unpaid", "paid", actor, "")
    refused(services.mark_paid, placed, actor=actor)


@pytest.mark.parametrize("status", Status.values)
def test_only_a_paid_order_can_be_refunded_and_once(status: str, actor: User) -> None:
    boss = manager()
    placed = order_that_is("pending")
    refused(services.refund_order, placed, actor=boss)
    services.mark_paid(order=placed, actor=actor)
    for service, options in WAY_TO[status]:
        service(order=placed, actor=actor, **options)
    assert services.refund_order(order=placed, actor=boss, reason="cold").payment_status == "refunded"
    assert last_event(placed) == ("paid", "refunded", boss, "cold")
    stored = Order.objects.get()
    assert (stored.status, stored.payment_status) == (status, PaymentStatus.REFUNDED)
    refused(services.refund_order, placed, actor=boss)
    refused(services.mark_paid, placed, actor=actor)


def test_a_stale_order_cannot_be_paid_twice(actor: User) -> None:
    placed = order()
    stale = Order.objects.get()
    services.mark_paid(order=placed, actor=actor)
    refused(services.mark_paid, stale, actor=actor)


def test_the_numbers_of_statements_of_a_move_are_two(actor: User, django_assert_num_queries: Any) -> None:
    placed = order()
    with django_assert_num_queries(2 + 2):  # UPDATE, INSERT, and the test's own savepoint
        services.advance_order(order=placed, actor=actor)
