"""The edge's cap on concurrent orders: what it refuses, with which answer, and that it loses no order."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.crowd import Person
from tests.deploy.limits.edges import NewEdge, is_busy_json, retries
from tests.deploy.testbed import UNLIMITED
from tests.deploy.wire import HalfSaid, request
from tests.harness.servers import Server

pytestmark = pytest.mark.only_full

BODY = b'{"customer_name": "Ann", "coffee_type": "latte", "quantity": 1}'


class SlowInstance(Server):
    """An instance that answers each order after `takes_s`; `asked` counts the orders that the edge passed on."""

    def __init__(self, folder: Path, takes_s: float) -> None:
        super().__init__(folder)
        self.takes_s, self.asked = takes_s, 0
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    program = "slow"

    def _listen(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[line], daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line:
            line.recv(65536)
            self.asked += 1
            time.sleep(self.takes_s)
            line.sendall(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def slow_instance(tmp_path: Path) -> Iterator[SlowInstance]:
    program = SlowInstance(tmp_path, takes_s=1.5)
    yield program
    program.close()


def test_over_the_cap_orders_are_refused_and_not_passed_on(new_edge: NewEdge, slow_instance: SlowInstance) -> None:
    edge = new_edge(slow_instance.address, **UNLIMITED, EDGE_ORDER_CAP="3")
    with ThreadPoolExecutor(40) as customers:
        answers = list(customers.map(lambda _: Person(edge).order(), range(40)))
    refused = [answer for answer in answers if answer.status != 201]
    assert len(answers) - len(refused) == slow_instance.asked == 3
    assert all(is_busy_json(answer, 503) and answer.whose == "busy_order" for answer in refused)
    assert retries(refused) <= {1, 2, 3, 4, 5}
    assert len(retries(refused)) > 1
    assert max(answer.took_s for answer in refused) < slow_instance.takes_s


def test_who_goes_away_holds_the_place_until_the_answer_is_there(
    new_edge: NewEdge, slow_instance: SlowInstance
) -> None:
    edge = new_edge(slow_instance.address, **UNLIMITED, EDGE_ORDER_CAP="1")
    gone = HalfSaid(edge, request("POST", "/api/orders", BODY, "Content-Type: application/json"))
    while not slow_instance.asked:
        time.sleep(0.01)
    gone.leave()
    time.sleep(0.3)
    assert Person(edge).order().status == 503
    time.sleep(slow_instance.takes_s)
    assert Person(edge).order().status == 201
    assert slow_instance.asked == 2


def test_who_sends_a_body_slowly_holds_no_place(new_edge: NewEdge) -> None:
    edge = new_edge(**UNLIMITED, EDGE_ORDER_CAP="2")
    half = request("POST", "/api/orders", BODY, "Content-Type: application/json")[:-20]
    with ExitStack() as waiting:
        for _ in range(10):
            waiting.enter_context(HalfSaid(edge, half))
        time.sleep(0.2)
        assert [Person(edge).order().status for _ in range(5)] == [201] * 5
