"""Test helpers: staff accounts, their browsers, and the rows that the page "Staff" writes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client

from staff.models import Member, StaffLink

MEMBERS = "/admin/staff/member/"
PASSWORD = "flat-white-at-8"
NEW_PASSWORD = "oat-milk-at-nine"


def browser(user: User | None = None, language: str = "en") -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": language})
    if user:
        client.force_login(User.objects.get(pk=user.pk))
    return client


@cache
def hashed() -> str:
    return make_password(PASSWORD)


def person(username: str, *groups: str, **fields: Any) -> Member:
    """Create a staff account with a password: `person("ann", "barista")`."""
    made = User.objects.create(username=username, password=hashed(), **{"is_staff": True} | fields)
    made.groups.set(Group.objects.filter(name__in=groups))
    return Member.objects.get(pk=made.pk)


def superuser(username: str = "owner") -> Member:
    return person(username, is_superuser=True)


def page_of(member: User) -> str:
    return f"{MEMBERS}{member.pk}/change/"


def do(client: Client, member: User, action: str, **fields: str) -> HttpResponse:
    return client.post(page_of(member), {"action": action} | fields)


def link_on(page: HttpResponse) -> str:
    """Return the path of the one-time link that a page shows."""
    found = re.search(r"https?://[^/<]+(/admin/join/[^<]+)</textarea>", page.content.decode())
    assert found, page.content.decode()
    return found[1]


def choose(address: str, password: str = NEW_PASSWORD, language: str = "en") -> HttpResponse:
    return browser(language=language).post(address, {"new_password1": password, "new_password2": password})


def accounts() -> dict[str, Any]:
    return {
        "users": list(User.objects.order_by("pk").values()),
        "groups": sorted(User.groups.through.objects.values_list("user__username", "group__name")),
        "links": list(StaffLink.objects.order_by("pk").values()),
        "sessions": sorted(Session.objects.values_list("pk", flat=True)),
    }


@contextmanager
def no_account_changed() -> Iterator[None]:
    before = accounts()
    yield
    assert accounts() == before
