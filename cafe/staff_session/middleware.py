"""Extend staff sessions, and store the forms that arrive after a session has ended."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from cafe.staff_session import lifetime, unsent_forms

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]

STAFF_PAGES = "/admin/"
REFRESH_THEMSELVES = {"bar:queue", "caches"}  # by <meta refresh> or a script


class StaffSessionMiddleware:
    """Extends a staff session at each touch, never at a poll, and stores a form that arrives after its end."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(STAFF_PAGES) and response.status_code < 500 and request.resolver_match:
            self._note(request, response)
        return response

    def process_view(self, request: HttpRequest, view: View, args: object, kwargs: object) -> HttpResponse | None:
        return unsent_forms.after_session_end(request)

    def _note(self, request: HttpRequest, response: HttpResponse) -> None:
        page = request.resolver_match.view_name if request.resolver_match else ""
        if page == "admin:logout":
            unsent_forms.forget_person(response)
        if not request.user.is_authenticated:
            return
        if page == "admin:login" and response.status_code == 302 and unsent_forms.kept(request.session):
            response["Location"] = reverse("unsent")
        if is_touch(request, page):
            lifetime.extend(request.session)
        unsent_forms.note_person(request, response)


def is_touch(request: HttpRequest, page: str) -> bool:
    """Return whether a person sent this request: a form, or a page that was opened; not a poll, refresh or prefetch.

    For a page that refreshes itself, only the browser's `Sec-Fetch-User` header (sent over HTTPS) distinguishes a
    person's request from a refresh.
    """
    if request.method == "POST":
        return True
    if request.htmx or "Sec-Purpose" in request.headers:  # type: ignore[attr-defined]
        return False
    return page not in REFRESH_THEMSELVES or request.headers.get("Sec-Fetch-User") == "?1"
