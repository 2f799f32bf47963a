"""The barista board finds an order by its number, also one that no list shows: handed over and paid."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from orders.models import Order
from tests.harness.factories import client_of, manager, order
from tests.orders.bar.touches import BAR, ORDERS
from tests.orders.customer import text_of

pytestmark = pytest.mark.django_db
FIND = f"{BAR}find/"


def numbered(number: int, *, days_ago: int = 0) -> Order:
    placed = order()
    at = timezone.now() - timedelta(days=days_ago)
    own = {"number": number, "business_day": timezone.localdate(at), "placed_at": at}
    Order.objects.filter(pk=placed.pk).update(**own, status="completed", payment_status="paid")
    return placed


def test_every_page_of_the_bar_has_the_field(barista_client: Client) -> None:
    placed = order()
    for page in (BAR, f"{BAR}day/", f"{BAR}{placed.token}/"):
        assert re.search(
            r'<form class="bar-find" action="/admin/bar/find/" method="get"',
            barista_client.get(page).content.decode(),
        )


@pytest.mark.parametrize("number", ["298", " 298 ", "２９８"])
def test_todays_order_is_opened(barista_client: Client, number: str) -> None:
    numbered(298, days_ago=1)
    todays = numbered(298)
    assert barista_client.get(FIND, {"number": number})["Location"] == f"{BAR}{todays.token}/"


def test_the_only_one_of_the_last_days_is_opened(barista_client: Client) -> None:
    numbered(298, days_ago=9)
    placed = numbered(298, days_ago=7)
    assert barista_client.get(FIND, {"number": "298"})["Location"] == f"{BAR}{placed.token}/"


def test_of_several_days_one_is_chosen(barista_client: Client) -> None:
    older, newer = numbered(298, days_ago=3), numbered(298, days_ago=2)
    page = barista_client.get(FIND, {"number": "298"})
    tokens = re.findall(r'href="/admin/bar/([\w-]{22})/"', page.content.decode())
    assert (page.status_code, tokens) == (200, [newer.token, older.token])
    assert "Number 298 was called on several days." in text_of(page)


def test_a_number_that_nobody_has_is_said_kindly(barista_client: Client) -> None:
    numbered(298, days_ago=8)
    page = barista_client.get(FIND, {"number": "298"})
    assert (page.status_code, "No order of the last 7 days has the number 298." in text_of(page)) == (200, True)


@pytest.mark.parametrize("number", ["x", "0", "-3", "2.5", "\x00", "9" * 5000, "9" * 12, "<b>", "#"])
def test_what_is_no_number_is_refused_in_words(barista_client: Client, number: str) -> None:
    page = barista_client.get(FIND, {"number": number})
    assert (page.status_code, "Write the number that was called" in text_of(page)) == (422, True)


@pytest.mark.parametrize("query", [{}, {"number": ""}, {"number": "  "}])
def test_without_a_number_the_field_is_shown(barista_client: Client, query: dict[str, str]) -> None:
    page = barista_client.get(FIND, query)
    assert (page.status_code, 'name="number"' in page.content.decode()) == (200, True)
    assert "field__error" not in page.content.decode()


def test_orders_are_found_by_those_who_work_the_bar() -> None:
    assert client_of(None).get(FIND, {"number": "1"}).status_code == 302
    assert client_of(User.objects.create_user("visitor", is_staff=True)).get(FIND).status_code == 403


def test_the_admin_says_that_its_link_leads_to_the_bar() -> None:
    placed = order()
    page = client_of(manager()).get(f"{ORDERS}{placed.pk}/change/").content.decode()
    assert re.search(rf'href="[^"]*{placed.token}/" class="viewsitelink">Open at the bar</a>', page)
    assert "View on site" not in page
