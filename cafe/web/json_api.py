"""Shared by the JSON addresses: a view decorator, and a strict parser of a request's JSON object."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cafe.web.json_error import ApiError

PATHS_WITHOUT_PREFIX = ("/orders", "/health", "/cache/stats")


def is_json_address(path: str) -> bool:
    return path == "/api" or path.startswith("/api/") or path in PATHS_WITHOUT_PREFIX


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body, numbers with a point as Decimal.

    Raises ApiError: 415 for another content type, 400 for anything that is not strictly one
    JSON object in UTF-8 (NaN, Infinity and a key given twice are not JSON here).
    """
    if request.content_type != "application/json":
        raise ApiError(415, "unsupported_media_type", _("Send JSON with Content-Type: application/json."))
    if "Transfer-Encoding" in request.headers:
        raise ApiError(400, "malformed", _("Send the body with a Content-Length, not in chunks."))
    try:
        parsed = json.loads(
            request.body.decode(),
            object_pairs_hook=_object_without_repeated_keys,
            parse_constant=_refuse_constant,
            parse_float=Decimal,
        )
    except (ValueError, ArithmeticError, RecursionError):  # Arithmetic: an exponent that no Decimal can hold
        raise ApiError(400, "malformed", _("The body is not valid JSON.")) from None
    if not isinstance(parsed, dict):
        raise ApiError(400, "malformed", _("The body must be a JSON object."))
    return parsed


def _object_without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise ValueError("a key is given twice")
    return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


View = Callable[..., HttpResponse]


def endpoint(*methods: str) -> Callable[[View], View]:
    """Make a view a JSON endpoint without CSRF check: other methods get 405, an ApiError becomes the response."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                refusal = ApiError(405, "method_not_allowed", _("This address does not take that method."))
                response: HttpResponse = refusal.response()
                response["Allow"] = ", ".join(methods)
                return response
            try:
                return view(request, *args, **kwargs)
            except ApiError as refusal:
                return refusal.response()

        return answer

    return decorate
