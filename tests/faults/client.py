"""The client process: a separate process with Django that places and moves orders by the services.

`python -m tests.faults.client` with the café's environment reads a JSON list [function, *arguments] a line from stdin
and prints a JSON answer. tests/faults/client_process.py starts it and talks to it.
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
    """Return the ids of the items that `place` orders."""
    return [items[slug].pk for slug in (*COUNTED, "espresso")]


def count(available: int) -> None:
    """Set the stock of both counted items."""
    for slug in COUNTED:
        services.set_stock(item=items[slug], available=available, reason="counted")


def left() -> list[int]:
    return [Stock.objects.get(item=items[slug]).available for slug in COUNTED]


def orders(key: str) -> list[int]:
    """Return the ids of the orders placed under this idempotency key, by the API or the checkout."""
    return list(Order.objects.filter(submission_key__in=[key, f"checkout:{key}"]).values_list("pk", flat=True))


def moves(order: int) -> list[str]:
    """Return an order's status, then the statuses of its events in order."""
    found = Order.objects.get(pk=order)
    return [found.status, *(event.to_status for event in found.events.order_by("pk"))]


def check_books() -> list[str]:
    return [str(finding) for finding in audit.check_books()]


def place(key: str) -> int:
    """Place an order for one each of two counted items and an uncounted one; return its id."""
    lines = [LineRequest(item_id, (), 1) for item_id in item_ids()]
    return services.place_order(
        lines=lines, customer_name="王芳", submission_key=key, submission_hash="of-this-cart"
    ).pk


def load(order: int) -> str:
    """Read an order into memory, as a page does before its button is pressed; return its status."""
    loaded[order] = Order.objects.get(pk=order)
    return loaded[order].status


def advance(order: int, to: str) -> str:
    return services.advance_order(order=loaded[order], to=Status(to)).status


def cancel(order: int) -> str:
    return services.cancel_order(order=loaded[order]).status


def remembered(order: int) -> str:
    """Return the status of the loaded order object in memory."""
    return loaded[order].status


def hurry(seconds: float) -> None:
    """Shorten the time after which no retry starts, for a database that stays down."""
    mock.patch.object(transactions, "MAX_RETRY_AGE_S", seconds).start()


def take_your_time() -> None:
    """Restore the café's own retry limit."""
    mock.patch.stopall()


def drop_guards(*names: str) -> None:
    """Disable idempotency, for the negative control: "look-up" skips the look-up of the key, "key" gives each attempt
    a new key and token."""
    if "look-up" in names:
        mock.patch.object(selectors, "order_for_submission", return_value=None).start()
    if "key" in names:
        write = place_order.INSERT_ORDER.one

        def with_own_key(order: Order) -> Order:
            order.submission_key, order.token = new_token(), new_token()
            return write(order)

        mock.patch.object(place_order.INSERT_ORDER, "one", with_own_key).start()


WORDS = [load_menu, item_ids, count, left, orders, moves, check_books]
WORDS += [place, load, advance, cancel, remembered, hurry, take_your_time, drop_guards]
SAID = {word.__name__: word for word in WORDS}


def answer(word: str, *arguments: Any) -> dict[str, Any]:
    connections.close_all()  # so that the first commands of a new connection can be cut as well, as in a new worker
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
