"""What everybody gets alike, and who may keep it how long."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page, require_safe

from menu.catalogue import current

PUBLIC_FOR_A_SECOND = "public, max-age=0, s-maxage=1, stale-if-error=86400"

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Make a page of the menu that is shown: kept a second by the edge, revalidated by browsers with its ETag, and
    kept as ready bytes by this process (`cafe.serving.page_cache`, which reads `response.shown`).

    The view takes the request and `selectors.Shown`. While the database cannot be read, `Age` says how old it is (s).
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
