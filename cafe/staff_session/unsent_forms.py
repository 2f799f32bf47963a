"""Stores a staff form that arrived after the end of its session, until the person who sent it has signed in again.

The session, a new anonymous one after the old one's end, stores the form, so that no URL can inject one. A signed
cookie of the last sign-in identifies its person, and the form's CSRF token belongs to that sign-in, as Django rotates
the token at each. A form that fails the CSRF check after a newer sign-in in another tab is sent only if the person
presses a button.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from cafe.web.signed_cookie import SignedCookie

KEPT = "unsent"  # the key in the session
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of Django's field
KEPT_FOR = timedelta(hours=1)
SENT_WITHIN = timedelta(minutes=10)  # by a script; later its person has to press a button
MAX_KEPT_CHARS = 256 * 1024
FORMS = ("/admin/bar/", "/admin/orders/", "/admin/menu/")  # none has a password; forms that do are not stored

PERSON = "signed_in_as"  # the name of the cookie
SALT = "cafe.signed_in_as"
PERSON_KEPT_S = 7 * 24 * 3600
SIGNED = SignedCookie(PERSON, SALT, PERSON_KEPT_S, view="admin:index")


@dataclass(frozen=True)
class Unsent:
    """A form as it was sent: its path and fields.

    `by` is the primary key of its person's account, None if unknown; `at_s` is when it arrived (Unix time);
    `is_checked` says that it passed the CSRF check.
    """

    path: str
    fields: list[tuple[str, list[str]]]
    by: int | None
    at_s: float
    has_files: bool
    is_checked: bool

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, tz=timezone.get_default_timezone())

    @property
    def needs_no_press(self) -> bool:
        """True if a script may send the form: it passed the CSRF check at most SENT_WITHIN ago. False for a touch
        that a tablet kept while offline, which may be sent without a press for two minutes only."""
        is_kept_touch = bool(self.value("kept_for_s"))
        return self.is_checked and not is_kept_touch and timezone.now() - self.at <= SENT_WITHIN

    def may_be_sent_by(self, user_id: int | None) -> bool:
        return self.by is None or self.by == user_id

    def value(self, name: str) -> str:
        return next((values[-1] for field, values in self.fields if field == name and values), "")


def after_session_end(request: HttpRequest) -> HttpResponse | None:
    """Store a form that a signed-out person sent, and redirect to the login. Return None for any other request."""
    person = person_of(request) if _is_form(request) else None
    if person is None or request.user.is_authenticated or not _fits(request):
        return None
    if SESSION_KEY in request.session:  # a deactivated account's session: the next login would discard the data
        request.session.flush()
    _keep(request, by=person, is_checked=True)
    request.session.set_expiry(KEPT_FOR)
    is_bar = request.path_info.startswith("/admin/bar/")
    login = redirect_to_login(reverse("bar:queue") if is_bar else request.path, reverse("admin:login"))
    return _lead_to(request, login["Location"])


def after_csrf_failure(request: HttpRequest) -> HttpResponse | None:
    """Store a form whose CSRF token is of an earlier sign-in, and redirect to the page that offers it.

    Return None for any other request.
    """
    has_token = _is_form(request) and TOKEN in request.POST
    if not (has_token and request.user.is_authenticated and _fits(request)):
        return None
    by = request.POST.get("by", "")
    _keep(request, by=int(by) if by.isascii() and by.isdigit() and len(by) < 19 else None, is_checked=False)
    return _lead_to(request, reverse("unsent"))


def kept(session: SessionBase) -> Unsent | None:
    """Return the form that a session stores; None if there is none, or it is older than KEPT_FOR."""
    if KEPT not in session:
        return None
    unsent = Unsent(**session[KEPT])
    return unsent if timezone.now() - unsent.at <= KEPT_FOR else None


def forget(session: SessionBase) -> None:
    session.pop(KEPT, None)


def person_of(request: HttpRequest) -> int | None:
    """Return the primary key of the account that signed in last in this browser and did not sign out, or None."""
    try:
        return int(SIGNED.read(request))
    except (TypeError, ValueError):
        return None


def note_person(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie with the key of the signed-in account, once for each sign-in (`forget_person` removes it)."""
    user_id = request.user.pk
    if user_id is None or person_of(request) == user_id:
        return
    SIGNED.set(response, user_id)


def forget_person(response: HttpResponse) -> None:
    SIGNED.delete(response)


def _is_form(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path_info.startswith(FORMS)


def _fits(request: HttpRequest) -> bool:
    return sum(len(name) + sum(map(len, values)) for name, values in request.POST.lists()) <= MAX_KEPT_CHARS


def _keep(request: HttpRequest, by: int | None, *, is_checked: bool) -> None:
    fields = [(name, values) for name, values in request.POST.lists() if name != TOKEN]
    now_s = timezone.now().timestamp()
    unsent = Unsent(request.path, fields, by, now_s, has_files=bool(request.FILES), is_checked=is_checked)
    request.session[KEPT] = asdict(unsent)


def _lead_to(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]
