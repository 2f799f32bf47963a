"""The JSON error that every JSON address answers with: `{"error": {"code", "message", "fields"}}`."""

import random
from typing import Any

from django.http import JsonResponse


class ApiError(Exception):
    """An error response for API clients: HTTP status, `code`, message and the fields of the request it is about."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields or {}

    def response(self) -> JsonResponse:
        body = {"error": {"code": self.code, "message": self.message, "fields": self.fields}}
        response = JsonResponse(body, status=self.status, json_dumps_params={"ensure_ascii": False})
        response["Cache-Control"] = "no-store"
        if self.status in (429, 503):
            response["Retry-After"] = str(retry_after_s())
        return response


def retry_after_s() -> int:
    """Return 1 to 5 seconds, with jitter so that clients do not retry together."""
    return random.randint(1, 5)  # noqa: S311 - spreads load, guards nothing
