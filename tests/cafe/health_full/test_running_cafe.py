"""`/health/full/` of a running café: the true state for an operator, while servers are frozen and killed."""

import json
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

from tests.cafe.health_full.report import CHECKS, CUSTOMER, FULL, NOWHERE
from tests.harness.running_cafe import ROOT, RunningCafe
from tests.harness.servers import MariaDB, Redis

WITHIN_S = 2.5  # the database is checked within 2 s, Redis in parallel


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

    @pytest.mark.few_cases(1)
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

    @pytest.mark.only_full
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

    @pytest.mark.only_full
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
