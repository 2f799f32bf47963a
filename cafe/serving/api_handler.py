"""A Django handler for the orders API without the middleware that only pages need (sessions, CSRF, static files).

Its responses are equal to those of the full handler, header by header (tests/cafe/test_api_handler.py), but for one:
it does not delete the cookie of an expired session.
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
PAGE_ONLY_MIDDLEWARE = {
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
REPLACEMENTS = {
    "csp.middleware.CSPMiddleware": "cafe.serving.api_handler.ConstantCspMiddleware",
    "cafe.web.middleware.LanguageMiddleware": "cafe.serving.api_handler.RequestedLanguageMiddleware",
}


class ConstantCspMiddleware(CSPMiddleware):
    """django-csp's header, computed once: without a nonce it is constant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._header = super().process_response(HttpRequest(), HttpResponse()).headers[HEADER]

    def process_request(self, request: HttpRequest) -> None:
        """Skip the nonce: no page is rendered."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers[HEADER] = self._header
        return response


class RequestedLanguageMiddleware(LocaleMiddleware):
    """Activate the default language when the request names none; these paths have no language prefix."""

    def process_request(self, request: HttpRequest) -> None:
        if "HTTP_ACCEPT_LANGUAGE" in request.META or "HTTP_COOKIE" in request.META:
            super().process_request(request)
            return
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response  # JSON does not vary by language (cafe.web.middleware)


class ApiHandler(WSGIHandler):
    """Django's handler without page-only middleware. Built once at start-up; each path is resolved once."""

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
        whole = settings.MIDDLEWARE  # Django reads the list only from here
        settings.MIDDLEWARE = [REPLACEMENTS.get(name, name) for name in whole if name not in PAGE_ONLY_MIDDLEWARE]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = whole


class HandlerRouter:
    """Routes the paths of the orders API to `ApiHandler`, all others to Django's full handler."""

    def __init__(self, django: WSGIHandler) -> None:
        self._pages, self._api = django, ApiHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        way = self._api if environ["PATH_INFO"] in ADDRESSES else self._pages
        return way(environ, start_response)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        return self._pages.get_response(request)
