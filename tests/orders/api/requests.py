"""Requests of an API client to `/api/orders`."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

ADDRESSES = ["/orders", "/api/orders"]


def course(
    coffee_type: str = "美式咖啡", quantity: int = 1, total_price: Any = 18.00, **fields: Any
) -> dict[str, Any]:
    """Return an order body in the course's format."""
    return {
        "customer_name": "缓存测试",
        "coffee_type": coffee_type,
        "quantity": quantity,
        "total_price": total_price,
    } | fields


def post(client: Client, body: Any, path: str = "/api/orders", **headers: str) -> HttpResponse:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def assert_refused(response: HttpResponse, status: int, code: str, fields: dict[str, Any] | None = None) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    error = response.json()["error"]
    assert response.json().keys() == {"error"}
    assert error.keys() == {"code", "message", "fields"}
    assert error["code"] == code
    assert error["message"]
    if fields is not None:
        assert error["fields"] == fields
