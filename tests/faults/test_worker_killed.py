"""Workers are killed (SIGKILL) while orders come in: acknowledged orders exist, the others are complete or absent."""

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.faults.client_process import Program
from tests.faults.conftest import START
from tests.faults.processes import workers
from tests.faults.shopper import BASKET, post_order
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB

CLIENTS = 6


class Client(threading.Thread):
    """Posts orders, each with a new idempotency key and no retry; `orders` maps a key to its order id, or to None
    without an answer."""

    def __init__(self, cafe: RunningCafe, name: str, is_over: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.cafe, self.is_over = cafe, is_over
        self.orders: dict[str, int | None] = {}
        self.problems: list[Any] = []

    def run(self) -> None:
        while not self.is_over.is_set():
            key = f"{self.name}-{len(self.orders)}"
            self.orders[key] = None
            try:
                status, _headers, body = post_order(self.cafe.port, key, BASKET)
            except (OSError, http.client.HTTPException, ValueError):
                continue
            if status == 201:
                self.orders[key] = body["order_id"]
            elif status != 503:
                self.problems.append((status, body))


def acknowledged(clients: list[Client]) -> int:
    return sum(order is not None for client in clients for order in list(client.orders.values()))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come back"
        time.sleep(0.01)


def test_no_acknowledged_order_is_lost_and_no_other_is_half_there(
    cafe: RunningCafe, mariadb: MariaDB, witness: Program, full_size: bool, record_property: Any
) -> None:
    kills = 100 if full_size else 8
    chance = random.Random(7)
    run = "kill"
    is_over = threading.Event()
    clients = [Client(cafe, f"{run}-{number}", is_over) for number in range(CLIENTS)]
    started = time.monotonic()
    for client in clients:
        client.start()
    for _kill in range(kills):
        enough = acknowledged(clients) + 5
        wait_for(lambda enough=enough: acknowledged(clients) >= enough and len(workers(cafe)) == 2)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.15))
        os.kill(chance.choice(workers(cafe)), signal.SIGKILL)
    is_over.set()
    for client in clients:
        client.join()
    seconds = time.monotonic() - started
    wait_for(lambda: len(workers(cafe)) == 2)

    asked = {key: order for client in clients for key, order in client.orders.items()}
    assert [client.problems for client in clients] == [[]] * CLIENTS
    there = placed(mariadb, run)
    assert all(there.get(key) == [order] for key, order in asked.items() if order is not None)
    assert whole(mariadb, run) == sum(len(orders) for orders in there.values())
    assert witness.do("check_books") == []
    assert witness.do("left") == [START - len(there)] * 2

    lost = [key for key, order in asked.items() if order is None]
    for key in lost:
        status, _headers, body = post_order(cafe.port, key, BASKET)
        assert status == 201
        assert there.get(key, [body["order_id"]]) == [body["order_id"]]
    after = placed(mariadb, run)
    assert after.keys() == asked.keys()
    assert all(len(orders) == 1 for orders in after.values())
    assert witness.do("left") == [START - len(asked)] * 2
    record_property(
        "figures",
        f"{kills} kills in {seconds:.0f} s: {len(asked) - len(lost)} orders acknowledged, {len(lost)} not, of which "
        f"{sum(key in there for key in lost)} were placed",
    )


def placed(mariadb: MariaDB, run: str) -> dict[str, list[int]]:
    """Return the order ids of each key of this run, from the database."""
    orders: dict[str, list[int]] = {}
    for key, order in mariadb.execute(
        f"SELECT submission_key, id FROM cloudcafe.orders_order WHERE submission_key LIKE '{run}-%'"
    ):
        orders.setdefault(key, []).append(order)
    return orders


def whole(mariadb: MariaDB, run: str) -> int:
    """Return how many orders of this run are complete: three lines, one event and two stock moves."""
    parts = {"orderline": 3, "orderevent": 1, "stockmove": 2}
    have = " AND ".join(
        f"(SELECT COUNT(*) FROM cloudcafe.orders_{table} part WHERE part.order_id = o.id) = {count}"
        for table, count in parts.items()
    )
    return int(
        mariadb.execute(
            f"SELECT COUNT(*) FROM cloudcafe.orders_order o WHERE submission_key LIKE '{run}-%' AND {have}"
        )[0][0]
    )
