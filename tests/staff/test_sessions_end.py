"""Deactivation, another role or a new password ends a person's sessions at the next request, or poll of the board."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from staff import services
from staff.models import Member
from tests.harness.factories import barista, manager
from tests.staff.people import PASSWORD, browser, choose, do, link_on, person, superuser

pytestmark = pytest.mark.django_db

HTMX = {"hx-request": "true"}
TO_LOGIN = "/admin/login/?next=/admin/bar/"


def signed_in(username: str) -> Client:
    client = browser()
    assert client.login(username=username, password=PASSWORD)
    assert client.get("/admin/bar/").status_code == 200
    return client


def new_password(ann: Member) -> None:
    choose(link_on(do(browser(manager()), ann, "link")))


def by_django_s_form(ann: Member) -> None:
    """Replace the account's groups by "manager", in Django's own form of an account."""
    form = {"username": "ann", "is_active": "on", "is_staff": "on"}
    form |= {"date_joined_0": f"{timezone.now():%Y-%m-%d}", "date_joined_1": "08:00"}
    groups = [str(group.pk) for group in Group.objects.filter(name="manager")]
    answer = browser(superuser("two")).post(f"/admin/auth/user/{ann.pk}/change/", form | {"groups": groups})
    assert answer.status_code == 302


ENDS = {
    "deactivated": lambda ann: do(browser(manager()), ann, "deactivate"),
    "another role": lambda ann: do(browser(superuser()), ann, "role", role="manager"),
    "a new password": new_password,
    "another role, by Django's own form": by_django_s_form,
}


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("how", ENDS)
def test_the_next_touch_and_the_next_poll_lead_to_the_login(how: str) -> None:
    ann = person("ann", "barista")
    phone, tablet = signed_in("ann"), signed_in("ann")
    others = browser(barista())
    ENDS[how](ann)
    page = phone.get("/admin/bar/")
    assert (page.status_code, page["Location"]) == (302, TO_LOGIN)
    poll = tablet.get("/admin/bar/?seen=x", headers=HTMX)
    assert poll["HX-Redirect"] == TO_LOGIN
    assert others.get("/admin/bar/").status_code == 200


def test_a_session_does_not_come_back_with_the_account() -> None:
    ann = person("ann", "barista")
    client = signed_in("ann")
    boss = browser(manager())
    do(boss, ann, "deactivate")
    assert not browser().login(username="ann", password=PASSWORD)
    do(boss, ann, "reactivate")
    assert client.get("/admin/bar/").status_code == 302
    assert browser().login(username="ann", password=PASSWORD)


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("change", ["name", "link", "reactivate", "the same role"])
def test_what_changes_no_right_ends_no_session(change: str) -> None:
    ann = person("ann", "barista")
    client = signed_in("ann")
    action = "role" if change == "the same role" else change
    do(browser(superuser()), ann, action, name="Ann", role="barista")
    assert client.get("/admin/bar/").status_code == 200


def test_a_session_that_cannot_be_read_is_no_obstacle() -> None:
    Session.objects.create(session_key="broken", session_data="?", expire_date="2099-01-01T00:00:00Z")
    ann = person("ann", "barista")
    client = signed_in("ann")
    services.deactivate(member=ann, actor=User.objects.get(pk=superuser().pk))
    assert client.get("/admin/bar/").status_code == 302


def test_a_poll_costs_no_query_more(django_assert_num_queries: Callable[..., object]) -> None:
    client = browser(barista())
    seen = client.get("/admin/bar/").context["seen"]
    # Session, account, its permissions, its groups', the queue; as that is empty, whether a count's date is ahead.
    with django_assert_num_queries(6):
        assert client.get(f"/admin/bar/?seen={seen}", headers=HTMX).status_code == 204
