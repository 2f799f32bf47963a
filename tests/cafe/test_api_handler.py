"""`ApiHandler` answers an API client's order as all of Django does, without the middleware that only pages need."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from cafe.serving.api_handler import ADDRESSES, ApiHandler, HandlerRouter
from tests.harness.factories import americano

pytestmark = pytest.mark.django_db

OWN_TO_AN_ANSWER = {"X-Request-ID", "Content-Length"}
ORDER = {"customer_name": "王芳", "coffee_type": "americano", "quantity": 1}
REQUESTS: dict[str, dict[str, Any]] = {
    "an order": {"REQUEST_METHOD": "POST", "body": json.dumps(ORDER)},
    "in English": {"REQUEST_METHOD": "POST", "body": "[]", "HTTP_ACCEPT_LANGUAGE": "en"},
    "no JSON": {"REQUEST_METHOD": "POST", "body": "{"},
    "another type": {"REQUEST_METHOD": "POST", "body": "a=b", "CONTENT_TYPE": "application/x-www-form-urlencoded"},
    "too large": {"REQUEST_METHOD": "POST", "body": "x" * 70_000},
    "from another site": {"REQUEST_METHOD": "POST", "body": "{}", "HTTP_ORIGIN": "https://evil.example"},
    "another method": {"REQUEST_METHOD": "DELETE", "body": ""},
    "the list": {"REQUEST_METHOD": "GET", "body": ""},
    "a host of nobody": {"REQUEST_METHOD": "GET", "body": "", "HTTP_HOST": "evil.example"},
}


def answer(django: Any, path: str, request: dict[str, Any]) -> tuple[str, dict[str, str], Any]:
    """Return status, headers and JSON body; of a new order only the keys of the JSON."""
    said: list[Any] = []
    body = request["body"].encode()
    own = {"CONTENT_TYPE": "application/json"} | {name: value for name, value in request.items() if name != "body"}
    environ = RequestFactory()._base_environ(PATH_INFO=path, CONTENT_LENGTH=str(len(body)), **own)
    response = django(environ | {"wsgi.input": BytesIO(body)}, lambda status, headers: said.extend((status, headers)))
    text = b"".join(response).decode()
    headers = {name: value for name, value in said[1] if name not in OWN_TO_AN_ANSWER}
    return said[0], headers, text if said[0][:3] != "201" else sorted(json.loads(text))


@pytest.mark.parametrize("path", sorted(ADDRESSES))
@pytest.mark.parametrize("name", REQUESTS)
def test_the_answer_is_that_of_the_long_way(path: str, name: str) -> None:
    americano()
    long_way, short_way = (answer(django, path, REQUESTS[name]) for django in (WSGIHandler(), ApiHandler()))
    assert short_way == long_way


def test_it_is_shorter_and_orders_take_it() -> None:
    ways = HandlerRouter(WSGIHandler())
    assert len(depth_of(ways._api)) < len(depth_of(ways._pages))


def depth_of(django: WSGIHandler) -> list[Any]:
    layers, layer = [], getattr(django._middleware_chain, "__wrapped__", None)
    while layer is not None:
        layers.append(layer)
        layer = getattr(getattr(layer, "get_response", None), "__wrapped__", None)
    return layers
