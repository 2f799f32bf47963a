"""Health, readiness and the cache counters: in process, and on a running café whose servers are taken away."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cafe.health.readiness import MenuIsServed
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

STATS = {"total_commands_processed", "total_connections_received", "keyspace_hits", "keyspace_misses"}
HEALTH = ["/health", "/api/health"]
CACHES = {"menu", "pages", "orders"}
CACHE_STATS = ["/cache/stats", "/api/cache/stats"]


# In process


@pytest.mark.django_db
@pytest.mark.needs_redis
@pytest.mark.parametrize("path", HEALTH)
def test_healthy_with_redis_connected(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {"status": "healthy", "redis": "connected"}


@pytest.mark.parametrize("method", ["get", "head"])
def test_live_touches_nothing(client: Client, method: str) -> None:
    """Without the mark django_db a query would raise."""
    assert getattr(client, method)("/health/live/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?format=json", "?format=html", "?format=text"])
def test_ready_answers_json_whatever_is_asked_for(client: Client, query: str) -> None:
    response = client.get(f"/health/ready/{query}", headers={"accept": "text/html"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert list(response.json()) == ["MenuIsServed"]


@pytest.mark.django_db
def test_ready_reads_the_menu_once_and_remembers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MenuIsServed, "was_seen", False)
    assert client.get("/health/ready/").status_code == 200
    assert MenuIsServed.was_seen


def test_ready_asks_nothing_again_once_it_was_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the mark django_db a query would raise."""
    monkeypatch.setattr(MenuIsServed, "was_seen", True)
    assert client.get("/health/ready/").status_code == 200


@pytest.mark.django_db
@pytest.mark.needs_redis
@pytest.mark.parametrize("path", CACHE_STATS)
def test_the_counters_are_redis_own(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    stats = response.json()
    assert stats.keys() == STATS | {"caches"}
    assert stats["caches"].keys() >= {"menu", "orders"}
    assert all(counted.keys() == {"hits", "misses", "hit_ratio"} for counted in stats["caches"].values())
    assert stats["total_commands_processed"] > 0
    assert all(type(stats[name]) is int for name in STATS)
    assert client.get(path).json()["total_commands_processed"] > stats["total_commands_processed"]


# On a running café


def fetch(cafe: RunningCafe, path: str, body: Any = None, timeout: float = 30) -> tuple[int, Any, HTTPMessage]:
    """Return status, parsed JSON (or text) and headers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cafe.url + path, data, {"Content-Type": "application/json"} if data else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status, text, headers = response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as error:
        status, text, headers = error.code, error.read().decode(), error.headers
    is_json = headers.get_content_type() == "application/json"
    return status, json.loads(text) if is_json else text, headers


def answer(cafe: RunningCafe, path: str) -> tuple[int, Any]:
    return fetch(cafe, path)[:2]


class OpenCafe(RunningCafe):
    """A café that counts as started once it is live, ready or not."""

    def answers(self) -> bool:
        try:
            return fetch(self, "/health/live/")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory, database: MariaDB, redis: Redis) -> Iterator[RunningCafe]:
    """A café with one worker process and the sample menu, on a database and a Redis of its own."""
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), database.env() | redis.env() | {"WEB_WORKERS": "1"})
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.kill()


on_servers = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]


def on_its_own_servers(test: Any) -> Any:
    """Mark a test that stops or pauses this file's own servers."""
    for version in on_servers:
        test = version(test)
    return test


@on_its_own_servers
def test_not_ready_before_the_migrations_and_ready_after(tmp_path: Path, database: MariaDB, redis: Redis) -> None:
    database.execute("CREATE DATABASE test_unmigrated CHARACTER SET utf8mb4")
    env = database.env("test_unmigrated") | redis.env() | {"WEB_WORKERS": "1"}
    cafe = OpenCafe(tmp_path, env)
    cafe.start()
    try:
        for path in ("/health/ready/", "/health/ready/?format=json"):
            status, body, headers = fetch(cafe, path)
            assert status == 503
            assert headers.get_content_type() == "application/json"
            assert list(body) == ["MenuIsServed"]
            assert "migrations are not applied" in body["MenuIsServed"]
        assert answer(cafe, "/health/live/")[0] == 200
        cafe.manage("migrate", "--database", "maintenance", "--verbosity", "0")
        assert answer(cafe, "/health/ready/") == (200, {"MenuIsServed": "OK"})
    finally:
        cafe.kill()


@pytest.mark.only_full  # every run: tests/faults/test_cache_redis.py
@on_its_own_servers
def test_every_endpoint_keeps_its_shape_with_redis_stopped(cafe: RunningCafe, redis: Redis) -> None:
    assert answer(cafe, "/api/health") == (200, {"status": "healthy", "redis": "connected"})
    assert answer(cafe, "/api/cache/stats")[1].keys() == STATS | {"caches"}
    redis.kill()
    try:
        for path in HEALTH:
            assert answer(cafe, path) == (200, {"status": "healthy", "redis": "disconnected"})
        for path in CACHE_STATS:
            status, stats = answer(cafe, path)
            assert (status, stats.pop("caches").keys()) == (200, CACHES)
            assert stats == dict.fromkeys(STATS, 0) | {"redis": "disconnected"}
        status, menu = answer(cafe, "/api/menu")
        assert (status, list(menu)) == (200, ["categories"])
        for path in ("/api/orders", "/orders"):
            for order in (
                {"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": 18.00},
                {"customer_name": "缓存测试", "coffee_type": "拿铁", "quantity": 2, "total_price": 50.00},
            ):
                status, placed, _headers = fetch(cafe, path, order)
                assert status == 201
                expected = {"order_id", "message", "number", "token", "status_url", "total_price"}
                assert placed.keys() == expected
                assert placed["total_price"] == order["total_price"]
                status, newest = answer(cafe, path)
                assert (status, newest[0]["id"], newest[0]["customer_name"]) == (200, placed["order_id"], "缓**")
                assert answer(cafe, f"/api/orders/{placed['token']}")[1]["status"] == "pending"
        for path in ("/zh-hans/", "/en/item/latte/", "/en/cart/", "/en/board/", "/health/ready/", "/health/live/"):
            assert answer(cafe, path)[0] == 200
    finally:
        redis.start()
    assert answer(cafe, "/api/health") == (200, {"status": "healthy", "redis": "connected"})


@on_its_own_servers
def test_a_redis_that_hangs_is_disconnected_within_a_second(cafe: RunningCafe, redis: Redis) -> None:
    redis.pause()
    try:
        status, body, _headers = fetch(cafe, "/health", timeout=1)
        assert (status, body) == (200, {"status": "healthy", "redis": "disconnected"})
    finally:
        redis.resume()


@pytest.mark.only_full  # every run: tests/cafe/health_full, in one process
@on_its_own_servers
def test_without_redis_configured_health_says_so(tmp_path: Path, database: MariaDB, cafe: RunningCafe) -> None:
    alone = RunningCafe(tmp_path, database.env() | {"WEB_WORKERS": "1"})
    alone.start()
    try:
        for path in HEALTH:
            assert answer(alone, path) == (200, {"status": "healthy", "redis": "not configured"})
        for path in CACHE_STATS:
            status, stats = answer(alone, path)
            assert (status, stats.pop("caches").keys()) == (200, CACHES)
            assert stats == dict.fromkeys(STATS, 0) | {"redis": "not configured"}
    finally:
        alone.kill()


@pytest.mark.only_full  # every run: tests/cafe/health_full
@on_its_own_servers
def test_with_the_database_away_programs_are_told_and_the_pod_stays_ready(
    cafe: RunningCafe, database: MariaDB
) -> None:
    assert answer(cafe, "/health/ready/")[0] == 200
    database.kill()
    try:
        for path in HEALTH:
            expected = {"status": "unhealthy", "database": "disconnected", "redis": "connected"}
            assert answer(cafe, path) == (503, expected)
        order = {"customer_name": "a", "coffee_type": "拿铁"}
        for path, body in (("/orders", order), ("/api/orders", order), ("/api/orders/x", None)):
            status, refusal, headers = fetch(cafe, path, body)
            assert status == 503
            assert refusal.keys() == {"error"}
            assert refusal["error"]["code"] == "unavailable"
            assert refusal["error"].keys() == {"code", "message", "fields"}
            assert 1 <= int(headers["Retry-After"]) <= 5
        for path in ("/en/board/", "/en/order/x/"):
            status, page, headers = fetch(cafe, path)
            assert status == 503
            assert headers["Retry-After"]
            assert "Traceback" not in page
        for path in ("/en/", "/zh-hans/item/latte/", "/api/menu", "/en/cart/", "/health/ready/", "/health/live/"):
            assert answer(cafe, path)[0] == 200
    finally:
        database.start()
    assert answer(cafe, "/health") == (200, {"status": "healthy", "redis": "connected"})
    assert answer(cafe, "/api/menu")[0] == 200


@on_its_own_servers
def test_a_database_that_hangs_is_away_within_its_read_timeout(cafe: RunningCafe, database: MariaDB) -> None:
    answer(cafe, "/health")
    database.pause()
    try:
        status, body, _headers = fetch(cafe, "/health", timeout=15)
        assert (status, body["database"]) == (503, "disconnected")
    finally:
        database.resume()
    assert answer(cafe, "/health")[0] == 200
