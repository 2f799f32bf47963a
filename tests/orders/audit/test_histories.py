"""`check_books` reports nothing for a café's ordinary history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import strategies as st

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.errors import OrderError
from orders.models import Order, PaymentStatus, Stock
from tests.harness.factories import americano, barista, croissant, order, wanted
from tests.orders.audit.scene import Scene
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that moves the clock on by a day."""
    now = timezone.now
    days = [0]

    def move_on() -> None:
        days[0] += 1

    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days[0]))
    return move_on


# Ordinary histories, without a finding


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


# Random histories


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
