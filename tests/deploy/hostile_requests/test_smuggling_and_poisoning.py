"""Malformed requests: no request smuggling, no cache poisoning."""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import brotli
import pytest

from tests.deploy.crowd import Person
from tests.deploy.edge import Edge
from tests.deploy.hostile import SHAPES, Shape
from tests.deploy.hostile_requests.requests import FIGURES, JSON, POISON_CODINGS, POISON_PATHS, NewEdge, one_reply
from tests.deploy.testbed import Testbed
from tests.deploy.wire import Reply, replies, request, say


def seen_by(testbed: Testbed, edge: Edge) -> set[str]:
    """Return the request ids and paths in the logs of the edge and of all instances."""
    logs = [edge.written(), *(program.log.read_text() for program in testbed.instances)]
    lines = [line for log in logs for line in log.splitlines() if line.startswith("{")]
    told = list(map(json.loads, lines))
    return {line["request_id"] for line in told} | {line.get("path", "").lstrip("/") for line in told}


# Request smuggling


def test_no_request_hides_in_another(testbed: Testbed, edge: Edge, record_property) -> None:
    def answers_to(shape: Shape) -> list[Reply]:
        return replies(say(edge, shape.said), to=shape.said[:4].decode("latin-1").strip())

    with ThreadPoolExecutor(24) as attackers:
        told = dict(zip([shape.name for shape in SHAPES], attackers.map(answers_to, SHAPES), strict=True))
    assert {name: answers for name, answers in told.items() if len(answers) != 1} == {}
    statuses = {name: answers[0].status for name, answers in told.items()}
    refused = sum(400 <= status < 500 for status in statuses.values())
    record_property(FIGURES, f"{len(SHAPES)} shapes, {refused} refused, {len(SHAPES) - refused} answered once")
    assert {name: status for name, status in statuses.items() if status >= 500} == {}
    two_ends = {name for name in statuses if re.match("cl-|te-.*-and-length|chunk-", name)}
    assert {name: statuses[name] for name in two_ends if not 400 <= statuses[name] < 500} == {}
    # Control: a request with such an id that does reach an instance is in both logs.
    Person(edge).get("/smuggled-control", X_Request_ID="smuggled-control-id")
    time.sleep(0.5)
    seen = seen_by(testbed, edge)
    assert {"smuggled-control", "smuggled-control-id"} <= seen
    assert not {shape.mark for shape in SHAPES} & seen
    assert not [each for each in seen if each.startswith("smuggled-") and "control" not in each]


def test_a_kept_connection_is_not_spoiled_for_who_comes_next(edge: Edge) -> None:
    """On a kept-alive connection between edge and instance, an unread body never answers the next request."""
    inner = request("GET", "/en/item/mocha/")
    paths = {
        "/en/cart/": b"/en/cart/",
        "/zh-hans/board/": b"/zh-hans/board/",
        "/en/orders/mine/": b"/en/orders/mine/",
    }
    honest = {path: Person(edge).get(path).body for path in paths}
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        for path in paths:
            say(edge, request(method, path, inner), silence_s=0.05)
    for path, body in honest.items():
        title = re.search(rb"<title>.*?</title>", body, re.DOTALL)
        assert title
        assert all(title[0] in Person(edge).get(path).body for _ in range(5))


CODINGS = {"br": "br", "gzip": "gzip", "identity": ""}


DECODERS: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


POISONED = ("/en/", "/zh-hans/", "/en/item/latte/", "/en/item/mocha/", "/api/menu")


EVIL = "evil.example"


POISON_HEADERS = {
    "forwarded_host": [f"X-Forwarded-Host: {EVIL}"],
    "forwarded": [f"Forwarded: host={EVIL};proto=https"],
    "forwarded_proto": ["X-Forwarded-Proto: https"],
    "forwarded_port": ["X-Forwarded-Port: 1", f"X-Host: {EVIL}", f"X-Forwarded-Server: {EVIL}"],
    "original_url": ["X-Original-URL: /zh-hans/item/mocha/", "X-Rewrite-URL: /zh-hans/item/mocha/"],
    "script_name": ["SCRIPT_NAME: /x", "Script-Name: /x", "X-Script-Name: /x", "X-Forwarded-Prefix: /x"],
    "method_override": ["X-HTTP-Method-Override: POST", "X-Method-Override: DELETE"],
    "range": ["Range: bytes=0-9"],
    "ranges": ["Range: bytes=0-9,20-29", "If-Range: x"],
    "known": ["If-None-Match: *", "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"],
    "match": ['If-Match: "x"', "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT"],
    "language": ["Accept-Language: zh-hans", "Cookie: django_language=zh-hans"],
    "cookies": ["Cookie: csrftoken=x; messages=evil; cart=evil"],
    "session": ["Cookie: sessionid=0123456789"],
    "authorization": ["Authorization: Basic eDp5"],
    "htmx": ["HX-Request: true", "HX-Target: menu", "X-Requested-With: XMLHttpRequest"],
    "no_store": ["Cache-Control: no-cache, no-store", "Pragma: no-cache"],
    "json": ["Accept: application/json"],
    "upgrade": ["Connection: Upgrade", "Upgrade: websocket"],
    "hop": ["Connection: close, Host, X-Forwarded-For, Accept-Encoding"],
}


def plain(path: str, *headers: str, method: str = "GET") -> bytes:
    return request(method, path, b"", *headers, "Connection: close")


def with_host(path: str, host: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


def poisons() -> Iterator[bytes]:
    for path in ("/en/", "/api/menu"):
        for headers in POISON_HEADERS.values():
            coded = [] if any("Connection:" in each for each in headers) else ["Connection: close"]
            yield request("GET", path, b"", *headers, *coded)
        for coding in POISON_CODINGS:
            yield plain(path, f"Accept-Encoding: {coding}")
        for host in (EVIL, "127.0.0.1:1", "localhost", "LOCALHOST.", "cloudcafe.local", f"127.0.0.1@{EVIL}", "[::1]"):
            yield with_host(path, host)
        for method in ("HEAD", "POST", "PUT", "OPTIONS", "PURGE", "BREW"):
            yield plain(path, method=method)
        yield request("GET", path, b"evil=1", "Connection: close")
    yield from map(plain, POISON_PATHS)


def honest_pages(testbed: Testbed) -> dict[str, bytes]:
    """Return each page as an instance answers a plain request, without the edge."""
    return {path: Person(testbed.instances[0]).get(path, Accept_Encoding="identity").body for path in POISONED}


def stored(edge: Edge) -> dict[str, bytes]:
    """Return {cache key: status line} of the edge's page cache."""
    files = edge.kept("pages")
    found = [(re.search(rb"\nKEY: ([^\n]*)\n", file), re.search(rb"HTTP/1\.1 [^\r\n]*", file)) for file in files]
    return {key[1].decode("latin-1"): status[0] for key, status in found if key and status}


def spoiled(edge: Edge, honest: dict[str, bytes]) -> list[str]:
    """Return a description of each page that the edge now answers differently from an instance."""
    person, wrong = Person(edge), []
    for path, body in honest.items():
        for accepted, coding in CODINGS.items():
            answer = person.get(path, Accept_Encoding=accepted)
            given = answer.headers.get("Content-Encoding", "")
            if (answer.status, given) != (200, coding) or DECODERS[coding](answer.body) != body:
                wrong.append(f"{path} {accepted}: {answer.status} {given} {answer.headers}")
    person.leave()
    return wrong


PUBLIC_KEY = re.compile(r"/(?:(?:en|zh-hans)/(?:item/[-\w]+/)?|api/menu) (?:br|gzip|)")


# Cache poisoning


@pytest.mark.only_full
def test_no_odd_request_spoils_what_others_get(
    testbed: Testbed, new_edge: NewEdge, full_size: bool, record_property
) -> None:
    """Each odd request meets an empty cache, so that its answer would be the stored one."""
    honest, tried = honest_pages(testbed), 0
    for poison in islice(poisons(), 0, None, 1 if full_size else 5):
        edge = new_edge()
        told = replies(say(edge, poison), to=poison.partition(b" ")[0].decode())
        assert len(told) == 1, poison
        assert told[0].status < 500, poison
        assert spoiled(edge, honest) == [], poison
        kept = stored(edge)
        assert not {key for key in kept if not PUBLIC_KEY.fullmatch(key)}, poison
        assert set(kept.values()) == {b"HTTP/1.1 200 OK"}, poison
        edge.kill()
        tried += 1
    record_property(
        FIGURES, f"{tried} requests, each before an empty cache; {len(honest) * len(CODINGS)} copies each"
    )


@pytest.mark.few_cases(3)
@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("gzip;q=0", {""}),
        ("br;q=0, gzip", {"gzip"}),
        ("br;q=0.001", {"br"}),
        ("gzip;q=0.000", {""}),
        ("*;q=0", {""}),
        ("*", {"", "br", "gzip"}),
        ("deflate", {""}),
        ("brr", {""}),
        ("GZIP", {"gzip"}),
        ("gzip, br", {"br"}),
        ("", {""}),
    ],
)
def test_nobody_gets_a_coding_that_was_not_asked_for(edge: Edge, accepted: str, given: set[str]) -> None:
    for _ in range(2):  # cache miss, then cache hit
        answer = Person(edge).get("/en/", Accept_Encoding=accepted)
        assert answer.headers.get("Content-Encoding", "") in given
        assert b"<html" in DECODERS[answer.headers.get("Content-Encoding", "")](answer.body)


@pytest.mark.parametrize("path", ["/api/orders?q={}", "/api/orders/{}", "/zh-hans/cart/?q={}"])
def test_a_line_that_gunicorn_would_refuse_is_refused_here_in_the_right_shape(edge: Edge, path: str) -> None:
    reply = one_reply(edge, request("GET", path.format("x" * 5000)))
    kind = JSON if path.startswith("/api") else "text/html; charset=utf-8"
    assert (reply.status, reply.header("Content-Type"), reply.header("X-Edge-Answer")) == (414, kind, "too_large")


def test_a_precondition_that_does_not_hold_is_answered_in_the_right_shape(edge: Edge) -> None:
    reply = one_reply(edge, request("GET", "/api/menu", b"", 'If-Match: "another"'))
    assert (reply.status, reply.header("Content-Type")) == (412, JSON)


@pytest.mark.only_full
def test_no_address_is_made_of_the_host_that_was_sent(edge: Edge) -> None:
    answer = Person(edge).get("/admin", Host="evil.example")
    assert (answer.status, answer.headers["Location"]) == (301, "/admin/")
