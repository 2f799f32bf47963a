"""A time is written with its date where that is not today's: on the ticket, the order's page, the list of orders."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from orders import device_orders, services
from orders.models import Order
from tests.harness.factories import barista, order

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}
TIMES = re.compile(r"<time[^>]*>([^<]*)</time>")


class Clock:
    now = datetime(2026, 11, 21, 10, 6, 7, tzinfo=UTC)  # 18:06:07 in Shanghai


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def placed() -> Order:
    return order()


def staff(language: str = "en") -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": language})
    client.force_login(barista())
    return client


def times(page: str) -> list[str]:
    return TIMES.findall(page)


def written(at: datetime, language: str) -> str:
    with override(language):
        return Template("{{ at|when }}").render(Context({"at": at}))


@pytest.mark.parametrize(
    ("before", "english", "chinese"),
    [
        (timedelta(0), "18:06", "18:06"),
        (timedelta(hours=18, minutes=6), "00:00", "00:00"),
        (timedelta(hours=18, minutes=7), "20 Nov, 23:59", "11月20日 23:59"),
        (timedelta(days=-1), "22 Nov, 18:06", "11月22日 18:06"),  # a clock was fast
        (timedelta(days=19), "2 Nov, 18:06", "11月2日 18:06"),
        (timedelta(days=365), "21 Nov 2025, 18:06", "2025年11月21日 18:06"),
    ],
)
def test_a_moment_is_written_as_its_reader_needs_it(
    clock: Clock, before: timedelta, english: str, chinese: str
) -> None:
    assert written(clock.now - before, "en") == english
    assert written(clock.now - before, "zh-hans") == chinese


def test_a_ticket_says_the_date_from_the_next_day_on(placed: Order, clock: Clock) -> None:
    assert times(staff().get("/admin/bar/").content.decode()) == ["18:06"]
    clock.now += timedelta(days=1)
    assert times(staff().get("/admin/bar/").content.decode()) == ["21 Nov, 18:06"]
    assert times(staff("zh-hans").get("/admin/bar/").content.decode()) == ["11月21日 18:06"]


def test_what_happened_to_an_order_says_the_date(placed: Order, clock: Clock) -> None:
    clock.now += timedelta(days=1)
    services.advance_order(order=placed, actor=barista())
    page = staff().get(f"/admin/bar/{placed.token}/").content.decode()
    assert times(page) == ["21 Nov, 18:06:07", "18:06:07"]


def test_the_steps_of_an_order_say_the_date(placed: Order, clock: Clock, client: Client) -> None:
    clock.now += timedelta(days=1)
    services.advance_order(order=placed, actor=barista())
    assert times(client.get(f"/en/order/{placed.token}/").content.decode()) == ["21 Nov, 18:06", "18:06"]


def test_my_orders_say_the_date_of_those_that_are_not_of_today(placed: Order, clock: Clock, client: Client) -> None:
    client.cookies[device_orders.COOKIE] = signing.dumps([placed.token], salt=device_orders.SALT)
    address = reverse("orders:my_orders")
    assert times(client.get(address).content.decode()) == ["18:06"]
    clock.now += timedelta(days=1)
    assert times(client.get(address).content.decode())[0] in ("21 Nov, 18:06", "11月21日 18:06")


@pytest.mark.parametrize("page", ["bar", "order"])
def test_a_page_that_is_open_overnight_is_drawn_anew(placed: Order, clock: Clock, page: str) -> None:
    address = "/admin/bar/" if page == "bar" else f"/en/order/{placed.token}/"
    client = staff()
    drawn = client.get(address).content.decode()
    poll = {
        "seen": re.findall(r"\?seen=([\w.]+)", drawn)[0],
        "drawn_on": re.findall(r'"drawn_on": "([\d-]+)"', drawn)[0],
    }
    assert client.get(address, poll, headers=HTMX).status_code == 204
    clock.now += timedelta(hours=6)
    redrawn = client.get(address, poll, headers=HTMX)
    assert redrawn.status_code == 200
    assert "21 Nov, 18:06" in redrawn.content.decode()


def test_two_tickets_of_one_number_are_two_elements(placed: Order, clock: Clock) -> None:
    """Two orders of an earlier release may still share a number."""
    clock.now += timedelta(days=1)
    Order.objects.filter(pk=order().pk).update(number=placed.number, holds_number=None)
    page = staff().get("/admin/bar/").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert len(re.findall(rf'<article [^>]*data-number="{placed.number}"', page)) == 2
