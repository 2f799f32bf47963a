"""`/health/full/`: its contents, check by check."""

import threading
import time
from typing import Any

import pytest
from django.test import Client

from cafe.health import dependencies
from cafe.health.dependencies import DatabaseProbe
from cafe.serving.bulkhead import SHED
from tests.cafe.health_full.report import FULL, OPERATOR, asks_the_database


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
