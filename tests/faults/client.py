"""A program that orders, in a process of its own: reads what to do from stdin, one JSON list a line, and answers.

`python -m tests.faults.client` with the café's environment; tests/faults/program.py is its other end.
"""

import json
import sys
import time
from typing import Any
from unittest import mock

import django

django.setup()

from django.db import InterfaceError, OperationalError, connections  # noqa: E402

from menu.models import Item  # noqa: E402
from orders import audit, selectors, services, transactions  # noqa: E402
from orders.errors import OrderError  # noqa: E402
from orders.models import Order, Status, Stock, new_token  # noqa: E402
from orders.placing import place_order  # noqa: E402
from orders.placing.lines import LineRequest  # noqa: E402

COUNTED = ("basque-cheesecake", "yoghurt-granola-bowl")

items: dict[str, Item] = {}
loaded: dict[int, Order] = {}


def load_menu() -> None:
    items.update({item.slug: item for item in Item.objects.all()})


def item_ids() -> list[int]:
    """Return what `place` orders."""
    return [items[slug].pk for slug in (*COUNTED, "espresso")]


def count(available: int) -> None:
    """Set both counts."""
    for slug in COUNTED:
        services.set_stock(item=items[slug], available=available, reason="counted")


def left() -> list[int]:
    return [Stock.objects.get(item=items[slug]).available for slug in COUNTED]


def orders(key: str) -> list[int]:
    """Return the orders that have been placed under this key."""
    return list(Order.objects.filter(submission_key__in=[key, f"checkout:{key}"]).values_list("pk", flat=True))


def moves(order: int) -> list[str]:
    """Return an order's status and the moves that led to it."""
    found = Order.objects.get(pk=order)
    return [found.status, *(event.to_status for event in found.events.order_by("pk"))]


def check_books() -> list[str]:
    return [str(finding) for finding in audit.check_books()]


def place(key: str) -> int:
    """Order one each of two things that are counted and of one that is not."""
    lines = [LineRequest(item_id, (), 1) for item_id in item_ids()]
    return services.place_order(
        lines=lines, customer_name="王芳", submission_key=key, submission_hash="of-this-cart"
    ).pk


def load(order: int) -> str:
    """Read an order, as a page does before somebody presses its button."""
    loaded[order] = Order.objects.get(pk=order)
    return loaded[order].status


def advance(order: int, to: str) -> str:
    return services.advance_order(order=loaded[order], to=Status(to)).status


def cancel(order: int) -> str:
    return services.cancel_order(order=loaded[order]).status


def remembered(order: int) -> str:
    """What the order that was loaded says of itself."""
    return loaded[order].status


def hurry(seconds: float) -> None:
    """Give up sooner on a database that stays away."""
    mock.patch.object(transactions, "STARTS_NO_RETRY_AFTER_S", seconds).start()


def take_your_time() -> None:
    """Give up when the café does."""
    mock.patch.stopall()


def drop_guards(*names: str) -> None:
    """For the twins: this process no longer looks a key up, and gives each attempt a key and a token of its own."""
    if "look-up" in names:
        mock.patch.object(selectors, "order_for_submission", return_value=None).start()
    if "key" in names:
        write = place_order.ORDERS.one

        def with_own_key(order: Order) -> Order:
            order.submission_key, order.token = new_token(), new_token()
            return write(order)

        mock.patch.object(place_order.ORDERS, "one", with_own_key).start()


WORDS = [load_menu, item_ids, count, left, orders, moves, check_books]
WORDS += [place, load, advance, cancel, remembered, hurry, take_your_time, drop_guards]
SAID = {word.__name__: word for word in WORDS}


def answer(word: str, *arguments: Any) -> dict[str, Any]:
    connections.close_all()  # as in a worker that has just started: what a connection begins with can be cut as well
    started = time.monotonic()
    try:
        said: dict[str, Any] = {"result": SAID[word](*arguments)}
    except OrderError as error:
        said = {"refusal": type(error).__name__, "is_unsure": error.is_unsure, "message": error.message}
    except (OperationalError, InterfaceError) as error:
        said = {"database_away": repr(error)}  # a page answers 503
    except Exception as error:  # a page would answer 500
        said = {"crash": repr(error)}
    return said | {"seconds": time.monotonic() - started}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
