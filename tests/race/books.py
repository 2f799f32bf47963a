"""Database helpers that run in a process of the crowd: empty the orders and the stock, prepare them, read them, and
drop a unique index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from django.core.management.color import no_style
from django.db import connections
from django.utils import timezone

from menu.models import Item
from orders.errors import OrderError
from orders.models import Order, OrderEvent, OrderLine, Stock, StockMove
from orders.placing.lines import LineRequest
from orders.services import place_order, set_stock

ALIAS = "maintenance"
TABLE = Order._meta.db_table


def begin_new() -> None:
    """Delete every order and all stock; the menu stays."""
    operations = connections[ALIAS].ops
    tables = [model._meta.db_table for model in (StockMove, OrderEvent, OrderLine, Order, Stock)]
    operations.execute_sql_flush(operations.sql_flush(no_style(), tables))


def count(slug: str, available: int) -> int:
    """Set the stock of an item of the sample menu; return the item's id."""
    item = Item.objects.get(slug=slug)
    set_stock(item=item, available=available, reason="counted")
    return item.pk


def count_since_yesterday(slug: str, available: int, daily: int) -> int:
    """Set an item's stock as of yesterday: the first claim today resets it to `daily`. Return the item's id."""
    item = Item.objects.get(slug=slug)
    with clock_at(timezone.now() - timedelta(days=1)):
        set_stock(item=item, available=available, daily=daily, reason="counted")
    return item.pk


def left(item_id: int) -> int:
    return Stock.objects.get(item_id=item_id).available


def orders() -> int:
    return Order.objects.count()


def place(*lines: tuple[int, int]) -> Order:
    """Place an order of these (item id, quantity) lines, or of one espresso; return it."""
    lines = lines or ((Item.objects.get(slug="espresso").pk, 1),)
    return place_order(
        customer_name="王芳", lines=[LineRequest(item_id, (), quantity) for item_id, quantity in lines]
    )


def buy(*lines: tuple[int, int]) -> str:
    """Place such an order; return "sold", or the error code of the refusal."""
    try:
        place(*lines)
    except OrderError as error:
        return error.code
    return "sold"


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    with patch.object(timezone, "now", lambda: moment):
        yield


def drop_unique_index(columns: tuple[str, ...]) -> None:
    with connections[ALIAS].cursor() as cursor:
        constraints = connections[ALIAS].introspection.get_constraints(cursor, TABLE)
        [name] = [
            name for name, found in constraints.items() if found["unique"] and tuple(found["columns"]) == columns
        ]
        cursor.execute(f"ALTER TABLE {TABLE} DROP INDEX {name}")


def add_unique_index(columns: tuple[str, ...]) -> None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} ADD UNIQUE INDEX {'_'.join(columns)} ({', '.join(columns)})")
