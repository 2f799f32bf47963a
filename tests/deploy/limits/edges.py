"""Edges with small limits, and requests from many client addresses."""

import time
from collections.abc import Callable
from typing import Any

from tests.deploy.crowd import Answer, Person
from tests.deploy.edge import Edge

FEW = {"EDGE_ORDER_RATE": "60r/m", "EDGE_ORDER_BURST": "3", "EDGE_LOGIN_RATE": "60r/m", "EDGE_LOGIN_BURST": "2"}


FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


WI_FI = 200


NewEdge = Callable[..., Edge]


def post(person: Person, path: str) -> Answer:
    return person.ask("POST", path, b"", FORM)


def logged(edge: Edge, lines: int) -> list[dict[str, Any]]:
    """Return the log once it has `lines` lines, or after 10 s: nginx writes a line after it has sent the answer."""
    deadline = time.monotonic() + 10
    while len(edge.logged()) < lines and time.monotonic() < deadline:
        time.sleep(0.02)
    return edge.logged()


def post_quickly(person: Person, path: str, times: int = 30) -> list[Answer]:
    return [post(person, path) for _ in range(times)]


def is_busy_json(answer: Answer, status: int) -> bool:
    is_json = answer.headers["Content-Type"].startswith("application/json")
    return is_json and answer.status == status and answer.json["error"]["code"] == "busy"


def retries(answers: list[Answer]) -> set[int]:
    return {int(answer.headers["Retry-After"]) for answer in answers}
