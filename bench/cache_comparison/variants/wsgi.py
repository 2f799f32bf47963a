"""The café on plain Django: same view, template, middleware and queries; no page cache, no snapshot, no poller."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse

from cafe.caching.cached_value import CachedValue


class DjangoAlone:
    def __init__(self) -> None:
        self._django = get_wsgi_application()
        from menu.catalogue import current  # needs the apps to be loaded

        current.shown_menu = menu_from_the_database  # the function that gives every public page its menu

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._django(environ, start_response)

    def open(self) -> None:
        """Start no background thread; gunicorn.conf.py calls this in each process."""


def menu_from_the_database() -> Any:
    """Read the whole menu and the sold-out items: six queries, repeated for each request."""
    from menu.catalogue import current, queries

    held = CachedValue(None, queries.read_menu(DEFAULT_DB_ALIAS))
    return current.Shown(current.menu_of(held), None, held)


def without_menu(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Drop the menu that our views attach to the response for the page cache: a library would cache it too."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        vars(response).pop("shown", None)
        return response

    return answer


application = DjangoAlone()
