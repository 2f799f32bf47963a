"""A small value in a cookie that scripts cannot read and nobody can forge."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


@dataclass(frozen=True)
class SignedCookie:
    """A cookie that is valid for `kept_s` seconds, below the address of `view` (empty: everywhere).

    The value may be any JSON value; Django's own `set_signed_cookie` takes ASCII text only.
    """

    name: str
    salt: str
    kept_s: int
    view: str = ""

    @property
    def path(self) -> str:
        return reverse(self.view) if self.view else "/"

    def set(self, response: HttpResponse, value: Any) -> None:
        response.set_cookie(
            self.name,
            signing.dumps(value, salt=self.salt),
            max_age=self.kept_s,
            path=self.path,
            httponly=True,
            secure=settings.HTTPS,
            samesite="Lax",
        )

    def read(self, request: HttpRequest) -> Any:
        """Return the value; None if the cookie is missing, older than `kept_s`, or its signature is invalid."""
        try:
            return signing.loads(request.COOKIES.get(self.name, ""), salt=self.salt, max_age=self.kept_s)
        except signing.BadSignature:
            return None

    def delete(self, response: HttpResponse) -> None:
        response.delete_cookie(self.name, path=self.path, samesite="Lax")
