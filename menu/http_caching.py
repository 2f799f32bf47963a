"""HTTP caching of public pages, which are the same for everybody: by the edge and by browsers."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from menu.catalogue import current

PUBLIC_FOR_A_SECOND = "public, max-age=0, s-maxage=1, stale-if-error=86400"

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Make a view a public page of the menu: the edge caches it for a second, browsers revalidate it with its ETag,
    and this process keeps its bytes (`cafe.serving.page_cache`, which reads `response.shown`).

    The view takes the request and a `Shown`. While the database cannot be read, `Age` is the snapshot's age (s).
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        shown = current.shown_menu()
        response = view(request, shown, *args, **kwargs)
        response["Cache-Control"] = PUBLIC_FOR_A_SECOND
        if shown.as_of is not None:
            response["Age"] = str(int(shown.held.age_s))
        response.shown = shown  # type: ignore[attr-defined]
        return response

    return require_safe(conditional_page(answer))
