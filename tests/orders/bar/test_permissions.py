"""The barista board and the order admin: the permissions of each role."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order
from tests.harness.factories import barista, client_of, nothing_written
from tests.orders.bar.touches import BAR, HTMX, act

pytestmark = pytest.mark.django_db


def paths(placed: Order) -> list[str]:
    return [BAR, f"{BAR}{placed.token}/"]


def test_nobody_is_led_to_the_login(placed: Order) -> None:
    for path in paths(placed):
        response = client_of(None).get(path)
        assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/bar/")
    with nothing_written():
        assert act(client_of(None), placed, "advance").status_code == 302


def test_a_poll_after_the_sessions_end_leads_to_the_login() -> None:
    response = client_of(None).get(BAR, headers=HTMX)
    assert response["HX-Redirect"] == "/admin/login/?next=/admin/bar/"


@pytest.mark.parametrize("is_staff", [True, False])
def test_an_account_without_the_bar_is_refused(placed: Order, is_staff: bool) -> None:
    client = client_of(User.objects.create_user("visitor", is_staff=is_staff))
    for path in paths(placed):
        assert client.get(path).status_code == 403
    with nothing_written():
        assert act(client, placed, "advance").status_code == 403


def test_one_who_is_no_longer_staff_is_refused(placed: Order) -> None:
    user = barista()
    client = client_of(user)
    User.objects.update(is_staff=False)
    assert client.get(BAR).status_code == 403


def test_a_barista_and_a_manager_work_the_bar(barista_client: Client, manager_client: Client, placed: Order) -> None:
    for client in (barista_client, manager_client):
        for path in paths(placed):
            assert client.get(path).status_code == 200


def test_the_bar_is_never_kept_by_a_cache(barista_client: Client) -> None:
    response = barista_client.get(BAR)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_the_bar_wants_djangos_token_and_a_form_of_its_own(placed: Order) -> None:
    client = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    client.force_login(barista())
    with nothing_written():
        assert act(client, placed, "advance").status_code == 403
    foreign = Client(headers={"sec-fetch-site": "cross-site"})
    foreign.force_login(barista())
    with nothing_written():
        assert act(foreign, placed, "advance").status_code == 403
