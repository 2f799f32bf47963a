"""The edge's closed paths, its answers' headers, and its logs."""

import json
import re
from typing import Any

import pytest

from deploy.edge import DEFAULTS
from tests.deploy.crowd import Person
from tests.deploy.limits.edges import FEW, FORM, WI_FI, NewEdge, logged, post, post_quickly
from tests.deploy.wire import answer_to, request
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import Server

# Closed paths


def test_the_admin_can_be_closed(new_edge: NewEdge) -> None:
    person = Person(new_edge(EDGE_ADMIN="deny all;"), Accept_Language="en")
    told = [person.get(path) for path in ("/admin/", "/admin/login/", "/%61dmin/", "/en/../admin/", "//admin/")]
    assert {(answer.status, answer.whose) for answer in told} == {(403, "forbidden")}
    assert 'lang="en"' in told[0].body.decode()
    assert person.get("/en/").status == 200


@pytest.mark.only_full
def test_the_full_health_is_closed_unless_it_is_opened(new_edge: NewEdge, program: RunningCafe) -> None:
    address = f"127.0.0.1:{program.port}"
    closed = Person(new_edge(address)).get("/health/full/")
    assert (closed.status, closed.whose, closed.json["error"]["code"]) == (403, "forbidden", "forbidden")
    opened = Person(new_edge(address, EDGE_HEALTH="allow 127.0.0.1; deny all;")).get("/health/full/")
    assert (opened.status, opened.whose) == (200, "a program")
    assert opened.json["checks"]["database"]["status"] == "ok"


def logged_ids(program: Server) -> list[str]:
    lines = [line for line in program.log.read_text().splitlines() if line.startswith("{")]
    return [line["request_id"] for line in map(json.loads, lines) if line["logger"] == "cafe.access"]


# Answers, headers and logs


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [
        ("a-good_id-0123456789", True),
        ("12345678", True),
        ("x" * 64, True),
        ("short", False),
        ("x" * 65, False),
        ("with spaces in it", False),
        ('quoted"and{brackets}', False),
        ("", False),
    ],
)
def test_a_request_has_one_id_everywhere(new_edge: NewEdge, program: RunningCafe, sent: str, is_kept: bool) -> None:
    edge = new_edge(f"127.0.0.1:{program.port}")
    reply = answer_to(edge, request("GET", "/en/cart/", b"", f"X-Request-ID: {sent}", "Connection: close"))
    (given,) = reply.all("X-Request-ID")
    assert (given == sent) is is_kept
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", given)
    assert logged(edge, 1)[-1]["request_id"] == given
    assert logged_ids(program)[-1] == given


def test_no_log_holds_an_order_s_token(new_edge: NewEdge, program: RunningCafe) -> None:
    edge = new_edge(f"127.0.0.1:{program.port}")
    person = Person(edge)
    order = person.order().json
    token, status = order["token"], order["status_url"]
    asked: list[Any] = [person.get(status), person.get(f"{status}?token={token}"), person.get(f"/en/order/{token}")]
    asked += [person.get(f"/api/orders/{token}"), person.get(f"/api/orders/{token}?{token}")]
    asked += [person.get("/en/", Referer=f"{edge.url}{status}")]
    asked += [person.get(f"/en/?{token}"), answer_to(edge, f"GET {status} HTTP/1.1\r\nHost: a b\r\n\r\n".encode())]
    assert asked[0].status == asked[3].status == 200
    lines = logged(edge, len(asked) + 1)
    assert token not in edge.written()
    assert token not in program.log.read_text()
    assert {"/zh-hans/order/…/", "/api/orders/…"} <= {line["path"] for line in lines}


def test_no_log_holds_the_token_of_a_colleague_s_link(new_edge: NewEdge, program: RunningCafe) -> None:
    edge = new_edge(f"127.0.0.1:{program.port}")
    person, token = Person(edge), "Ab3-" * 8
    asked = [
        person.get(f"/admin/join/{token}/"),
        person.get(f"/admin/join/{token}"),
        person.get("/admin/join/short/"),
    ]
    asked.append(person.ask("POST", f"/admin/join/{token}/", b"new_password1=flat-white-at-8", FORM))
    assert [answer.status for answer in asked] == [410, 410, 410, 403]
    assert {line["path"] for line in logged(edge, 4)} == {"/admin/join/…/", "/admin/join/…"}
    for log in (edge.written(), program.log.read_text()):
        assert token not in log
        assert "flat-white" not in log


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    "spelled", ["/order/{}/", "/%7ah-hans/order/{}/", "/zh-hans/order%2f{}/", "/api/%6frders/{}"]
)
def test_no_log_holds_a_token_that_is_asked_for_in_another_spelling(new_edge: NewEdge, spelled: str) -> None:
    edge = new_edge()
    person = Person(edge)
    token = person.order().json["token"]
    assert person.get(spelled.format(token)).status in (200, 302)
    assert logged(edge, 2)[1]["status"] in (200, 302)
    assert token not in edge.written()


@pytest.mark.parametrize("path", ["/zh-hans/order/{}/cancel/", "/admin/bar/{}/"])
def test_no_log_holds_a_token_that_was_posted_to_without_a_csrf_cookie(
    new_edge: NewEdge, program: RunningCafe, path: str
) -> None:
    person = Person(new_edge(f"127.0.0.1:{program.port}"))
    token = person.order().json["token"]
    assert post(person, path.format(token)).status == 403
    assert token not in program.log.read_text()


SECURITY = ("X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy", "X-Request-ID")


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    ("method", "path", "cache", "whose"),
    [
        ("GET", "/en/cart/", "", "a program"),
        ("GET", "/en/", "HIT", "a program"),
        ("GET", "/en/no-such-page/", "", "a program"),
        ("GET", "/health/full/", "", "forbidden"),
        ("POST", "/zh-hans/checkout/", "", "busy_order"),
        ("POST", "/api/orders", "", "busy_order"),
    ],
)
def test_security_headers_are_said_exactly_once(
    new_edge: NewEdge, method: str, path: str, cache: str, whose: str
) -> None:
    edge = new_edge(**FEW)
    if method == "POST":
        post_quickly(Person(edge), path, times=20)
    told = [answer_to(edge, request(method, path, b"", "Connection: close")) for _ in range(2)]
    assert (told[1].header("X-Cache-Status"), told[1].whose) == (cache, whose)
    assert {name: len(told[1].all(name)) for name in SECURITY} == dict.fromkeys(SECURITY, 1)
    assert not told[1].header("X-Powered-By")
    assert told[1].header("Server") == "nginx"


@pytest.mark.only_full
def test_the_usual_values_are_for_a_full_house() -> None:
    """The default limits allow a burst of 200 orders from one address, and per minute as many as three bars make."""
    assert int(DEFAULTS["EDGE_ORDER_BURST"]) >= WI_FI
    assert int(DEFAULTS["EDGE_ORDER_RATE"].removesuffix("r/s")) >= 10
