"""`check_books` reports each damaged row in one line."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import F

from orders import services
from orders.audit import check_books
from orders.models import Order, OrderEvent, OrderLine, PaymentStatus, Status, Stock, StockMove
from tests.harness.factories import barista, nothing_written, order, wanted
from tests.orders.audit.scene import Damage, Scene
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture


def command() -> tuple[int, list[str]]:
    """Run `manage.py check_books`; return its exit status and the lines that it printed."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_books", stdout=out, stderr=err)
    except SystemExit as end:
        findings = len(out.getvalue().splitlines())
        assert err.getvalue().startswith(f"The books do not agree: {findings} findings.")
        return int(str(end.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def change(model: type, **fields: object) -> Damage:
    return lambda order: model.objects.filter(**of(model, order)).update(**fields)  # type: ignore[attr-defined]


def of(model: type, order: Order) -> dict[str, object]:
    if model is Order:
        return {"pk": order.pk}
    return {"item__slug": "croissant"} if model is Stock else {"order": order}


def again(move: StockMove) -> None:
    move.pk = None
    move.save()


def move_of(order: Order) -> StockMove:
    return StockMove.objects.get(order=order)


def remove_event(place: int) -> Damage:
    return lambda order: order.events.all()[place].delete()


def remove_line(slug: str) -> Damage:
    return lambda order: order.lines.filter(item_slug=slug).delete()


def give_back(order: Order, quantity: int = 2) -> None:
    item_id = order.lines.get(item_slug="croissant").item_id
    StockMove.objects.create(item_id=item_id, delta=quantity, reason="cancelled", order=order)
    Stock.objects.filter(item_id=item_id).update(available=F("available") + quantity)


# Each damage, and every line that check_books then prints.
DAMAGES: dict[str, tuple[Damage, list[str]]] = {
    "a count changed by hand": (
        change(Stock, available=4),
        ["{stock}: the count is 4, but its moves add up to 3"],
    ),
    "the opening move missing": (
        lambda order: StockMove.objects.filter(order=None).delete(),
        ["{stock}: the count is 3, but its moves add up to -2"],
    ),
    "an order's move missing": (
        lambda order: move_of(order).delete(),
        [
            "{stock}: the count is 3, but its moves add up to 5",
            "{order}: item {roll}: 2 were counted off, but its moves are []",
        ],
    ),
    "an order's move doubled": (
        lambda order: again(move_of(order)),
        [
            "{stock}: the count is 3, but its moves add up to 1",
            "{order}: item {roll}: 2 were counted off, but its moves are [-2, -2]",
        ],
    ),
    "an order's move changed, and the count with it": (
        lambda order: (change(StockMove, delta=-1)(order), change(Stock, available=4)(order)),
        ["{order}: item {roll}: 2 were counted off, but its moves are [-1]"],
    ),
    "a move for a line that was not counted": (
        lambda order: StockMove.objects.create(
            item_id=order.lines.get(item_slug="latte").item_id, delta=-1, reason="ordered", order=order
        ),
        [
            "stock of item {latte}: nobody counts it, but its moves add up to -1, not to 0",
            "{order}: item {latte}: 0 were counted off, but its moves are [-1]",
        ],
    ),
    "a count that has vanished": (
        lambda order: Stock.objects.all().delete(),
        ["stock of item {roll}: nobody counts it, but its moves add up to 3, not to 0"],
    ),
    "given back though not cancelled": (
        give_back,
        ["{order}: item {roll}: moves back to stock [2] do not fit an order that is ready"],
    ),
    "given back twice": (
        lambda order: (services.cancel_order(order=order, actor=barista(), restock=True), give_back(order)),
        ["{order}: item {roll}: moves back to stock [2, 2] do not fit an order that is cancelled"],
    ),
    "more given back than was taken": (
        lambda order: (services.cancel_order(order=order, actor=barista(), restock=False), give_back(order, 3)),
        ["{order}: item {roll}: moves back to stock [3] do not fit an order that is cancelled"],
    ),
    "the total changed": (
        change(Order, total=1),
        ["{order}: its total is 1.00, but its lines add up to 57.00"],
    ),
    "a line removed": (
        remove_line("latte"),
        ["{order}: its total is 57.00, but its lines add up to 32.00"],
    ),
    "a counted line removed": (
        remove_line("croissant"),
        [
            "{order}: its total is 57.00, but its lines add up to 25.00",
            "{order}: item {roll}: 0 were counted off, but its moves are [-2]",
        ],
    ),
    "every line removed": (
        lambda order: order.lines.all().delete(),
        ["{order}: it has no lines", "{order}: item {roll}: 0 were counted off, but its moves are [-2]"],
    ),
    "a price changed": (
        lambda order: order.lines.filter(item_slug="latte").update(unit_price=20),
        ["{order}: its total is 57.00, but its lines add up to 52.00"],
    ),
    "a quantity changed": (
        lambda order: order.lines.filter(item_slug="croissant").update(quantity=3),
        [
            "{order}: its total is 57.00, but its lines add up to 73.00",
            "{order}: item {roll}: 3 were counted off, but its moves are [-2]",
        ],
    ),
    "a line no longer known as counted": (
        change(OrderLine, was_counted=False),
        ["{order}: item {roll}: 0 were counted off, but its moves are [-2]"],
    ),
    "a line wrongly known as counted": (
        change(OrderLine, was_counted=True),
        ["{order}: item {latte}: 1 were counted off, but its moves are []"],
    ),
    "a status set by hand": (
        change(Order, status=Status.COMPLETED),
        ["{order}: its status is completed, but its events end at ready"],
    ),
    "the first event removed": (
        remove_event(0),
        ["{order}: event {event1}: status moved pending → preparing when it was new"],
    ),
    "an event in the middle removed": (
        remove_event(1),
        ["{order}: event {event2}: status moved preparing → ready when it was pending"],
    ),
    "the last event of the status removed": (
        remove_event(2),
        ["{order}: its status is ready, but its events end at preparing"],
    ),
    "every event removed": (
        lambda order: order.events.all().delete(),
        [
            "{order}: its status is ready, but its events end at nothing",
            "{order}: its payment is paid, but its events end at unpaid",
        ],
    ),
    "a move that is not allowed": (
        lambda order: (
            OrderEvent.objects.filter(to_status=Status.PREPARING).delete(),
            OrderEvent.objects.filter(to_status=Status.READY).update(from_status=Status.PENDING),
        ),
        ["{order}: event {event2}: status moved pending → ready when it was pending"],
    ),
    "a payment moved as no payment may": (
        lambda order: (
            OrderEvent.objects.filter(to_status="paid").update(to_status="refunded"),
            change(Order, payment_status=PaymentStatus.REFUNDED)(order),
        ),
        ["{order}: event {event3}: payment moved unpaid → refunded when it was unpaid"],
    ),
    "written off before it was handed over": (
        lambda order: (
            OrderEvent.objects.filter(to_status="paid").update(to_status="written_off"),
            change(Order, payment_status=PaymentStatus.WRITTEN_OFF)(order),
        ),
        ["{order}: event {event3}: payment moved unpaid → written_off when it was unpaid"],
    ),
    "claimed again though never given back": (
        lambda order: StockMove.objects.filter(reason="counted").update(delta=7) and again(move_of(order)),
        ["{order}: item {roll}: 2 were counted off, but its moves are [-2, -2]"],
    ),
    "the payment set by hand": (
        change(Order, payment_status=PaymentStatus.REFUNDED),
        ["{order}: its payment is refunded, but its events end at paid"],
    ),
    "the payment's event removed": (
        remove_event(3),
        ["{order}: its payment is paid, but its events end at unpaid"],
    ),
}


@pytest.mark.few_cases(15)
@pytest.mark.django_db
@pytest.mark.usefixtures("books_in_this_transaction")
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_told(scene: Scene, damage: str) -> None:
    assert command() == (0, ["The books agree."])
    do, lines = DAMAGES[damage]
    do(scene.order)
    with nothing_written():
        assert command() == (1, [scene.words(line) for line in lines])


@pytest.mark.django_db
@pytest.mark.usefixtures("books_in_this_transaction")
def test_a_payment_noted_twice_is_found(scene: Scene) -> None:
    twice = OrderEvent.objects.create(order=scene.order, from_status="unpaid", to_status="paid")
    assert command() == (1, [f"{scene.where}: event {twice.pk}: payment moved unpaid → paid when it was paid"])


@pytest.mark.django_db
@pytest.mark.usefixtures("books_in_this_transaction")
def test_everything_that_is_off_is_told_at_once(scene: Scene) -> None:
    other = order(wanted(scene.latte, "Large"))
    Order.objects.update(total=3)
    Stock.objects.update(available=0)
    assert [finding.where for finding in check_books()] == [
        scene.of_roll,
        scene.where,
        f"order {other.pk} (number {other.number} of {other.business_day})",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "damage",
    [
        change(Order, total=-1),
        change(Order, status="lost"),
        change(Order, payment_status="lent"),
        change(OrderLine, quantity=0),
        change(OrderLine, unit_price=-1),
        change(Stock, available=-1),
        lambda order: Order.objects.create(number=order.number, business_day=order.business_day, total=0),
    ],
)
def test_some_damage_the_database_refuses(scene: Scene, damage: Damage) -> None:
    with nothing_written(), pytest.raises(DatabaseError), transaction.atomic():
        damage(scene.order)
