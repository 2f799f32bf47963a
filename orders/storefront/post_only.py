from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def form_only(page: str) -> Callable[[View], View]:
    """A view that forms post to. Whoever comes by an address (a reload, the language link) is led to the page whose
    form it is; its arguments in the address are the same."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page, *args, **kwargs)

        return never_cache(answer)

    return decorate
