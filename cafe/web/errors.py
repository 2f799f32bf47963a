"""Error pages, and the same errors as JSON for the JSON addresses (`json_api.is_json_address`)."""

import sys

from django.contrib import admin
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cafe.staff_session import unsent_forms
from cafe.web.json_api import is_json_address
from cafe.web.json_error import ApiError, retry_after_s


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if is_json_address(request.path):
        return ApiError(status, code, message).response()
    response = render(request, "error.html", {"status": status, "code": code, "message": message}, status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = str(retry_after_s())
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "malformed", _("We could not read that request."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _is_page_of_staff(request):
        site = {**admin.site.each_context(request), "title": _("Your account does not open this page")}
        response = render(request, "admin/forbidden.html", site, status=403)
        response["Cache-Control"] = "no-store"
        return response
    return _answer(request, 403, "forbidden", _("That is not allowed from here. Nothing was changed."))


def _is_page_of_staff(request: HttpRequest) -> bool:
    """True if staff request a whole page, no htmx fragment: their error page links back to staff pages."""
    if not request.path.startswith("/admin/") or request.headers.get("HX-Request"):
        return False
    return hasattr(request, "user") and request.user.is_active and request.user.is_staff


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = _("This page was open for a long time, or cookies are off. Go back, reload and try again.")
    return unsent_forms.after_csrf_failure(request) or _answer(request, 403, "forbidden", message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", _("There is nothing at this address."))


@csrf_exempt
def api_not_found(request: HttpRequest) -> HttpResponse:
    return not_found(request)


def too_large(request: HttpRequest) -> HttpResponse:
    return _answer(request, 413, "too_large", _("The request is too large."))


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    message = _("Something broke on our side. Nothing was charged.")
    try:
        return _answer(request, 500, "error", message)
    except Exception:  # rendering the error page may fail, too
        return HttpResponse(message, status=500, content_type="text/plain; charset=utf-8")


def unavailable(request: HttpRequest) -> HttpResponse:
    message = _("We cannot reach our books right now. Wait a moment and try again.")
    return _answer(request, 503, "unavailable", message)
