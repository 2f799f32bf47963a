"""A request that must be refused with this error, and write no row."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from tests.harness.factories import nothing_written, option

REMOVED = ...  # a field that is not sent


def short(value: Any) -> str:
    return repr(value)[:30]


def course(**fields: Any) -> dict[str, Any]:
    body = {"customer_name": "王芳", "coffee_type": "croissant", "quantity": 1, "total_price": 16.00} | fields
    return {name: value for name, value in body.items() if value is not REMOVED}


def basket(*lines: Any, **fields: Any) -> dict[str, Any]:
    return {"customer_name": "王芳", "lines": list(lines)} | fields


def send(client: Client, body: bytes | str, content_type: str = "application/json", **headers: str) -> HttpResponse:
    return client.post("/api/orders", body, content_type=content_type, headers=headers)


def assert_refused(client: Client, body: Any, status: int, code: str, *fields: str, **headers: str) -> None:
    """Send a body (an object, or raw text); assert this error response, and that no row is written."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    with nothing_written():
        response = send(client, text, **headers)
    assert_error(response, status, code)
    if fields:
        assert response.json()["error"]["fields"].keys() == set(fields)


def assert_error(response: HttpResponse, status: int, code: str) -> None:
    assert response["Content-Type"] == "application/json"
    assert response.json().keys() == {"error"}
    assert response.json()["error"].keys() == {"code", "message", "fields"}
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def latte_with(*names: str) -> list[int]:
    drink = Item.objects.get(slug="latte")
    return [option(drink, name).pk for name in names]
