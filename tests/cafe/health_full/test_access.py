"""`/health/full/`: 404 for strangers."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests.cafe.health_full.report import CHECKS, CUSTOMER, EDGE, FULL, NOWHERE, OPERATOR, asks_the_database
from tests.harness.running_cafe import ROOT


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


@pytest.mark.few_cases(1)
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


@pytest.mark.few_cases(1)
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
