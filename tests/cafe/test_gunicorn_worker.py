"""Gunicorn's main thread answers kept-alive connections from the page cache as a thread would, without waiting."""

import http.client
import io
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

READY = ["/en/", "/zh-hans/item/latte/", "/api/menu", "/orders", "/api/orders"]
OWN_TO_AN_ANSWER = {"date", "x-request-id"}
THREADS = 4

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory, database: MariaDB, redis: Redis) -> Iterator[RunningCafe]:
    size = {"WEB_WORKERS": "1", "WEB_THREADS": str(THREADS)}
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), database.env() | redis.env() | size)
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.kill()


class Answers(io.BufferedReader):
    """The reader of a connection's answers; reading an answer to its end does not close it."""

    def makefile(self, _mode: str) -> "Answers":
        return self

    def close(self) -> None:
        """Do nothing: the reader is open as long as its connection."""


class Line:
    """A kept-alive connection; its first answer, which a thread gives, has been read."""

    def __init__(self, cafe: RunningCafe, **options: int) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(30)
        for name, value in options.items():
            self.socket.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        self.socket.connect(("127.0.0.1", cafe.port))
        self.answers = Answers(socket.SocketIO(self.socket, "rb"))
        assert self.get("/health/live/")[0] == 200

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.socket.close()

    def get(self, path: str, *headers: str) -> tuple[int, dict[str, str], bytes]:
        self.send(self.request(path, *headers))
        return self.answer()

    def request(self, path: str, *headers: str) -> bytes:
        return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        response = http.client.HTTPResponse(cast("socket.socket", self.answers))
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()

    def is_closed(self) -> bool:
        return self.answers.read(1) == b""


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[Line]:
    with Line(cafe) as line:
        yield line


@pytest.fixture
def no_thread(cafe: RunningCafe) -> Iterator[None]:
    """Occupy every thread with an incomplete request."""
    for path in ("/en/", "/api/menu"):
        with Line(cafe) as line:  # fills the page cache, for this coding
            line.get(path)
    lines = [Line(cafe) for _ in range(THREADS)]
    for line in lines:
        line.send(b"GET /en/ HT")
    time.sleep(0.5)
    yield
    for line in lines:
        line.send(line.request("/en/").removeprefix(b"GET /en/ HT"))
        assert line.answer()[0] == 200
        line.socket.close()


def order_by_a_program(line: Line) -> int:
    body = json.dumps({"customer_name": "Zhang", "coffee_type": "latte", "quantity": 1}).encode()
    headers = ["Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    line.send("\r\n".join(["POST /orders HTTP/1.1", *headers, "", ""]).encode() + body)
    status, _headers, answer = line.answer()
    assert status == 201, answer
    return int(json.loads(answer)["order_id"])


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("path", READY)
@pytest.mark.parametrize("coding", ["", "br"])
def test_a_thread_and_no_thread_answer_alike(cafe: RunningCafe, path: str, coding: str) -> None:
    def told(*headers: str) -> tuple[int, dict[str, str], bytes]:
        with Line(cafe) as line:
            status, said, body = line.get(path, *headers, f"Accept-Encoding: {coding}")
            return status, {name: value for name, value in said.items() if name not in OWN_TO_AN_ANSWER}, body

    told()  # fills the page cache
    by_a_thread = told("Connection: keep-alive, nothing")
    assert by_a_thread[0] == 200
    assert told() == by_a_thread
    assert told("X-Request-ID: one-of-mine") == by_a_thread


def test_the_request_id_is_said(line: Line) -> None:
    for path in READY:
        assert line.get(path, "X-Request-ID: one-of-mine-here")[1]["x-request-id"] == "one-of-mine-here"


def test_who_knows_it_is_told_so(line: Line) -> None:
    for path in READY:
        tag = line.get(path)[1]["etag"]
        status, _headers, body = line.get(path, f"If-None-Match: {tag}")
        assert (status, body) == (304, b"")


def test_no_thread_is_needed(cafe: RunningCafe, line: Line, no_thread: None) -> None:
    for path in ("/en/", "/api/menu") * 3:
        assert line.get(path)[0] == 200


def test_the_next_read_shows_an_order(line: Line, cafe: RunningCafe) -> None:
    with Line(cafe) as writer:
        for _ in range(20):
            line.get("/orders")
            order_id = order_by_a_program(writer)
            assert json.loads(line.get("/orders")[2])[0]["id"] == order_id
            assert json.loads(line.get("/orders")[2])[0]["id"] == order_id


def test_a_crowd_has_them_made_once(cafe: RunningCafe, line: Line) -> None:
    def misses() -> int:
        return int(json.loads(line.get("/api/cache/stats")[2])["caches"]["orders"]["misses"])

    rounds = 5
    with ExitStack() as stack:
        crowd = [stack.enter_context(Line(cafe)) for _ in range(4 * THREADS)]
        before = misses()
        for _ in range(rounds):
            time.sleep(2.5)  # a cached order list lives for two seconds
            for one in crowd:
                one.send(one.request("/orders"))
            assert {one.answer()[0] for one in crowd} == {200}
    assert rounds <= misses() - before <= rounds + 2  # others wait a second at most for single flight


def test_a_slow_reader_holds_up_nobody(cafe: RunningCafe, line: Line) -> None:
    expected = line.get("/en/")[2]
    with Line(cafe, SO_RCVBUF=2048) as slow:
        asked = 200
        for _ in range(asked):
            slow.send(slow.request("/en/"))
            assert line.get("/en/")[2] == expected
        for _ in range(asked):
            status, _headers, body = slow.answer()
            assert (status, body) == (200, expected)


def test_requests_in_pieces_and_in_heaps(line: Line) -> None:
    request = line.request("/en/")
    for at in range(1, len(request), 7):
        line.send(request[:at])
        time.sleep(0.01)
        line.send(request[at:])
        assert line.answer()[0] == 200
    line.send(request * 5 + line.request("/orders") * 5)
    assert [line.answer()[0] for _ in range(10)] == [200] * 10


@pytest.mark.parametrize("path", ["/en/", "/orders"])
def test_what_is_not_plain_is_answered_as_ever(cafe: RunningCafe, path: str) -> None:
    expected = {
        "Host: elsewhere.example": 400,
        "Host: localhost\r\nHost: localhost": 400,
        "Host: localhost\r\n Folded: yes": 400,
        "Host: localhost\r\nNo colon": 400,
        "Host: localhost\r\nBad name: yes": 400,
        "Host: localhost\r\nContent-Length: 2": 200,
        "Host: localhost\r\nContent-Length: -2": 400,
        "Host: localhost\r\nTransfer-Encoding: chunked": 200,
        "Host: localhost\r\nCookie: sessionid=made-up": 200,
        "Host: localhost\r\nConnection: Keep-Alive": 200,
        "Host: localhost\r\nConnection: close": 200,
        "Host: localhost\r\nX-Long: " + "a" * 8000: 200,
    }
    bodies = {"Content-Length: 2": b"{}", "chunked": b"2\r\n{}\r\n0\r\n\r\n"}
    for headers, status in expected.items():
        with Line(cafe) as line:
            line.get(path)
            body = next((body for end, body in bodies.items() if headers.endswith(end)), b"")
            line.send(f"GET {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + body)
            assert line.answer()[0] == status, headers
            if status == 200 and "close" not in headers:
                assert line.get(path)[0] == 200, headers
                assert line.get("/health/live/")[0] == 200, headers
            elif "close" in headers:
                assert line.is_closed()


def test_who_is_gone_is_forgotten(cafe: RunningCafe, line: Line) -> None:
    for _ in range(50):
        with Line(cafe) as gone:
            gone.send(gone.request("/en/"))
            gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with RST
    assert line.get("/en/")[0] == 200


@pytest.mark.only_full
def test_a_frozen_redis_holds_up_nobody_for_long(line: Line, cafe: RunningCafe, redis: Redis) -> None:
    line.get("/orders")
    redis.pause()
    try:
        with Line(cafe) as other:
            line.send(line.request("/orders"))
            assert other.get("/en/")[0] == 200
        assert line.answer()[0] == 200
        for _ in range(5):
            assert line.get("/orders")[0] == 200
    finally:
        redis.resume()
