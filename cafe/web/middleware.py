"""Middleware for all pages: access log, cookies of public responses, limits, language, same-origin check."""

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware

from cafe.conf import json_logging
from cafe.web import errors, json_api

GetResponse = Callable[[HttpRequest], HttpResponse]

access_log = logging.getLogger("cafe.access")

DIGITS = re.compile(r"[0-9]{1,18}")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class RequestLogMiddleware:
    """Gives each request an ID (the edge's X-Request-ID when it sends one) and writes one access log line for it.

    The line has the route, not the URL: an order's URL contains its token.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = json_logging.accepted_request_id(request.headers.get("X-Request-ID", ""))
        reset = json_logging.request_id.set(request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            access_log.info(
                "request",
                extra={
                    "method": request.method,
                    "route": request.resolver_match.route if request.resolver_match else None,
                    "status": response.status_code,
                    "duration_ms": round((time.perf_counter() - started) * 1000, 1),
                },
            )
            return response
        finally:
            json_logging.request_id.reset(reset)


class PublicAnswerMiddleware:
    """Removes cookies and Vary from responses with `Cache-Control: public`, which are the same for everybody. Django
    would renew a malformed CSRF cookie, delete that of an unknown session, and let a photo vary by language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Cache-Control", "").startswith("public"):
            response.cookies.clear()
            del response["Vary"]
        return response


class BodyLimitMiddleware:
    """Refuses a body over the limit (413) before anything reads it; only staff upload pictures."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_LIMIT if request.path.startswith("/admin/") else settings.BODY_LIMIT
        if not DIGITS.fullmatch(length) or int(length) > limit:
            return errors.too_large(request)
        return self.get_response(request)


class AdminSelectionMiddleware:
    """Refuses (400) an admin list's selection of anything but integer keys, for which Django raises ValueError."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_admin_form = request.method == "POST" and request.path.startswith("/admin/")
        if is_admin_form and not all(map(DIGITS.fullmatch, request.POST.getlist("_selected_action"))):
            return errors.bad_request(request)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Django's LocaleMiddleware, except that JSON responses, the same for everybody, do not vary by language."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if json_api.is_json_address(request.path):
            return response
        return super().process_response(request, response)


class SameOriginMiddleware:
    """Refuses (403) a form that another site sent: public forms have no CSRF token, so this check protects them.

    Accepts only `Sec-Fetch-Site: same-origin`, else an Origin, else a Referer that is this site's. The JSON addresses
    are exempt: they require a content type that no form can send.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_form = request.method not in SAFE_METHODS and not json_api.is_json_address(request.path)
        if is_form and not comes_from_this_site(request):
            return errors.forbidden(request)
        return self.get_response(request)


def comes_from_this_site(request: HttpRequest) -> bool:
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        scheme, host = urlsplit(source)[:2]
    except ValueError:
        return False
    origin = f"{scheme}://{host}"
    return (scheme in ("http", "https") and host == request.get_host()) or (origin in settings.CSRF_TRUSTED_ORIGINS)
