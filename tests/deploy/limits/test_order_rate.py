"""The edge's rate limits per client address: of orders and logins, and which address counts."""

import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deploy.crowd import Answer, Person
from tests.deploy.limits.edges import FEW, WI_FI, NewEdge, is_busy_json, logged, post, post_quickly, retries
from tests.deploy.testbed import Testbed

FIGURES = "figures"


BELIEVED = {"EDGE_TRUSTED": "set_real_ip_from 127.0.0.1;"}


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


@pytest.mark.only_full
def test_reading_is_never_limited_by_address(new_edge: NewEdge) -> None:
    person = Person(new_edge(**FEW))
    post_quickly(person, "/en/checkout/")
    post_quickly(person, "/admin/login/")
    paths = ("/en/", "/api/orders", "/en/checkout/", "/admin/login/", "/api/health")
    told = Counter(person.get(path).status for path in paths for _ in range(40))
    assert not told.keys() & {429, 503}


@pytest.mark.only_full
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


@pytest.mark.few_cases(2)
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


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.7", "203.0.113.9, 198.51.100.7", "198.51.100.7, 127.0.0.1", "nonsense, 198.51.100.7, 127.0.0.1"],
)
def test_from_a_trusted_proxy_the_right_most_that_is_not_trusted_counts(new_edge: NewEdge, forwarded: str) -> None:
    edge = new_edge(**BELIEVED)
    assert Person(edge, X_Forwarded_For=forwarded).get("/en/cart/").status == 200
    assert logged(edge, 1)[-1]["address"] == "198.51.100.7"
