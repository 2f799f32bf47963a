"""Duration of a staff session: touches extend it up to a maximum, polls never do; the bar warns before its end."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from cafe.settings import env
from tests.cafe.clock import Clock
from tests.harness.factories import barista, manager, order

pytestmark = pytest.mark.django_db

BAR, LOGIN = "/admin/bar/", "/admin/login/"
POLL = {"hx-request": "true"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def bar(clock: Clock) -> Client:
    """The client of a barista who has just signed in."""
    return signed_in(barista())


def signed_in(user: User) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    client.force_login(user)
    return client


def touch(client: Client) -> HttpResponse:
    placed = order()
    return client.post(f"{BAR}{placed.token}/advance/", {"seen": placed.status})


def open_ticket(client: Client) -> HttpResponse:
    return client.get(f"{BAR}{order().token}/")


def open_admin(client: Client) -> HttpResponse:
    return client.get("/admin/orders/order/")


def press_in_admin(client: Client) -> HttpResponse:
    return client.post("/admin/orders/order/", {"action": "start", "_selected_action": [order().pk]})


def open_bar(client: Client) -> HttpResponse:
    return client.get(BAR, headers={"sec-fetch-user": "?1"})


def poll(client: Client) -> HttpResponse:
    return client.get(BAR, headers=POLL)


def refresh(client: Client) -> HttpResponse:
    return client.get(BAR)


def refresh_the_caches(client: Client) -> HttpResponse:
    return client.get("/admin/cache/")


def prefetch(client: Client) -> HttpResponse:
    return client.get("/admin/orders/order/", headers={"sec-purpose": "prefetch"})


def is_signed_in(client: Client) -> bool:
    return client.get(BAR, headers=POLL).headers.get("HX-Redirect") is None


def page(client: Client) -> str:
    return client.get(BAR).content.decode()


# Extending a session


@pytest.mark.parametrize("act", [touch, open_ticket, open_admin, press_in_admin, open_bar])
def test_each_touch_extends_the_session(bar: Client, clock: Clock, act: Callable[[Client], HttpResponse]) -> None:
    clock.forward(hours=11)
    assert act(bar).status_code in (200, 302)
    clock.forward(hours=4, minutes=59)
    assert is_signed_in(bar)
    clock.forward(minutes=2)
    assert not is_signed_in(bar), "sixteen hours after signing in"


@pytest.mark.parametrize("act", [poll, refresh, refresh_the_caches, prefetch])
def test_no_poll_extends_it(clock: Clock, act: Callable[[Client], HttpResponse]) -> None:
    client = signed_in(manager())
    clock.forward(hours=11, minutes=59)
    assert act(client).status_code == 200
    clock.forward(minutes=2)
    assert not is_signed_in(client)


def test_twelve_hours_without_a_touch_end_it(bar: Client, clock: Clock) -> None:
    clock.forward(hours=2)
    touch(bar)
    clock.forward(hours=11, minutes=59)
    assert is_signed_in(bar)
    clock.forward(minutes=2)
    assert not is_signed_in(bar)


def test_the_cookie_and_the_row_end_together(bar: Client, clock: Clock) -> None:
    clock.forward(hours=3)
    cookie = touch(bar).cookies["sessionid"]
    assert int(cookie["max-age"]) == pytest.approx(12 * 3600, abs=5)
    assert Session.objects.get().expire_date - clock.now() == pytest.approx(
        timedelta(hours=12), abs=timedelta(seconds=5)
    )


@pytest.mark.few_cases(1)
@pytest.mark.parametrize(("hours", "longest"), [(1, 1), (20, 20)])
def test_the_longest_time_is_a_setting(clock: Clock, hours: int, longest: int) -> None:
    with override_settings(STAFF_SESSION_MAX_HOURS=longest):
        client = signed_in(barista())
        for _quarter in range(hours * 4):
            assert is_signed_in(client)
            touch(client)
            clock.forward(minutes=15)
        assert not is_signed_in(client)


@pytest.mark.parametrize("value", ["0", "169", "soon"])
def test_a_wrong_longest_time_is_reported(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("STAFF_SESSION_MAX_HOURS", value)
    monkeypatch.setattr(env, "PROBLEMS", {})
    assert env.number("STAFF_SESSION_MAX_HOURS", 16, least=1, most=168) == 16
    assert "STAFF_SESSION_MAX_HOURS" in env.PROBLEMS


def test_signing_in_again_starts_anew(bar: Client, clock: Clock) -> None:
    clock.forward(hours=11)
    bar.force_login(barista())
    clock.forward(hours=11, minutes=59)
    assert is_signed_in(bar)


def test_a_session_of_the_release_before_is_extended_by_its_first_touch(bar: Client, clock: Clock) -> None:
    session = bar.session
    del session["signed_in_at"], session["_session_expiry"]
    session.save()
    clock.forward(hours=11)
    touch(bar)
    clock.forward(hours=11)
    assert is_signed_in(bar)


def test_another_write_of_the_session_does_not_extend_it(bar: Client, clock: Clock) -> None:
    clock.forward(hours=11)
    session = bar.session
    session["anything"] = 1
    session.save()
    clock.forward(hours=1, minutes=1)
    assert not is_signed_in(bar)


# Cost in queries


def session_writes(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return sum("django_session" in query["sql"] and "UPDATE" in query["sql"] for query in asked)


def test_the_session_is_written_at_most_every_five_minutes_and_never_by_a_poll(bar: Client, clock: Clock) -> None:
    placed = order()
    ticket = f"{BAR}{placed.token}/"
    assert session_writes(lambda: bar.get(ticket)) == 0
    clock.forward(minutes=5, seconds=1)
    assert session_writes(lambda: poll(bar)) == 0
    assert [session_writes(lambda: bar.get(ticket)) for _touch in range(3)] == [1, 0, 0]


# The warning


def test_the_bar_warns_half_an_hour_before_and_a_touch_goes_on(bar: Client, clock: Clock) -> None:
    seen = re.search(r"\?seen=(\w+)", page(bar))
    assert seen
    clock.forward(hours=11, minutes=29)
    assert "You will be signed out" not in page(bar)
    assert bar.get(BAR, {"seen": seen[1]}, headers=POLL).status_code == 204
    clock.forward(minutes=2)
    drawn = bar.get(BAR, {"seen": seen[1]}, headers=POLL)
    assert re.search(r"You will be signed out at ([\w ]+, )?\d\d:\d\d\.", drawn.content.decode()), "a poll draws it"
    assert "Stay signed in" in drawn.content.decode()
    assert bar.post("/admin/stay/", {"next": BAR})["Location"] == BAR
    assert "You will be signed out" not in page(bar)
    clock.forward(hours=3)
    assert is_signed_in(bar)


def test_at_the_longest_time_one_is_asked_to_sign_in_again(bar: Client, clock: Clock) -> None:
    clock.forward(hours=8)
    touch(bar)
    clock.forward(hours=7, minutes=31)
    touch(bar)
    assert "Sign in again now" in page(bar)
    assert "Stay signed in" not in page(bar)
    assert bar.post("/admin/stay/", {"next": BAR})["Location"] == f"{LOGIN}?next={BAR}"
    assert not is_signed_in(bar)


def test_the_admin_warns_too(clock: Clock) -> None:
    boss = signed_in(manager())
    address = "/admin/menu/item/?q=latte"
    assert "You will be signed out" not in boss.get(address).content.decode()
    session = boss.session
    session["signed_in_at"] -= 15.75 * 3600
    session.set_expiry(clock.now() + timedelta(minutes=15))
    session.save()
    shown = boss.get(address).content.decode()
    assert "Sign in again now" in shown
    assert f'name="next" value="{address}"' in shown


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "/en/", "", "javascript:x"])
def test_staying_leads_to_no_other_site(bar: Client, address: str) -> None:
    assert bar.post("/admin/stay/", {"next": address})["Location"] == BAR


def test_nobody_stays_who_is_not_signed_in() -> None:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    assert client.post("/admin/stay/", {"next": BAR})["Location"] == f"{LOGIN}?next={BAR}"
    assert client.get("/admin/stay/").status_code == 405
