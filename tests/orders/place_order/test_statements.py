"""`services.place_order`: the number of its statements."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from menu.models import Option, OptionGroup
from orders.errors import Invalid
from orders.models import Stock, StockMove
from orders.placing.lines import LineRequest
from orders.placing.sellable_items import items_with_ids
from orders.services import place_order
from tests.harness.factories import americano, croissant, item, latte, nothing_written, order, wanted

pytestmark = pytest.mark.django_db


STATEMENT = re.compile(r"\(?(SELECT).*? FROM .(\w+)|(INSERT) INTO .(\w+)|(UPDATE) .(\w+)", re.DOTALL)


def statements(use_case: Callable[[], object]) -> list[str]:
    """Run a use case and return its SQL statements as "VERB table", without transaction control."""
    with CaptureQueriesContext(connection) as captured:
        use_case()
    sent = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    found = [STATEMENT.match(sql) for several in sent for sql in several.split("; ")]  # several in one round trip
    return [" ".join(filter(None, match.groups())) if match else "?" for match in found]


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
