"""Slow clients and large requests harm no other client."""

import json
import time
from statistics import median

import pytest

from tests.deploy.crowd import Answer, Person
from tests.deploy.edge import Edge
from tests.deploy.hostile_requests.requests import FIGURES, HTML, JSON, one_reply
from tests.deploy.slow_clients import SlowClients
from tests.deploy.testbed import Testbed
from tests.deploy.wire import request

MB = 1024 * 1024


def visit(edge: Edge, times: int) -> list[Answer]:
    """Read pages and order, as an ordinary customer does; return the answers."""
    person = Person(edge)
    answers: list[Answer] = []
    for _ in range(times):
        answers += [person.get(path) for path in ("/en/", "/zh-hans/item/latte/", "/en/cart/", "/api/orders")]
        answers.append(person.order())
    person.leave()
    return answers


def medians_ms(answers: list[Answer]) -> list[float]:
    """Return the median time of a page and of an order, in milliseconds."""
    return [1000 * median(each.took_s for each in answers if each.method == method) for method in ("GET", "POST")]


# Slow clients


@pytest.mark.only_full
def test_three_hundred_slow_clients_keep_nobody_waiting(edge: Edge, full_size: bool, record_property) -> None:
    visit(edge, 3)
    rounds = 200 if full_size else 15
    before = visit(edge, rounds)
    with SlowClients(edge, of_each=100) as slow:
        assert len(slow) == 300
        time.sleep(25 if full_size else 1.5)  # longer than the timeout for headers
        during = visit(edge, rounds)
    was_ms, is_ms = medians_ms(before), medians_ms(during)
    slowest_ms = 1000 * max(answer.took_s for answer in during)
    record_property(
        FIGURES,
        f"a page and an order took {was_ms[0]:.1f} and {was_ms[1]:.1f} ms; with {len(slow)} slow clients"
        f" {is_ms[0]:.1f} and {is_ms[1]:.1f} ms, slowest {slowest_ms:.0f}; {slow.hung_up} of these were hung up on",
    )
    assert {answer.status for answer in before + during} == {200, 201}
    assert all(now <= 5 * max(then, 20) for then, now in zip(was_ms, is_ms, strict=True))
    if full_size:
        assert slow.hung_up >= 100


def chunked(size: int) -> bytes:
    piece = b"x" * 65536
    return (b"%x\r\n%s\r\n" % (len(piece), piece)) * (size // len(piece)) + b"0\r\n\r\n"


# Large requests


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("is_chunked", [False, True], ids=["by_length", "in_chunks"])
@pytest.mark.parametrize(
    ("path", "shape", "size"),
    [
        ("/api/orders", JSON, 10 * MB),
        ("/orders", JSON, 10 * MB),
        ("/api/no-such", JSON, 10 * MB),
        ("/en/checkout/", HTML, 10 * MB),
        ("/zh-hans/cart/add/", HTML, 10 * MB),
        ("/en/", HTML, 10 * MB),
        ("/admin/login/", HTML, 13 * MB),
    ],
)
def test_a_body_that_is_too_large_is_refused_in_the_right_shape(
    edge: Edge, path: str, shape: str, size: int, is_chunked: bool
) -> None:
    kind = f"Content-Type: {JSON}"
    said = request("POST", path, b"", kind, "Transfer-Encoding: chunked") + chunked(size)
    reply = one_reply(edge, said if is_chunked else request("POST", path, b"x" * size, kind))
    assert (reply.status, reply.whose, reply.header("Content-Type")) == (413, "too_large", shape)
    if shape == JSON:
        assert json.loads(reply.body)["error"]["code"] == "too_large"


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("path", ["/api/orders", "/en/", "/en/cart/"])
@pytest.mark.parametrize(
    ("headers", "line"),
    [
        (["a:b"] * 10_000, ""),
        ([f"X-Header-{number}: {number}" for number in range(10_000)], ""),
        (["X-Note: " + "x" * 20_000], ""),
        (["X-Note: " + "x" * MB], ""),
        (["Cookie: " + "; ".join(f"c{number}=x" for number in range(10_000))], ""),
        ([], "?" + "x" * 20_000),
        ([], "?" + "x" * MB),
    ],
    ids=["tiny_headers", "headers", "header", "huge_header", "cookies", "line", "huge_line"],
)
def test_a_head_that_is_too_large_is_refused(edge: Edge, path: str, headers: list[str], line: str) -> None:
    reply = one_reply(edge, request("GET", path + line, b"", *headers))
    assert reply.status in (400, 413, 414, 431), reply
    assert reply.whose in ("malformed", "too_large")
    assert Person(edge).get(path).status == 200


def test_a_line_that_is_too_large_is_refused_in_the_right_shape(edge: Edge) -> None:
    reply = one_reply(edge, request("GET", "/api/orders?" + "x" * 20_000))
    assert (reply.status, reply.header("Content-Type")) == (414, JSON)


@pytest.mark.only_full
@pytest.mark.few_cases(1)
@pytest.mark.parametrize("path", ["/en/%0a", "/api/menu%0a", "/en/item/latte/%0a", "/static/a.css%0a"])
def test_no_newline_is_said_to_a_program(testbed: Testbed, edge: Edge, path: str) -> None:
    """The edge must answer: gunicorn refuses such a line before Django sees it, with a page that is not ours."""
    assert Person(edge).get(path).status == 404
