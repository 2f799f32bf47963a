"""`check_books` reports each damaged row in one line, and reports nothing for a café's ordinary history."""

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import F, ProtectedError
from django.test import Client
from django.utils import timezone
from hypothesis import strategies as st

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.errors import OrderError
from orders.models import Order, OrderEvent, OrderLine, PaymentStatus, Status, Stock, StockMove
from tests.harness.factories import americano, barista, croissant, latte, manager, nothing_written, order, wanted
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, execute
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture

Damage = Callable[[Order], object]


class Scene:
    """An order of two counted croissants and a latte, ready and paid, with its events and the croissants' stock."""

    def __init__(self) -> None:
        self.roll, self.latte = croissant(stock=5), latte()
        self.order = order(wanted(self.roll, quantity=2), wanted(self.latte, "Small"))
        services.advance_order(order=self.order)
        services.advance_order(order=self.order)
        services.mark_paid(order=self.order)
        self.where = f"order {self.order.pk} (number {self.order.number} of {self.order.business_day})"
        self.of_roll = f"stock of item {self.roll.pk}"
        self.events = list(self.order.events.all())

    def words(self, line: str) -> str:
        """Fill this scene's ids into the text of an expected finding."""
        ids = {f"event{place}": event.pk for place, event in enumerate(self.events)}
        return line.format(order=self.where, stock=self.of_roll, roll=self.roll.pk, latte=self.latte.pk, **ids)


@pytest.fixture
def scene() -> Scene:
    return Scene()


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


def add_event(old: str, new: str) -> Damage:
    return lambda order: OrderEvent.objects.create(order=order, from_status=old, to_status=new)


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


# The command in its own process and connection, after unique indexes were dropped


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[RunningCafe]:
    """A café (not started) with the sample menu on a database of its own."""
    name = f"test_books_{secrets.token_hex(4)}"
    execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    cafe = RunningCafe(tmp_path, {key: os.environ[key] for key in MariaDB(tmp_path).env()} | {"DB_NAME": name})
    cafe.prepare()
    yield cafe
    execute(f"DROP DATABASE {name}")


TWO_ORDERS = """
from menu.options.selection import default_choice
from menu.catalogue.current import current_menu
from orders.placing.lines import LineRequest
from orders.services import place_order
item = current_menu().item("americano")
line = LineRequest(item.id, tuple(option.id for option in default_choice(item)), 1)
for key in "ab":
    place_order(lines=[line], customer_name="王芳", submission_key=key)
"""
THE_SAME_TWICE = """
from django.db import connection
from orders.models import Order
with connection.cursor() as cursor:
    for name, found in connection.introspection.get_constraints(cursor, "orders_order").items():
        if found["unique"] and found["columns"] not in (["id"], ["token"]):
            cursor.execute(f"ALTER TABLE orders_order DROP INDEX {name}")
Order.objects.update(submission_key="a", number=123)
"""


@pytest.mark.needs_mariadb
def test_the_command_reads_committed_rows_and_finds_what_a_lost_index_let_in(cafe: RunningCafe) -> None:
    cafe.manage("shell", "--verbosity=0", "-c", TWO_ORDERS)
    assert cafe.manage("check_books") == "The books agree.\n"
    cafe.manage("shell", "--verbosity=0", "-c", THE_SAME_TWICE)
    with pytest.raises(AssertionError) as failure:
        cafe.manage("check_books")
    assert str(failure.value).splitlines()[1:] == [
        "submission_key a: 2 orders have it",
        f"business_day {timezone.localdate()} and number 123: 2 orders have it",
        "open_number 123: 2 orders have it",
        "The books do not agree: 3 findings.",
    ]


# The page in admin


@pytest.mark.django_db
class TestThePage:
    ADDRESS = "/admin/orders/order/books/"

    def signed_in(self, person: object = None) -> Client:
        client = Client(headers={"Origin": "http://testserver"})
        client.force_login(person or manager())  # type: ignore[arg-type]
        client.cookies["django_language"] = "en"
        return client

    def test_it_reads_nothing_before_it_is_asked(self, scene: Scene, django_assert_max_num_queries: Callable) -> None:
        client = self.signed_in()
        client.get(self.ADDRESS)
        with django_assert_max_num_queries(8):
            page = client.get(self.ADDRESS)
        assert "Check now" in page.content.decode()
        assert "The books agree." not in page.content.decode()

    def test_it_says_that_the_books_agree(self, scene: Scene, books_in_this_transaction: None) -> None:  # noqa: F811
        assert "The books agree." in self.signed_in().post(self.ADDRESS).content.decode()

    def test_it_lists_what_is_off(self, scene: Scene, books_in_this_transaction: None) -> None:  # noqa: F811
        Order.objects.update(total=1)
        page = self.signed_in().post(self.ADDRESS).content.decode()
        assert "1 thing is off:" in page
        assert f"<li>{scene.where}: its total is 1.00, but its lines add up to 57.00</li>" in page
        assert "The books agree." not in page

    def test_the_list_of_orders_leads_to_it(self) -> None:
        assert self.ADDRESS in self.signed_in().get("/admin/orders/order/").content.decode()

    def test_it_is_for_staff(self) -> None:
        assert Client().get(self.ADDRESS).status_code == 302
        assert Client(headers={"Origin": "http://testserver"}).post(self.ADDRESS).status_code == 302

    def test_staff_who_may_not_see_orders_may_not_see_it(self) -> None:
        from django.contrib.auth.models import User

        helper = User.objects.create(username="helper", is_staff=True)
        assert self.signed_in(helper).get(self.ADDRESS).status_code == 403


# Ordinary histories, without a finding


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that moves the clock on by a day."""
    now = timezone.now
    days = [0]

    def move_on() -> None:
        days[0] += 1

    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days[0]))
    return move_on


@pytest.mark.django_db
@pytest.mark.usefixtures("books_in_this_transaction")
class TestItIsNotConfusedBy:
    def test_an_empty_cafe(self) -> None:
        assert check_books() == []

    def test_a_renamed_slug(self, scene: Scene) -> None:
        Item.objects.filter(pk=scene.roll.pk).update(slug="pain", name_en="Pain")
        croissant(stock=9)
        order(wanted(Item.objects.get(slug="pain")), wanted(Item.objects.get(slug="croissant")))
        services.cancel_order(order=scene.order, actor=barista(), restock=True)
        assert check_books() == []

    def test_a_changed_price(self, scene: Scene) -> None:
        Item.objects.update(price=1)
        assert check_books() == []

    def test_two_lines_of_one_item(self) -> None:
        roll = croissant(stock=5)
        services.cancel_order(order=order(wanted(roll), wanted(roll, quantity=2)))
        assert Stock.objects.get().available == 5
        assert check_books() == []

    def test_a_daily_reset(self, scene: Scene, tomorrow: Callable[[], None]) -> None:
        services.set_stock(item=scene.roll, available=2, daily=6, reason="counted")
        order(wanted(scene.roll))
        tomorrow()
        assert check_books() == []
        order(wanted(scene.roll, quantity=3))
        services.cancel_order(order=scene.order, actor=barista(), restock=True)
        assert Stock.objects.get().available == 3
        assert check_books() == []

    def test_tracking_begun_at_noon(self) -> None:
        roll = croissant()
        before_noon = order(wanted(roll, quantity=2))
        services.set_stock(item=roll, available=5, reason="counted")
        after_noon = order(wanted(roll))
        services.cancel_order(order=before_noon)
        assert Stock.objects.get().available == 4
        services.cancel_order(order=after_noon)
        assert Stock.objects.get().available == 5
        assert check_books() == []

    def test_tracking_stopped_and_begun_again(self, scene: Scene) -> None:
        services.set_stock(item=scene.roll, available=None, reason="no more counting")
        assert check_books() == []
        uncounted = order(wanted(scene.roll, quantity=4))
        services.set_stock(item=scene.roll, available=7, reason="counted")
        services.cancel_order(order=uncounted)
        services.cancel_order(order=scene.order, actor=barista(), restock=True)
        assert Stock.objects.get().available == 7, "neither had claimed from this count"
        assert check_books() == []

    def test_a_cancel_while_nobody_counts(self, scene: Scene) -> None:
        services.set_stock(item=scene.roll, available=None, reason="no more counting")
        services.cancel_order(order=scene.order, actor=barista(), restock=True)
        assert not Stock.objects.exists()
        assert check_books() == []

    def test_a_deleted_item(self, scene: Scene) -> None:
        with pytest.raises(ProtectedError):
            scene.roll.delete()
        services.set_stock(item=scene.roll, available=None, reason="no longer sold")
        scene.roll.delete()
        assert check_books() == []
        services.cancel_order(order=scene.order, actor=barista(), restock=True)
        croissant(stock=3)
        assert check_books() == []

    @pytest.mark.parametrize("restock", [True, False])
    def test_a_cancel(self, scene: Scene, restock: bool) -> None:
        services.cancel_order(order=scene.order, actor=barista(), restock=restock)
        assert Stock.objects.get().available == (5 if restock else 3)
        assert check_books() == []

    def test_a_status_gone_back_and_forth(self, scene: Scene) -> None:
        services.undo_order(order=scene.order)
        services.undo_order(order=scene.order)
        services.advance_order(order=scene.order)
        services.refund_order(order=scene.order)
        assert check_books() == []

    def test_more_orders_than_a_page(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("orders.audit.PAGE", 2)
        others = [order(wanted(scene.latte, "Small")) for _other in range(4)]
        assert check_books() == []
        Order.objects.filter(pk=others[-1].pk).update(total=1)
        assert [finding.what for finding in check_books()] == ["its total is 1.00, but its lines add up to 25.00"]


# Random histories

STEPS = st.one_of(
    st.tuples(st.just("order"), st.integers(1, 3), st.integers(0, 2)),
    st.tuples(st.sampled_from(["advance", "undo", "no_show", "paid", "refund"]), st.integers(0, 9), st.none()),
    st.tuples(st.sampled_from(["restore", "hand_over", "gone", "refund_and_cancel"]), st.integers(0, 9), st.none()),
    st.tuples(st.just("payment"), st.integers(0, 9), st.sampled_from(PaymentStatus.values)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.sampled_from([None, True, False])),
    st.tuples(st.just("set"), st.sampled_from([None, 0, 1, 5]), st.sampled_from([services.UNSET, None, 0, 4])),
    st.tuples(st.just("add"), st.integers(1, 3), st.none()),
    st.tuples(st.just("sleep"), st.integers(1, 2), st.none()),
)


@pytest.mark.django_db
@pytest.mark.usefixtures("books_in_this_transaction")
def test_after_any_history_the_books_agree_and_no_count_is_negative(
    full_size: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll, drink, staff = croissant(stock=3), americano(), barista()
    clock = [datetime(2026, 3, 1, 4, tzinfo=UTC)]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    services.set_stock(item=roll, available=3, daily=3, reason="counted")

    def step(what: str, first: int, second: object) -> None:
        placed = list(Order.objects.order_by("pk"))
        if what == "order":
            order(wanted(roll, quantity=first), *[wanted(drink)] * int(str(second)))
        elif what == "set":
            services.set_stock(item=roll, available=first, daily=second, reason="counted")  # type: ignore[arg-type]
        elif what == "add":
            services.restock(item=roll, quantity=first, reason="baked")
        elif what == "sleep":
            clock[0] += timedelta(days=first)
        elif placed:
            chosen = placed[-1 - first % len(placed)]
            does = {
                "advance": services.advance_order,
                "undo": services.undo_order,
                "no_show": services.mark_no_show,
                "paid": services.mark_paid,
                "refund": services.refund_order,
                "restore": services.restore_order,
                "hand_over": services.hand_over_paid,
                "gone": partial(services.hand_over_unpaid, reason="left"),
                "refund_and_cancel": partial(services.refund_order, cancel=True),
            }
            if what == "payment":
                services.move_payment(order=chosen, actor=staff, to=PaymentStatus(second))
            elif what == "cancel":
                services.cancel_order(order=chosen, actor=staff, restock=second)  # type: ignore[arg-type]
            else:
                does[what](order=chosen, actor=staff)

    @tried(1000 if full_size else 25, history=st.lists(STEPS, min_size=1, max_size=14))
    def each_history(history: list[tuple[str, int, object]]) -> None:
        clock[0] = datetime(2026, 3, 1, 4, tzinfo=UTC)
        for what, first, second in history:
            try:
                step(what, first, second)
            except OrderError:
                continue
        assert check_books() == []
        assert all(stock.available >= 0 for stock in Stock.objects.all())
