"""The client address of a request: X-Forwarded-For counts if a trusted proxy sends it, and is ignored otherwise."""

from typing import Any

import pytest
from django.test import RequestFactory
from gunicorn.config import Config
from gunicorn.http.message import _ip_in_allow_list
from hypothesis import given
from hypothesis import strategies as st

from cafe.web.client_address import client_address, is_within

EDGE, INNER, CUSTOMER, LIE = "10.0.0.1", "10.0.0.2", "203.0.113.9", "192.0.2.66"


@pytest.fixture(autouse=True)
def _proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/24", "2001:db8:e::/48", "127.0.0.1"]


def address_of(connected: str, forwarded: str | None = None) -> str:
    headers: dict[str, Any] = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=connected, **headers))


def test_who_connects_is_the_customer() -> None:
    assert address_of(CUSTOMER) == CUSTOMER
    assert address_of(EDGE) == EDGE


@pytest.mark.parametrize("forwarded", [LIE, f"{LIE}, {EDGE}", EDGE, "127.0.0.1", "", "garbage"])
def test_what_an_untrusted_caller_says_does_not_count(forwarded: str) -> None:
    assert address_of(CUSTOMER, forwarded) == CUSTOMER


@pytest.mark.parametrize(
    ("forwarded", "customer"),
    [
        (CUSTOMER, CUSTOMER),
        (f"{LIE}, {CUSTOMER}", CUSTOMER),
        (f"{LIE}, {CUSTOMER}, {INNER}", CUSTOMER),
        (f"{LIE},{CUSTOMER},{INNER},{EDGE}", CUSTOMER),
        (f"{EDGE}, {CUSTOMER}", CUSTOMER),  # the customer's own header names a proxy
        (f"127.0.0.1, {CUSTOMER}", CUSTOMER),
        (INNER, INNER),  # all are trusted: the first of the chain
        (f"10.0.0.3, {INNER}", "10.0.0.3"),
    ],
)
def test_behind_proxies_the_last_untrusted_caller_is_the_customer(forwarded: str, customer: str) -> None:
    assert address_of(EDGE, forwarded) == customer


@pytest.mark.parametrize("unreadable", ["", " ", "unknown", "_hidden", "999.1.1.1", "010.0.0.1", "1.2.3.4:x", "[::1"])
def test_at_what_cannot_be_read_the_last_trusted_hop_is_returned(unreadable: str) -> None:
    assert address_of(EDGE, unreadable) == EDGE
    assert address_of(EDGE, f"{CUSTOMER}, {unreadable}") == EDGE
    assert address_of(EDGE, f"{CUSTOMER}, {unreadable}, {INNER}") == INNER
    assert address_of(EDGE, f"{unreadable}, {CUSTOMER}") == CUSTOMER


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%anything", "fe80::1"),
        ("\t203.0.113.9 ", "203.0.113.9"),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    assert address_of(EDGE, written) == address_of(written.strip()) == meant


@pytest.mark.parametrize("connected", ["::ffff:10.0.0.1", "2001:db8:e::1", "127.0.0.1"])
def test_a_proxy_is_known_in_any_spelling(connected: str) -> None:
    assert address_of(connected, f"{LIE}, {CUSTOMER}, ::ffff:10.0.0.2, [2001:db8:e::2]:80") == CUSTOMER


@pytest.mark.parametrize("connected", ["", "unix:", "/run/cafe.sock"])
def test_who_connects_without_an_address_is_not_believed(connected: str) -> None:
    assert address_of(connected, CUSTOMER) == connected


def test_star_trusts_who_connects_and_nothing_that_was_written_before(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["*"]
    for connected in (LIE, "2001:db8::9"):
        assert address_of(connected) == connected
        assert address_of(connected, f"{LIE}, {CUSTOMER}") == CUSTOMER


def test_nobody_is_trusted_when_there_are_no_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = []
    assert address_of(EDGE, CUSTOMER) == EDGE


@given(connected=st.text(max_size=50), forwarded=st.text(max_size=200))
def test_nothing_raises(connected: str, forwarded: str) -> None:
    address_of(connected, forwarded)
    address_of("127.0.0.1", forwarded)
    assert not is_within(f"{connected}?", ["*"])


@pytest.mark.parametrize("trusted", [["127.0.0.1", "::1"], ["10.0.0.0/8", "2001:db8::/32"], ["*"], []])
@pytest.mark.parametrize("connected", ["127.0.0.1", "::1", EDGE, CUSTOMER, "2001:db8::1", "2001:db9::1"])
def test_gunicorn_trusts_the_same(settings: Any, trusted: list[str], connected: str) -> None:
    settings.TRUSTED_PROXIES = trusted
    gunicorn = Config()
    gunicorn.set("forwarded_allow_ips", ",".join(trusted))
    is_trusted = _ip_in_allow_list(connected, gunicorn.forwarded_allow_ips, gunicorn.forwarded_allow_networks())
    assert (address_of(connected, "192.0.2.1") == "192.0.2.1") == is_trusted


@pytest.mark.parametrize(
    ("address", "networks", "is_in"),
    [
        (CUSTOMER, [], False),
        (CUSTOMER, ["203.0.113.0/24"], True),
        (CUSTOMER, ["10.0.0.0/8", "203.0.113.9"], True),
        (CUSTOMER, ["203.0.113.8", "2001:db8::/32"], False),
        (CUSTOMER, ["*"], True),
        (CUSTOMER, ["::ffff:203.0.113.0/120"], True),
        ("::ffff:203.0.113.9", ["203.0.113.0/24"], True),
        ("2001:db8::9", ["2001:db8::/32"], True),
        ("2001:db8::9", ["*"], True),
        ("2001:db8::9", ["0.0.0.0/0"], False),
        ("", ["*"], False),
        ("garbage", ["0.0.0.0/0", "::/0"], False),
    ],
)
def test_where_an_address_lies(address: str, networks: list[str], is_in: bool) -> None:
    assert is_within(address, networks) is is_in
