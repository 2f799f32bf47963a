"""The login name of who has just chosen a password, kept in this browser until the login form has asked for it."""

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
    """Return the login name that joined in this browser a moment ago, or ""."""
    try:
        return str(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT))
    except signing.BadSignature:
        return ""
