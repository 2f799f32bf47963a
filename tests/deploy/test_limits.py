"""The edge's rate limits per client address and its cap on concurrent orders: what they refuse, with which answer,
and what the edge logs."""

import json
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy.edge import DEFAULTS
from tests.deploy.crowd import Answer, Person
from tests.deploy.edge import Edge, OneAddress
from tests.deploy.testbed import UNLIMITED, Testbed
from tests.deploy.wire import HalfSaid, answer_to, request
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import Server

FIGURES = "figures"
BELIEVED = {"EDGE_TRUSTED": "set_real_ip_from 127.0.0.1;"}
FEW = {"EDGE_ORDER_RATE": "60r/m", "EDGE_ORDER_BURST": "3", "EDGE_LOGIN_RATE": "60r/m", "EDGE_LOGIN_BURST": "2"}
BODY = b'{"customer_name": "Ann", "coffee_type": "latte", "quantity": 1}'
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
WI_FI = 200

NewEdge = Callable[..., Edge]


@pytest.fixture(autouse=True, scope="module")
def _the_books_agree(testbed: Testbed) -> Iterator[None]:
    """Check once per module: its tests place few orders."""
    yield
    assert testbed.check_books() == "The books agree.\n"


@pytest.fixture
def new_edge(testbed: Testbed, tmp_path: Path) -> Iterator[NewEdge]:
    """Return a function that starts an edge with these values, in front of the testbed's instances or of others."""
    with ExitStack() as started:

        def start(instances: str = "", **values: str) -> Edge:
            edge = testbed.new_edge(tmp_path / secrets.token_hex(4), instances=instances, **values).start()
            started.callback(edge.kill)
            return edge

        yield start


@pytest.fixture(scope="module")
def program(testbed: Testbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCafe]:
    """One instance; its log has exactly the requests that an edge in front of it passed on."""
    env = {"WEB_WORKERS": "1", "HEALTH_FULL_FROM": "127.0.0.1"}
    program = testbed.new_instance(tmp_path_factory.mktemp("program"), common=OneAddress(), **env)
    program.start()
    yield program
    program.kill()


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


# Rate limit of orders


def test_over_the_rate_of_orders_an_address_is_told_busy_and_another_is_not(new_edge: NewEdge) -> None:
    edge = new_edge(**BELIEVED | FEW)
    person, other = Person(edge, X_Forwarded_For="192.0.2.1"), Person(edge, X_Forwarded_For="192.0.2.2")
    started = time.monotonic()
    answers = [person.order() for _ in range(40)]
    seconds = time.monotonic() - started
    placed = [answer for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status != 201]
    assert 4 <= len(placed) <= 5 + seconds
    assert {answer.status for answer in answers[:4]} == {201}
    assert all(is_busy_json(answer, 429) and answer.whose == "busy_order" for answer in refused)
    assert retries(refused) <= {1, 2, 3, 4, 5}
    assert len(retries(refused)) > 1
    assert other.order().status == 201


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_over_the_rate_the_checkout_says_so_in_its_language(new_edge: NewEdge, language: str) -> None:
    answers = post_quickly(Person(new_edge(**FEW), Accept_Language="fr"), f"/{language}/checkout/")
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert {answer.whose for answer in refused} == {"busy_order"}
    assert {answer.headers["Content-Type"] for answer in refused} == {"text/html; charset=utf-8"}
    assert all(f'<html lang="{language}"' in answer.body.decode() for answer in refused)
    assert {answer.headers["Cache-Control"] for answer in refused} == {"no-store"}
    assert retries(refused) <= {1, 2, 3, 4, 5}


def test_all_ways_to_order_share_one_rate(new_edge: NewEdge) -> None:
    person = Person(new_edge(**FEW))
    post_quickly(person, "/en/checkout/", times=20)
    assert {post(person, path).status for path in ("/orders", "/api/orders", "/zh-hans/checkout/")} == {429}


def test_reading_is_never_limited_by_address(new_edge: NewEdge) -> None:
    person = Person(new_edge(**FEW))
    post_quickly(person, "/en/checkout/")
    post_quickly(person, "/admin/login/")
    paths = ("/en/", "/api/orders", "/en/checkout/", "/admin/login/", "/api/health")
    told = Counter(person.get(path).status for path in paths for _ in range(40))
    assert not told.keys() & {429, 503}


def test_everybody_behind_one_wi_fi_gets_an_order_through(
    testbed: Testbed, new_edge: NewEdge, record_property
) -> None:
    """All order in the same moment, with the usual limits; a refused customer retries after Retry-After with the same
    idempotency key."""
    cap = "32"  # the cap of a single edge, and the sum of a cluster's two
    edge, together = new_edge(EDGE_ORDER_CAP=cap), threading.Barrier(WI_FI)

    def buy(_number: int) -> tuple[list[Answer], float]:
        person, key = Person(edge), secrets.token_hex(8)
        together.wait()
        started = time.monotonic()
        answers = [person.order(key)]
        while answers[-1].status != 201 and len(answers) < 20:
            assert is_busy_json(answers[-1], answers[-1].status), answers[-1]
            time.sleep(int(answers[-1].headers["Retry-After"]))
            answers.append(person.order(key))
        person.leave()
        return answers, time.monotonic() - started

    with ThreadPoolExecutor(WI_FI) as customers:
        bought = list(customers.map(buy, range(WI_FI)))
    first = Counter(answers[0].status for answers, _took_s in bought)
    tries = max(len(answers) for answers, _took_s in bought)
    record_property(
        FIGURES, f"at first {dict(first)}; the last after {max(s for _, s in bought):.1f} s, {tries} tries"
    )
    assert {answers[-1].status for answers, _took_s in bought} == {201}
    assert 429 not in first
    numbers = {answers[-1].json["order_id"] for answers, _took_s in bought}
    assert len(numbers) == WI_FI


# Rate limit of logins


def test_over_the_rate_of_logins_staff_wait_a_moment_and_go_on(new_edge: NewEdge) -> None:
    person = Person(new_edge(**FEW), Accept_Language="en")
    answers = post_quickly(person, "/admin/login/")
    assert {answer.whose for answer in answers[:3]} == {"a program"}
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) >= 20
    assert {answer.whose for answer in refused} == {"busy_login"}
    assert retries(refused) <= {1, 2, 3, 4, 5}
    time.sleep(1.2)
    assert post(person, "/admin/login/").whose == "a program"


def test_logins_take_nothing_of_the_orders_rate(new_edge: NewEdge) -> None:
    person = Person(new_edge(**FEW))
    post_quickly(person, "/admin/login/")
    assert person.order().status == 201


@pytest.mark.parametrize(
    "path", ["/admin//login/", "/admin/./login/", "/%61dmin/login/", "/admin/login/?next=/", "/admin/login"]
)
def test_no_spelling_of_the_login_escapes_its_rate(new_edge: NewEdge, path: str) -> None:
    """Each path is either the login, and counted, or a 404."""
    answers = post_quickly(Person(new_edge(**FEW)), path)
    assert answers[-1].status in (404, 429), answers[-1]


# Client address


def test_an_invented_address_escapes_no_limit_and_is_not_in_the_log(new_edge: NewEdge) -> None:
    edge = new_edge(**FEW)
    told = [Person(edge, X_Forwarded_For=f"192.0.2.{number}, 198.51.100.9").order() for number in range(20)]
    assert told[-1].status == 429
    assert {line["address"] for line in logged(edge, 20)} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.7", "203.0.113.9, 198.51.100.7", "198.51.100.7, 127.0.0.1", "nonsense, 198.51.100.7, 127.0.0.1"],
)
def test_from_a_trusted_proxy_the_right_most_that_is_not_trusted_counts(new_edge: NewEdge, forwarded: str) -> None:
    edge = new_edge(**BELIEVED)
    assert Person(edge, X_Forwarded_For=forwarded).get("/en/cart/").status == 200
    assert logged(edge, 1)[-1]["address"] == "198.51.100.7"


# Cap on concurrent orders


class SlowInstance(Server):
    """An instance that answers each order after `takes_s`; `asked` counts the orders that the edge passed on."""

    def __init__(self, folder: Path, takes_s: float) -> None:
        super().__init__(folder)
        self.takes_s, self.asked = takes_s, 0
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    program = "slow"

    def _listen(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[line], daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line:
            line.recv(65536)
            self.asked += 1
            time.sleep(self.takes_s)
            line.sendall(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def slow_instance(tmp_path: Path) -> Iterator[SlowInstance]:
    program = SlowInstance(tmp_path, takes_s=1.5)
    yield program
    program.close()


def test_over_the_cap_orders_are_refused_and_not_passed_on(new_edge: NewEdge, slow_instance: SlowInstance) -> None:
    edge = new_edge(slow_instance.address, **UNLIMITED, EDGE_ORDER_CAP="3")
    with ThreadPoolExecutor(40) as customers:
        answers = list(customers.map(lambda _: Person(edge).order(), range(40)))
    refused = [answer for answer in answers if answer.status != 201]
    assert len(answers) - len(refused) == slow_instance.asked == 3
    assert all(is_busy_json(answer, 503) and answer.whose == "busy_order" for answer in refused)
    assert retries(refused) <= {1, 2, 3, 4, 5}
    assert len(retries(refused)) > 1
    assert max(answer.took_s for answer in refused) < slow_instance.takes_s


def test_who_goes_away_holds_the_place_until_the_answer_is_there(
    new_edge: NewEdge, slow_instance: SlowInstance
) -> None:
    edge = new_edge(slow_instance.address, **UNLIMITED, EDGE_ORDER_CAP="1")
    gone = HalfSaid(edge, request("POST", "/api/orders", BODY, "Content-Type: application/json"))
    while not slow_instance.asked:
        time.sleep(0.01)
    gone.leave()
    time.sleep(0.3)
    assert Person(edge).order().status == 503
    time.sleep(slow_instance.takes_s)
    assert Person(edge).order().status == 201
    assert slow_instance.asked == 2


def test_who_sends_a_body_slowly_holds_no_place(new_edge: NewEdge) -> None:
    edge = new_edge(**UNLIMITED, EDGE_ORDER_CAP="2")
    half = request("POST", "/api/orders", BODY, "Content-Type: application/json")[:-20]
    with ExitStack() as waiting:
        for _ in range(10):
            waiting.enter_context(HalfSaid(edge, half))
        time.sleep(0.2)
        assert [Person(edge).order().status for _ in range(5)] == [201] * 5


# Closed paths


def test_the_admin_can_be_closed(new_edge: NewEdge) -> None:
    person = Person(new_edge(EDGE_ADMIN="deny all;"), Accept_Language="en")
    told = [person.get(path) for path in ("/admin/", "/admin/login/", "/%61dmin/", "/en/../admin/", "//admin/")]
    assert {(answer.status, answer.whose) for answer in told} == {(403, "forbidden")}
    assert 'lang="en"' in told[0].body.decode()
    assert person.get("/en/").status == 200


def test_the_full_health_is_closed_unless_it_is_opened(new_edge: NewEdge, program: RunningCafe) -> None:
    address = f"127.0.0.1:{program.port}"
    closed = Person(new_edge(address)).get("/health/full/")
    assert (closed.status, closed.whose, closed.json["error"]["code"]) == (403, "forbidden", "forbidden")
    opened = Person(new_edge(address, EDGE_HEALTH="allow 127.0.0.1; deny all;")).get("/health/full/")
    assert (opened.status, opened.whose) == (200, "a program")
    assert opened.json["checks"]["database"]["status"] == "ok"


# Answers, headers and logs


def logged_ids(program: Server) -> list[str]:
    lines = [line for line in program.log.read_text().splitlines() if line.startswith("{")]
    return [line["request_id"] for line in map(json.loads, lines) if line["logger"] == "cafe.access"]


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


def test_the_usual_values_are_for_a_full_house() -> None:
    """The default limits allow a burst of 200 orders from one address, and per minute as many as three bars make."""
    assert int(DEFAULTS["EDGE_ORDER_BURST"]) >= WI_FI
    assert int(DEFAULTS["EDGE_ORDER_RATE"].removesuffix("r/s")) >= 10
