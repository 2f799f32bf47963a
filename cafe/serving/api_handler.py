"""A program's order goes a shorter way through Django than a page: past no session, form, account or static file.

The answer is the same to the header (tests/cafe/test_short_way.py): but for one thing,
the cookie of a session that is over, which all of Django would remove and this leaves alone.
"""

from collections.abc import Callable, Iterable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import ResolverMatch
from django.utils import translation

ADDRESSES = frozenset(("/api/orders", "/orders"))
FOR_PAGES_ALONE = {
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cafe.web.middleware.SameOriginMiddleware",
    "cafe.web.middleware.AdminSelectionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cafe.staff_session.middleware.StaffSessionMiddleware",
}
INSTEAD = {
    "csp.middleware.CSPMiddleware": "cafe.serving.api_handler.KeptPolicy",
    "cafe.web.middleware.LanguageMiddleware": "cafe.serving.api_handler.LanguageIfAsked",
}


class KeptPolicy(CSPMiddleware):
    """django-csp's header, made once: without a nonce it is the same on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._header = super().process_response(HttpRequest(), HttpResponse()).headers[HEADER]

    def process_request(self, request: HttpRequest) -> None:
        """No page is drawn, so none asks for a nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers[HEADER] = self._header
        return response


class LanguageIfAsked(LocaleMiddleware):
    """The café's own language at once for who names none: these addresses have none in their path."""

    def process_request(self, request: HttpRequest) -> None:
        if "HTTP_ACCEPT_LANGUAGE" in request.META or "HTTP_COOKIE" in request.META:
            super().process_request(request)
            return
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response  # JSON does not vary by language (cafe.web.middleware)


class ShortWay(WSGIHandler):
    """Django without the middleware that only pages need. Made while the program starts, in its one thread.

    Of these few addresses each is resolved once; nothing changes a match.
    """

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        match = self._matches.get(request.path_info)
        if match is None:
            match = self._matches[request.path_info] = super().resolve_request(request)
        request.resolver_match = match
        return match

    def load_middleware(self, is_async: bool = False) -> None:
        whole = settings.MIDDLEWARE  # Django takes its list from nowhere else
        settings.MIDDLEWARE = [INSTEAD.get(name, name) for name in whole if name not in FOR_PAGES_ALONE]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = whole


class BothWays:
    """Django, by the short way where there is one."""

    def __init__(self, django: WSGIHandler) -> None:
        self._whole, self._short = django, ShortWay()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        way = self._short if environ["PATH_INFO"] in ADDRESSES else self._whole
        return way(environ, start_response)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        return self._whole.get_response(request)
