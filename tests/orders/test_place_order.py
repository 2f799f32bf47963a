"""`services.place_order`: one transaction, prices read from the database, stock claimed by conditional UPDATE."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from menu.models import Item, Option, OptionGroup
from orders.errors import Invalid, KeyReused, PriceChanged, SoldOut, UnknownItem
from orders.models import Order, OrderEvent, Stock, StockMove
from orders.placing.lines import LineRequest
from orders.placing.sellable_items import items_with_ids
from orders.services import place_order, set_stock
from tests.harness.factories import americano, croissant, item, latte, nothing_written, option, order, wanted

pytestmark = pytest.mark.django_db


STATEMENT = re.compile(r"\(?(SELECT).*? FROM .(\w+)|(INSERT) INTO .(\w+)|(UPDATE) .(\w+)", re.DOTALL)


def statements(use_case: Callable[[], object]) -> list[str]:
    """Run a use case and return its SQL statements as "VERB table", without transaction control."""
    with CaptureQueriesContext(connection) as captured:
        use_case()
    sent = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    found = [STATEMENT.match(sql) for several in sent for sql in several.split("; ")]  # several in one round trip
    return [" ".join(filter(None, match.groups())) if match else "?" for match in found]


def moves_of(placed: Order) -> list[tuple[int, int, str]]:
    return list(placed.stock_moves.order_by("pk").values_list("item_id", "delta", "reason"))


def left(counted: Item) -> int:
    return Stock.objects.get(item=counted).available


# What is written


def test_an_order_is_pending_and_unpaid_with_its_event() -> None:
    placed = order(customer_name="王芳", phone="+8613800138000", note="少冰", fulfilment="here", language="en")
    placed.refresh_from_db()
    assert (placed.status, placed.payment_status) == ("pending", "unpaid")
    assert (placed.customer_name, placed.phone, placed.note) == ("王芳", "+8613800138000", "少冰")
    assert (placed.fulfilment, placed.language) == ("here", "en")
    assert placed.submission_key.startswith("own-"), "one of our own, to look the order up by"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", placed.token)
    event = OrderEvent.objects.get()
    assert (event.order_id, event.from_status, event.to_status, event.actor) == (placed.pk, "", "pending", None)
    assert event.at == placed.placed_at == placed.moved_at


def test_lines_copy_names_options_and_prices() -> None:
    drink = latte()
    placed = order(wanted(drink, "Vanilla", "Large", quantity=2))
    line = placed.lines.get()
    large, vanilla = option(drink, "Large"), option(drink, "Vanilla")
    Item.objects.update(name_en="Other", name_zh_hans="别的", slug="other", price="1")
    Option.objects.update(name_en="Other", name_zh_hans="别的")
    line.refresh_from_db()
    assert (line.item_id, line.item_slug, line.name_en, line.name_zh_hans) == (drink.pk, "latte", "Latte", "拿铁")
    assert (line.unit_price, line.quantity, line.was_counted) == (Decimal("34.00"), 2, False)
    assert line.options == [
        {"id": large.pk, "name_en": "Large", "name_zh_hans": "大杯", "price_delta": "6.00"},
        {"id": vanilla.pk, "name_en": "Vanilla", "name_zh_hans": "香草", "price_delta": "3.00"},
    ]


def test_the_total_is_the_sum_of_the_lines() -> None:
    placed = order(wanted(latte(), "Large", quantity=3), wanted(croissant(price="0.10"), quantity=3))
    assert placed.total == Decimal("93.30")
    assert placed.total == sum(line.unit_price * line.quantity for line in placed.lines.all())


def test_the_price_is_the_databases_of_this_moment() -> None:
    drink = latte()
    Item.objects.update(price="30.00")
    Option.objects.filter(name_en="Large").update(price_delta="7.50")
    assert order(wanted(drink, "Large")).total == Decimal("37.50")


def test_a_discount_never_makes_a_price_negative() -> None:
    drink = latte(price="2.00")
    Option.objects.filter(name_en="Large").update(price_delta="-5.00")
    assert order(wanted(drink, "Large")).total == 0


# Stock


def test_counted_items_are_claimed_with_one_move_each() -> None:
    roll, drink = croissant(stock=5), americano(stock=9)
    placed = order(wanted(roll, quantity=2), wanted(drink))
    assert (left(roll), left(drink)) == (3, 8)
    assert sorted(moves_of(placed)) == sorted([(roll.pk, -2, "ordered"), (drink.pk, -1, "ordered")])
    assert all(line.was_counted for line in placed.lines.all())


def test_an_item_that_nobody_counts_leaves_no_move() -> None:
    placed = order(wanted(americano()))
    assert moves_of(placed) == []
    assert not placed.lines.get().was_counted
    assert not Stock.objects.exists()


def test_two_lines_of_one_item_are_one_need() -> None:
    drink = latte(stock=3)
    placed = order(wanted(drink, "Small", quantity=2), wanted(drink, "Large"))
    assert left(drink) == 0
    assert moves_of(placed) == [(drink.pk, -3, "ordered")]


def test_two_lines_that_are_too_many_together_are_sold_out() -> None:
    drink = latte(stock=2)
    lines = [wanted(drink, "Small"), wanted(drink, "Large", quantity=2)]
    with nothing_written(), pytest.raises(SoldOut) as refused:
        order(*lines)
    assert [(one.item_id, one.left) for one in refused.value.shortages] == [(drink.pk, 2)]


def test_the_last_one_is_sold_once() -> None:
    roll = croissant(stock=1)
    order(wanted(roll))
    assert left(roll) == 0
    with nothing_written(), pytest.raises(SoldOut):
        order(wanted(roll))


def test_every_shortage_is_reported() -> None:
    roll, drink, cake = croissant(stock=1), americano(stock=0), item("cake", stock=9)
    lines = [wanted(roll, quantity=2), wanted(drink), wanted(cake)]
    with nothing_written(), pytest.raises(SoldOut) as refused:
        order(*lines)
    assert {(one.item_id, one.left) for one in refused.value.shortages} == {(roll.pk, 1), (drink.pk, 0)}
    assert "1" in refused.value.message


def test_an_item_switched_off_is_sold_out() -> None:
    line = wanted(croissant(stock=5, is_available=False))
    with nothing_written(), pytest.raises(SoldOut):
        order(line)


def test_an_item_whose_required_options_are_all_gone_is_sold_out() -> None:
    line = wanted(latte(), "Small")
    Option.objects.filter(group__name_en="Size").update(is_available=False)
    with nothing_written(), pytest.raises(SoldOut):
        order(line)


def test_an_option_that_is_gone_is_sold_out() -> None:
    line = wanted(latte(), "Small", "Vanilla")
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    with nothing_written(), pytest.raises(SoldOut):
        order(line)


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


# Statements

FIXED = [
    "SELECT orders_order",  # by idempotency key: is it placed already? And a free number
    "SELECT menu_item",  # with groups, options and stock: one statement is a consistent read
    "INSERT orders_order",
    "INSERT orders_orderline",
    "INSERT orders_orderevent",
]
MOVES, CLAIM = "INSERT orders_stockmove", "UPDATE orders_stock"


def test_an_order_of_nothing_counted_takes_five_statements_with_options_or_without() -> None:
    plain, choosy = wanted(americano()), wanted(latte(), "Small")
    assert sorted(statements(lambda: order(plain))) == sorted(FIXED)
    assert sorted(statements(lambda: order(plain, choosy))) == sorted(FIXED)


def test_items_are_read_by_one_statement_whatever_their_number() -> None:
    ids = [item(f"cake-{number}").pk for number in range(30)]
    for some in (ids[:1], ids):
        assert statements(lambda some=some: items_with_ids(some)) == ["SELECT menu_item"]  # type: ignore[misc]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_order_takes_a_fixed_number_of_statements_and_one_update_per_counted_item(count: int) -> None:
    lines = [wanted(item(f"cake-{number}", stock=9)) for number in range(count)]
    taken = statements(lambda: order(*lines))
    assert sorted(taken) == sorted([*FIXED, MOVES, *[CLAIM] * count])
    assert taken[-count - 1 :] == [MOVES, *[CLAIM] * count], "the claim is the last thing in the transaction"


def test_many_lines_of_one_counted_item_take_one_update() -> None:
    drink = latte(stock=20)
    lines = [wanted(drink, "Small"), wanted(drink, "Large"), wanted(drink, "Small", "Cream")]
    assert statements(lambda: order(*lines)).count(CLAIM) == 1


def test_a_key_takes_no_statement_more() -> None:
    line = wanted(americano())
    taken = statements(lambda: order(line, submission_key="k", submission_hash="h"))
    assert sorted(taken) == sorted(FIXED)


def test_stock_is_claimed_by_a_condition_in_the_order_of_its_keys() -> None:
    rolls = [item(f"cake-{number}", stock=9) for number in range(3)]
    with CaptureQueriesContext(connection) as captured:
        order(*[wanted(roll, quantity=2) for roll in reversed(rolls)])
    sent = [statement for query in captured for statement in query["sql"].split("; ")]
    claims = [statement for statement in sent if statement.startswith("UPDATE")]
    keys = [int(re.search(r"id[`\"] = \(?(\d+)", claim)[1]) for claim in claims]  # type: ignore[index]
    assert keys == sorted(Stock.objects.values_list("pk", flat=True))
    assert all(re.search(r"available[`\"] >= \(?2", claim) for claim in claims)


def test_moves_name_nobody_when_a_customer_orders() -> None:
    order(wanted(croissant(stock=2)))
    assert StockMove.objects.get(reason="ordered").actor is None


def test_a_total_beyond_what_the_books_can_hold_is_refused() -> None:
    lines = []
    for number in range(30):
        dear = item(f"caviar-{number}", price="999999.99", max_per_order=99)
        spoons = [OptionGroup.objects.create(name="Spoon", min_choices=1, max_choices=1) for _spoon in range(3)]
        dear.option_groups.add(*spoons)
        gold = [Option.objects.create(group=spoon, name="Gold", price_delta="999999.99").pk for spoon in spoons]
        lines.append(LineRequest(dear.pk, tuple(gold), 99))
    with nothing_written(), pytest.raises(Invalid):
        place_order(lines=lines, customer_name="王芳")
