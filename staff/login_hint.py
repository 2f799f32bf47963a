"""A signed cookie with the login name of a person who has just chosen a password; it prefills the login form."""

from django.http import HttpRequest, HttpResponse

from cafe.web.signed_cookie import SignedCookie

COOKIE = "joined_as"
SALT = "staff.joined_as"
KEPT_S = 600
SIGNED = SignedCookie(COOKIE, SALT, KEPT_S, view="admin:login")


def note_joined(response: HttpResponse, login_name: str) -> None:
    SIGNED.set(response, login_name)


def joined_as(request: HttpRequest) -> str:
    """Return the login name from the cookie, or "" if that is missing, too old, or not signed by the café."""
    return str(SIGNED.read(request) or "")
