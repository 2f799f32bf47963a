"""Logs are JSON lines on stderr, each with its request ID; they contain no names, phone numbers or order tokens."""

import logging
import random
import re
from contextvars import ContextVar
from typing import Any

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def accepted_request_id(sent: str) -> str:
    """Return the ID that came with a request (the edge's X-Request-ID) if it is valid, else a new one.

    It is random, not secret: reading the kernel's randomness releases the GIL, and costs more than a cached page.
    """
    return sent if sent and REQUEST_ID.fullmatch(sent) else f"{random.getrandbits(64):016x}"


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class NoAddressFilter(logging.Filter):
    """Removes the URL, which may contain an order's token, from Django's log record of a failed or refused request.

    A record without a traceback is dropped: the access log line already says more.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition(":")[0], ()
        return bool(record.exc_info)


def config(level: str) -> dict[str, Any]:
    """Return a `logging.config.dictConfig` for `level` (a name such as "INFO")."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestIdFilter}, "no_address": {"()": NoAddressFilter}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                "reserved_attrs": [*logging.makeLogRecord({}).__dict__, "taskName", "request", "server_time"],
                "json_ensure_ascii": False,
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]},
            "nobody": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Refused requests (400, 404 …) are in the access log already, with the route and not the URL.
            "django.request": {"level": "ERROR", "filters": ["no_address"], "propagate": True},
            "django.security.csrf": {"filters": ["no_address"], "propagate": True},
            "django.security.DisallowedHost": {"handlers": ["nobody"], "propagate": False},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
