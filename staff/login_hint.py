"""A signed cookie with the login name of a person who has just chosen a password; it prefills the login form."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "joined_as"
SALT = "staff.joined_as"
KEPT = timedelta(minutes=10)


def note_joined(response: HttpResponse, login_name: str) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(login_name, salt=SALT),
        max_age=KEPT,
        path=reverse("admin:login"),
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def joined_as(request: HttpRequest) -> str:
    """Return the login name from the cookie, or "" if it is missing, older than KEPT, or its signature is invalid."""
    try:
        return str(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT))
    except signing.BadSignature:
        return ""
