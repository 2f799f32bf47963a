"""`services.place_order`: refusals, the idempotency key, the number and the day."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.errors import Invalid, KeyReused, PriceChanged, SoldOut, UnknownItem
from orders.models import Order
from orders.placing.lines import LineRequest
from orders.services import place_order, set_stock
from tests.harness.factories import americano, croissant, latte, nothing_written, order, wanted
from tests.orders.place_order.rows import left

pytestmark = pytest.mark.django_db


# Refusals


def test_an_unlisted_item_is_unknown() -> None:
    good, gone = wanted(croissant()), wanted(americano(is_listed=False))
    with nothing_written(), pytest.raises(UnknownItem) as refused:
        order(good, gone)
    assert refused.value.line == 1


@pytest.mark.parametrize("item_id", [0, -1, 999_999_999])
def test_an_item_that_never_was_is_unknown(item_id: int) -> None:
    with nothing_written(), pytest.raises(UnknownItem):
        order(LineRequest(item_id, (), 1))


@pytest.mark.parametrize("count", [0, 31])
def test_an_order_has_1_to_30_lines(count: int) -> None:
    line = wanted(americano(max_per_order=99))
    with nothing_written(), pytest.raises(Invalid):
        place_order(lines=[line] * count, customer_name="王芳")
    assert place_order(lines=[line] * 30, customer_name="王芳").lines.count() == 30


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_quantity_is_1_to_99(quantity: int) -> None:
    line = wanted(croissant(stock=5, max_per_order=99), quantity=quantity)
    with nothing_written(), pytest.raises(Invalid):
        order(line)


def test_the_most_per_order_counts_over_all_lines() -> None:
    drink = latte(max_per_order=3)
    lines = [wanted(drink, "Small", quantity=2), wanted(drink, "Large", quantity=2)]
    with nothing_written(), pytest.raises(Invalid) as refused:
        order(*lines)
    assert refused.value.line == 1
    order(lines[0], wanted(drink, "Large"))


def test_a_wrong_choice_names_its_line() -> None:
    good, wrong = wanted(croissant()), wanted(latte())
    with nothing_written(), pytest.raises(Invalid) as refused:
        order(good, wrong)
    assert refused.value.line == 1


def test_another_total_than_expected_is_a_changed_price() -> None:
    drink, roll = latte(stock=4), croissant()
    lines = [wanted(drink, "Large", quantity=2), wanted(roll)]
    with nothing_written(), pytest.raises(PriceChanged) as refused:
        order(*lines, expected_total=Decimal("77.99"))
    assert refused.value.total == Decimal("78.00")
    assert refused.value.unit_prices == (Decimal("31.00"), Decimal("16.00"))
    assert order(*lines, expected_total=Decimal(78)).total == Decimal("78.00")


# Idempotency key


def test_the_same_key_and_data_is_the_same_order() -> None:
    roll = croissant(stock=3)
    first = order(wanted(roll), submission_key="k", submission_hash="h")
    with nothing_written():
        assert order(wanted(roll), submission_key="k", submission_hash="h") == first
    assert left(roll) == 2


def test_the_same_key_with_other_data_is_refused() -> None:
    roll = croissant(stock=3)
    first = order(wanted(roll), submission_key="k", submission_hash="h")
    with nothing_written(), pytest.raises(KeyReused) as refused:
        order(wanted(roll), submission_key="k", submission_hash="other")
    assert refused.value.order == first


def test_an_empty_key_is_no_key() -> None:
    assert order(submission_key="") != order(submission_key="")
    assert all(key.startswith("own-") for key in Order.objects.values_list("submission_key", flat=True))


def test_a_refusal_is_not_remembered_under_its_key() -> None:
    roll = croissant(stock=0)
    with nothing_written(), pytest.raises(SoldOut):
        order(wanted(roll), submission_key="k", submission_hash="h")
    set_stock(item=roll, available=1, reason="baked")
    order(wanted(roll), submission_key="k", submission_hash="h")
    assert left(roll) == 0


# The number and the day


def test_numbers_have_three_digits_and_are_unique_on_their_day() -> None:
    numbers = [order().number for _number in range(30)]
    assert len(set(numbers)) == 30
    assert all(100 <= number <= 999 for number in numbers)


def test_when_all_three_digit_numbers_are_taken_there_is_a_longer_one() -> None:
    first = order()
    fields = {"business_day": first.business_day, "total": 0, "customer_name": "a"}
    others = (Order(number=number, **fields) for number in range(100, 1000) if number != first.number)
    Order.objects.bulk_create(others)
    assert 1000 <= order().number <= 99_999


def test_a_number_is_free_again_on_another_day() -> None:
    first = order()
    Order.objects.update(status="completed")
    day = {"total": 0, "customer_name": "a", "number": first.number, "business_day": date(2020, 1, 1)}
    assert Order.objects.create(**day).number == first.number


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 7, 15, 59, 59, 999_999, UTC), date(2026, 3, 7)),
        (datetime(2026, 3, 7, 16, 0, 0, 0, UTC), date(2026, 3, 8)),
        (datetime(2026, 12, 31, 15, 59, 59, 0, UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, 0, 0, UTC), date(2027, 1, 1)),
    ],
)
def test_the_business_day_is_the_local_one(monkeypatch: pytest.MonkeyPatch, moment: datetime, day: date) -> None:
    assert timezone.get_default_timezone_name() == "Asia/Shanghai"
    monkeypatch.setattr(timezone, "now", lambda: moment)
    placed = order()
    placed.refresh_from_db()
    assert (placed.business_day, placed.placed_at) == (day, moment)
