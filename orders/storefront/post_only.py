from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def post_only(page: str) -> Callable[[View], View]:
    """Restrict a view to POST. Any other request (a reload, the language link) is redirected to `page`.

    `page` is the URL name of the page that has the form; it takes the same URL arguments as the view.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page, *args, **kwargs)

        return never_cache(answer)

    return decorate
