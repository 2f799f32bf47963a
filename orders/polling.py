"""Pages that refresh themselves: a poll says what it has seen, and is answered only when that has changed.

It also says on which day it was drawn: on the next one a time that was today's is written with its date.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

STOP_POLLING = 286  # htmx: swap this in and poll no more


def today() -> str:
    return timezone.localdate().isoformat()


def answer(
    request: HttpRequest,
    page: str,
    fragment: str,
    context: dict[str, Any],
    *,
    seen: str,
    is_final: bool = False,
) -> HttpResponse:
    """Render the page, or for a poll its fragment; 204 when the poll has seen this state, 286 when it is the last."""
    context |= {"seen": seen, "drawn_on": today()}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, page, context)
    is_of_today = request.GET.get("drawn_on", today()) == today()
    if request.GET.get("seen") == seen and is_of_today and not is_final:
        return HttpResponse(status=204)
    return render(request, fragment, context, status=STOP_POLLING if is_final else 200)
