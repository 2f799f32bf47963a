"""`/health/full/`: 404 for strangers; the true state for an operator, while servers are frozen and killed."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cafe.health import dependencies
from cafe.health.dependencies import DatabaseProbe
from cafe.serving.bulkhead import SHED
from tests.harness.running_cafe import ROOT, RunningCafe
from tests.harness.servers import MariaDB, Redis

FULL, NOWHERE = "/health/full/", "/health/nope/"  # equally long, because a page contains its own address
OPERATOR, EDGE, CUSTOMER = "10.9.0.7", "10.0.0.1", "203.0.113.9"
CHECKS = ["database", "migrations", "counts", "redis", "cache_breaker", "menu", "poller"]
asks_the_database = pytest.mark.django_db(databases=["default", "poller"])
WITHIN_S = 2.5  # the database is checked within 2 s, Redis in parallel


# Access


@pytest.fixture
def open_to(settings: Any) -> None:
    settings.HEALTH_FULL_FROM = ["10.9.0.0/16", "2001:db8:9::/48"]
    settings.TRUSTED_PROXIES = [EDGE]


def seen(client: Client, path: str, method: str = "get", **meta: Any) -> tuple[int, bytes, dict[str, str]]:
    """Return all that a caller sees of an answer, except the request id."""
    response = getattr(client, method)(path, **meta)
    headers = {name: value for name, value in response.items() if name != "X-Request-ID"}
    return response.status_code, response.content.replace(path.encode(), b"<path>"), headers


def is_closed(client: Client, **meta: Any) -> bool:
    """Return whether this caller gets the same answer as from an address that does not exist."""
    return seen(client, FULL, **meta) == seen(client, NOWHERE, **meta)


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_closed_by_default_as_if_nothing_were_there(method: str) -> None:
    """Without the mark django_db a query would raise."""
    client = Client(enforce_csrf_checks=True)
    for meta in (
        {},
        {"REMOTE_ADDR": "::1"},
        {"HTTP_ACCEPT": "application/json"},
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
    ):
        answer = seen(client, FULL, method, **meta)
        assert answer == seen(client, NOWHERE, method, **meta)
        assert answer[0] in ([404] if method in ("get", "head", "options") else [403, 404])


def test_without_its_last_slash_it_is_nothing_either(client: Client) -> None:
    assert seen(client, "/health/full")[::2] == seen(client, "/health/nope")[::2]
    assert client.get("/health/full").status_code == 404


@asks_the_database
@pytest.mark.parametrize("address", [OPERATOR, "::ffff:10.9.0.7", "2001:db8:9::1"])
def test_open_to_the_listed_networks(client: Client, open_to: None, address: str) -> None:
    response = client.get(FULL, REMOTE_ADDR=address)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert list(response.json()) == ["status", "checks", "pid"]
    assert list(response.json()["checks"]) == CHECKS


@pytest.mark.parametrize("address", [CUSTOMER, EDGE, "127.0.0.1", "2001:db8:8::1", ""])
def test_closed_to_all_others(client: Client, open_to: None, address: str) -> None:
    assert is_closed(client, REMOTE_ADDR=address)


@pytest.mark.parametrize("forwarded", [OPERATOR, f"{OPERATOR}, {EDGE}", f"{EDGE}, {OPERATOR}"])
def test_an_address_that_a_stranger_writes_does_not_open_it(client: Client, open_to: None, forwarded: str) -> None:
    assert is_closed(client, REMOTE_ADDR=CUSTOMER, HTTP_X_FORWARDED_FOR=forwarded)


@asks_the_database
def test_behind_a_trusted_proxy_the_customers_address_counts(client: Client, open_to: None) -> None:
    def through_the_edge(forwarded: str) -> bool:
        return is_closed(client, REMOTE_ADDR=EDGE, HTTP_X_FORWARDED_FOR=forwarded)

    assert through_the_edge(CUSTOMER)
    assert through_the_edge(f"{OPERATOR}, {CUSTOMER}")
    assert through_the_edge("garbage")
    assert not through_the_edge(OPERATOR)
    assert not through_the_edge(f"{CUSTOMER}, {OPERATOR}")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_it_is_only_read(open_to: None, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)(FULL, REMOTE_ADDR=OPERATOR, HTTP_SEC_FETCH_SITE="same-origin")
    assert (response.status_code, response["Allow"]) == (405, "GET")
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("wrong", ["10.9.0.1/16", "monitor.example.com"])
def test_a_wrong_value_is_a_check(wrong: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"HEALTH_FULL_FROM": wrong},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"(cafe.E001) HEALTH_FULL_FROM: '{wrong}' is not an address or a network" in done.stderr


# Contents


def checks_of(client: Client, **meta: Any) -> tuple[int, dict[str, Any]]:
    response = client.get(FULL, REMOTE_ADDR=OPERATOR, **meta)
    return response.status_code, response.json()


@asks_the_database
def test_migrations_that_are_not_applied_are_named(
    client: Client, open_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`test_an_empty_database_is_unhealthy` tests this on a running café."""
    applied = dependencies.MigrationExecutor.migration_plan
    leaf = [("orders", "0001_initial")]

    def one_is_not_applied(self: Any, targets: Any, clean_start: bool = False) -> Any:
        self.loader.applied_migrations = {}
        return applied(self, leaf)

    monkeypatch.setattr(dependencies.MigrationExecutor, "migration_plan", one_is_not_applied)
    status, body = checks_of(client)
    migrations = body["checks"]["migrations"]
    assert (status, body["status"], migrations["status"]) == (503, "unhealthy", "failing")
    assert " not applied: " in migrations["detail"]


@asks_the_database
def test_an_error_is_told_without_its_text(client: Client, open_to: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Executor:
        def __init__(self, connection: Any) -> None:
            raise ValueError("password of cafeadmin@db.internal")

    monkeypatch.setattr(dependencies, "MigrationExecutor", Executor)
    status, body = checks_of(client)
    assert (status, body["checks"]["migrations"]["detail"]) == (503, "ValueError")


@asks_the_database
def test_nobody_waits_longer_than_the_patience_and_one_look_is_under_way(
    client: Client, open_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, go_on = [], threading.Event()

    def hangs() -> None:
        looks.append(1)
        go_on.wait(10)

    monkeypatch.setattr(dependencies, "_select_one", hangs)
    monkeypatch.setattr(DatabaseProbe, "PATIENCE_S", 0.3)
    try:
        for within_s in (1.0, 0.9, 0.9):
            started = time.monotonic()
            status, body = checks_of(client)
            assert time.monotonic() - started < within_s
            assert (status, body["status"]) == (503, "unhealthy")
            assert body["checks"]["database"]["detail"] == "no answer within 0.3 s"
            assert body["checks"]["migrations"]["status"] == "not asked"
        assert looks == [1]
    finally:
        go_on.set()
    while DatabaseProbe._under_way is not None:
        time.sleep(0.01)


def test_on_a_thread_that_is_left_for_the_menu_it_asks_nobody(
    client: Client, open_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(DatabaseProbe, "under_way")
    monkeypatch.delattr(dependencies, "redis_state")
    status, body = checks_of(client, **{SHED: True})
    assert (status, body["status"]) == (503, "unhealthy")
    assert [check["status"] for check in body["checks"].values()][:3] == ["failing", "not asked", "not asked"]


# On a running café


def ask(
    cafe: RunningCafe, method: str = "GET", path: str = FULL, **headers: str
) -> tuple[int, Any, HTTPMessage, float]:
    """Return status, body, headers, and the seconds that it took."""
    request = urllib.request.Request(
        cafe.url + path, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    started = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, text, found = response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        status, text, found = error.code, error.read(), error.headers
    took_s = time.monotonic() - started
    is_json = found.get_content_type() == "application/json"
    return status, json.loads(text) if is_json and text else text, found, took_s


def until(cafe: RunningCafe, status: str) -> dict[str, Any]:
    """Poll until the café has this status, and return the body."""
    deadline = time.monotonic() + 20
    while True:
        body: dict[str, Any] = ask(cafe)[1]
        if body["status"] == status:
            return body
        assert time.monotonic() < deadline, body
        time.sleep(0.1)


def says_nothing_secret(cafe: RunningCafe, body: Any) -> bool:
    text = json.dumps(body)
    env = [cafe.env[name] for name in cafe.env.keys() & {"DB_PASSWORD", "DB_USER", "DB_NAME", "DB_PORT"}]
    env += [cafe.env[name] for name in cafe.env.keys() & {"REDIS_PASSWORD", "REDIS_PORT"}]
    return not any(word in text for word in [*env, "127.0.0.1", "localhost", "Traceback", str(ROOT)])


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory, database: MariaDB, redis: Redis) -> Iterator[RunningCafe]:
    """A café with one worker process; `/health/full/` is open to this computer."""
    env = database.env() | redis.env() | {"WEB_WORKERS": "1", "HEALTH_FULL_FROM": "127.0.0.0/8"}
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), env)
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.kill()


class TestARunningCafe:
    pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

    def test_healthy_with_true_figures(self, cafe: RunningCafe, database: MariaDB) -> None:
        until(cafe, "healthy")
        status, body, headers, _took_s = ask(cafe)
        checks = body["checks"]
        assert status == 200
        assert headers["Cache-Control"] == "no-store"
        assert [check["status"] for check in checks.values()] == ["ok"] * len(CHECKS)
        assert all(0 < checks[name]["took_ms"] < 2000 for name in ("database", "migrations", "redis"))
        ((version,),) = database.execute("SELECT version FROM cloudcafe.menu_menuversion")
        assert (checks["menu"]["version"], checks["menu"]["as_of"]) == (version, None)
        assert checks["menu"]["age_s"] < 5
        assert checks["poller"]["last_answer_s_ago"] < 5
        assert checks["cache_breaker"]["state"] == "closed"
        assert cafe.process is not None
        assert body["pid"] != cafe.process.pid
        assert Path(f"/proc/{body['pid']}/stat").read_text().rpartition(")")[2].split()[1] == str(cafe.process.pid)
        assert says_nothing_secret(cafe, body)

    def test_head_and_post(self, cafe: RunningCafe) -> None:
        status, body, headers, _took_s = ask(cafe, "HEAD")
        assert (status, body, headers["Content-Type"]) == (200, b"", "application/json")
        assert ask(cafe, "POST")[0] == 403  # without Sec-Fetch-Site it may be another site's form
        assert ask(cafe, "POST", Sec_Fetch_Site="same-origin")[0] == 405

    def test_a_customer_behind_the_edge_finds_nothing(self, cafe: RunningCafe) -> None:
        status, page, _headers, _took_s = ask(cafe, X_Forwarded_For=CUSTOMER)
        nothing = ask(cafe, path=NOWHERE, X_Forwarded_For=CUSTOMER)
        assert (status, page) == (404, nothing[1].replace(NOWHERE.encode(), FULL.encode()))
        assert ask(cafe, X_Forwarded_For=f"127.0.0.5, {CUSTOMER}")[0] == 404
        assert ask(cafe, X_Forwarded_For=f"{CUSTOMER}, 127.0.0.5")[0] == 200

    def test_a_look_leaves_no_connection_open(self, cafe: RunningCafe, database: MariaDB) -> None:
        until(cafe, "healthy")
        count = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'cafeadmin'"
        before = database.execute(count)
        for _time in range(20):
            assert ask(cafe)[0] == 200
        time.sleep(0.2)
        assert database.execute(count) <= before

    def test_without_redis_it_is_degraded(self, cafe: RunningCafe, redis: Redis) -> None:
        until(cafe, "healthy")
        redis.kill()
        try:
            for _time in range(5):
                status, body, _headers, took_s = ask(cafe)
                assert (status, body["status"], body["checks"]["redis"]["status"]) == (200, "degraded", "failing")
                assert body["checks"]["database"]["status"] == "ok"
                assert took_s < 1.5
                assert says_nothing_secret(cafe, body)
        finally:
            redis.start()
        until(cafe, "healthy")

    def test_with_redis_frozen_it_is_degraded_within_its_time(self, cafe: RunningCafe, redis: Redis) -> None:
        until(cafe, "healthy")
        redis.pause()
        try:
            for _time in range(5):
                status, body, _headers, took_s = ask(cafe)
                assert (status, body["status"], body["checks"]["redis"]["status"]) == (200, "degraded", "failing")
                assert took_s < 1.5
        finally:
            redis.resume()
        until(cafe, "healthy")

    @pytest.mark.parametrize("harm", ["kill", "pause"])
    def test_without_the_database_it_is_unhealthy_within_its_time(
        self, cafe: RunningCafe, database: MariaDB, harm: str
    ) -> None:
        until(cafe, "healthy")
        {"kill": database.kill, "pause": database.pause}[harm]()
        try:
            for _time in range(5):
                status, body, headers, took_s = ask(cafe)
                checks = body["checks"]
                assert (status, body["status"], checks["database"]["status"]) == (503, "unhealthy", "failing")
                assert checks["migrations"]["status"] == "not asked"
                assert headers["Cache-Control"] == "no-store"
                assert took_s < WITHIN_S
                assert says_nothing_secret(cafe, body)
            time.sleep(5)  # longer than a snapshot counts as current
            status, body, _headers, took_s = ask(cafe)
            assert (status, body["checks"]["menu"]["status"]) == (503, "failing")
            assert body["checks"]["poller"]["status"] == "failing"
            as_of = datetime.fromisoformat(body["checks"]["menu"]["as_of"])
            assert 5 < (datetime.now(UTC) - as_of).total_seconds() < 60
            assert took_s < WITHIN_S
        finally:
            {"kill": database.start, "pause": database.resume}[harm]()
        until(cafe, "healthy")

    def test_a_crowd_of_monitors_leaves_the_menu_its_threads(self, cafe: RunningCafe, database: MariaDB) -> None:
        until(cafe, "healthy")
        database.pause()
        try:
            found: list[tuple[int, str, float]] = []
            ends = time.monotonic() + 5

            def monitor() -> None:
                while time.monotonic() < ends:
                    status, body, _headers, took_s = ask(cafe)
                    found.append((status, body["status"] if isinstance(body, dict) else "a page", took_s))

            monitors = [threading.Thread(target=monitor) for _one in range(24)]
            for one in monitors:
                one.start()
            time.sleep(1.8)  # until then the database is not suspected down: requests wait (cafe.serving.bulkhead)
            while time.monotonic() < ends:
                status, _page, _headers, took_s = ask(cafe, path="/en/")
                assert (status, took_s < 1) == (200, True)
            for one in monitors:
                one.join()
            assert {answer[:2] for answer in found} == {(503, "unhealthy")}
            assert max(took_s for *_answer, took_s in found) < 2 * WITHIN_S
        finally:
            database.resume()
        until(cafe, "healthy")

    def test_an_empty_database_is_unhealthy(self, tmp_path: Path, database: MariaDB, redis: Redis) -> None:
        database.execute("CREATE DATABASE test_empty CHARACTER SET utf8mb4")
        env = database.env("test_empty") | redis.env() | {"WEB_WORKERS": "1", "HEALTH_FULL_FROM": "127.0.0.1"}
        cafe = AliveCafe(tmp_path, env)
        cafe.start()
        try:
            status, body, _headers, _took_s = ask(cafe)
            migrations = body["checks"]["migrations"]
            assert (status, body["checks"]["database"]["status"]) == (503, "ok")
            assert (migrations["status"], migrations["detail"].split(": ")[0][-11:]) == ("failing", "not applied")
            cafe.manage("migrate", "--database", "maintenance", "--verbosity", "0")
            assert until(cafe, "healthy")["checks"]["migrations"]["status"] == "ok"
        finally:
            cafe.kill()

    def test_without_redis_configured_it_is_healthy(
        self, tmp_path: Path, database: MariaDB, cafe: RunningCafe
    ) -> None:
        alone = RunningCafe(tmp_path, database.env() | {"WEB_WORKERS": "1", "HEALTH_FULL_FROM": "*"})
        alone.start()
        try:
            checks = until(alone, "healthy")["checks"]
            assert checks["redis"] == checks["cache_breaker"] == {"status": "not configured"}
        finally:
            alone.kill()


class AliveCafe(RunningCafe):
    """A café that counts as started once it is live, ready or not."""

    def answers(self) -> bool:
        try:
            return ask(self, path="/health/live/")[0] == 200
        except OSError:
            return False
