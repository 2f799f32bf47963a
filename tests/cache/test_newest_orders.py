"""The order list (`GET /orders`) from each process's cache: byte for byte Django's answer, and never out of date."""

import http.client
import json
import time
from typing import Any

import pytest

from tests.cache.manager_process import ManagerProcess
from tests.cache.workspace import BOUND_S
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import Redis
from tests.race.web import program

ADDRESSES = ["/orders", "/api/orders"]
APART = {"date", "connection", "x-request-id"}

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

Answer = tuple[int, dict[str, str], bytes]


def ask(
    cafe: RunningCafe, path: str = "/orders", method: str = "GET", body: str | None = None, **sent: str
) -> Answer:
    """Return status, headers (names in lower case) and body. A GET with a body bypasses the cache."""
    connection = http.client.HTTPConnection("127.0.0.1", cafe.port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in sent.items()})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def by_django(cafe: RunningCafe, path: str = "/orders") -> Answer:
    return ask(cafe, path, body="x")


def place(cafe: RunningCafe) -> int:
    with program(cafe.url) as customer:
        placed = customer.order("espresso")
    assert placed.status == 201
    return int(placed.body["order_id"])


def newest(cafe: RunningCafe) -> dict[str, Any]:
    status, _headers, body = ask(cafe)
    assert status == 200
    first: dict[str, Any] = json.loads(body)[0]
    return first


def counted(cafe: RunningCafe) -> tuple[int, int]:
    orders = json.loads(ask(cafe, "/api/cache/stats")[2])["caches"]["orders"]
    return orders["hits"], orders["misses"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_what_is_kept_is_what_django_answers_byte_for_byte(cafes: list[RunningCafe], path: str) -> None:
    place(cafes[0])
    ask(cafes[0], path)
    for status, headers, body in (ask(cafes[0], path), ask(cafes[0], f"{path}?page=2", accept_language="en")):
        of_django = by_django(cafes[0], path)
        assert (status, body) == (200, of_django[2])
        assert {name: value for name, value in headers.items() if name not in APART} == {
            name: value for name, value in of_django[1].items() if name not in APART
        }
        assert "vary" not in headers


def test_head_and_a_known_tag_get_no_body_and_another_host_nothing(cafes: list[RunningCafe]) -> None:
    place(cafes[0])
    _status, of_get, body = ask(cafes[0])
    status, of_head, nothing = ask(cafes[0], method="HEAD")
    assert (status, nothing, int(of_head["content-length"]), of_head["etag"]) == (200, b"", len(body), of_get["etag"])
    for known in (of_get["etag"], f"W/{of_get['etag']}", f'"other", {of_get["etag"]}', "*"):
        status, headers, nothing = ask(cafes[0], if_none_match=known)
        assert (status, nothing, headers["cache-control"]) == (304, b"", of_get["cache-control"])
    assert ask(cafes[0], if_none_match='"other"')[0] == 200
    assert ask(cafes[0], host="elsewhere.example")[0] == 400
    assert ask(cafes[0], x_request_id="0123456789abcdef")[1]["x-request-id"] == "0123456789abcdef"


def test_who_has_an_old_list_gets_the_new_one(cafes: list[RunningCafe]) -> None:
    tag = ask(cafes[0])[1]["etag"]
    order_id = place(cafes[1])
    status, headers, body = ask(cafes[0], if_none_match=tag)
    assert (status, json.loads(body)[0]["id"]) == (200, order_id)
    assert headers["etag"] != tag


def test_every_program_shows_the_order_of_every_other_at_once_and_each_answer_is_counted_once(
    cafes: list[RunningCafe],
) -> None:
    before = [counted(cafe) for cafe in cafes]
    for number in range(9):
        order_id = place(cafes[number % 3])
        for cafe in cafes:
            assert [newest(cafe)["id"] for _time in range(3)] == [order_id] * 3
    grown = [
        tuple(new - old for new, old in zip(counted(cafe), old, strict=True))
        for cafe, old in zip(cafes, before, strict=True)
    ]
    assert [sum(counts) for counts in grown] == [27] * 3
    assert min(hits for hits, _misses in grown) >= 18


def rename_newest() -> None:
    from orders.models import Order

    newest_id = Order.objects.order_by("-pk").values_list("pk", flat=True)[0]
    Order.objects.filter(pk=newest_id).update(customer_name="Zoe")


def test_what_nobody_told_redis_is_shown_soon(cafes: list[RunningCafe], manager_process: ManagerProcess) -> None:
    """The writer bypasses the cache's generation counter, as if it had died after its commit."""
    place(cafes[0])
    assert {newest(cafe)["customer_name"] for cafe in cafes} == {"王**"}
    manager_process.ask(rename_newest)
    since = time.monotonic()
    while {newest(cafe)["customer_name"] for cafe in cafes} != {"Z**"}:
        assert time.monotonic() - since < BOUND_S


def test_without_redis_orders_are_shown_at_once_and_are_kept_again_when_it_is_back(
    cafes: list[RunningCafe], redis: Redis
) -> None:
    for cafe in cafes:
        newest(cafe)
    redis.kill()
    try:
        order_id = place(cafes[0])
        assert [newest(cafe)["id"] for cafe in cafes] == [order_id] * 3
    finally:
        redis.start()
    since, hits = time.monotonic(), [counted(cafe)[0] for cafe in cafes]
    while not all(counted(cafe)[0] > old for cafe, old in zip(cafes, hits, strict=True)):
        assert [newest(cafe)["id"] for cafe in cafes] == [order_id] * 3
        assert time.monotonic() - since < BOUND_S
