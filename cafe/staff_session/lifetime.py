"""The lifetime of a staff session: each touch (a person's request, `cafe.staff_session.middleware.is_touch`) extends
it, up to STAFF_SESSION_MAX_HOURS after signing in.

The session stores its end as a time, not as a duration, so that no other write of the session extends it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

SIGNED_IN_AT = "signed_in_at"
EXTEND_EVERY = timedelta(minutes=5)  # frequent touches write the session at most once in this time
WARN_BEFORE = timedelta(minutes=30)


@dataclass(frozen=True)
class Ending:
    """The end of a session that ends soon; `can_extend` is false if STAFF_SESSION_MAX_HOURS allows no extension."""

    at: datetime
    can_extend: bool


def begin(*, request: HttpRequest, **kwargs: Any) -> None:
    """Start the lifetime of a session; the receiver of `user_logged_in`."""
    now = timezone.now()
    request.session[SIGNED_IN_AT] = now.timestamp()
    request.session.set_expiry(_end(request.session, now))


def extend(session: SessionBase) -> None:
    """Extend a session after a touch; write its new end at most once in EXTEND_EVERY."""
    now = timezone.now()
    session.setdefault(SIGNED_IN_AT, now.timestamp())  # a session from a release that did not store it
    end = _end(session, now)
    if "_session_expiry" not in session or abs(end - session.get_expiry_date()) >= EXTEND_EVERY:
        session.set_expiry(end)


def ending(session: SessionBase) -> Ending | None:
    """Return the end of a session if it is less than WARN_BEFORE away, else None."""
    now = timezone.now()
    if SIGNED_IN_AT not in session or session.get_expiry_date() - now > WARN_BEFORE:
        return None
    at = session.get_expiry_date()
    return Ending(at, can_extend=_end(session, now) - at >= EXTEND_EVERY)


def _end(session: SessionBase, touched_at: datetime) -> datetime:
    longest = timedelta(hours=settings.STAFF_SESSION_MAX_HOURS)
    signed_in_at = datetime.fromtimestamp(session[SIGNED_IN_AT], tz=touched_at.tzinfo)
    return min(touched_at + timedelta(seconds=settings.SESSION_COOKIE_AGE), signed_in_at + longest)
