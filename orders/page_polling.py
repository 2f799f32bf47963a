"""Polling: each poll sends the state that its page was rendered with (`seen`), and gets 204 while it is unchanged.

A poll also sends the day of that rendering (`drawn_on`). On the next day the page is rendered again, because a time
of the day before is written with its date.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

STOP_POLLING = 286  # htmx swaps the response in and stops polling


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
    """Return the page, or its fragment for a poll: 204 if the poll has this state, 286 if the state is final."""
    context |= {"seen": seen, "drawn_on": today()}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, page, context)
    is_of_today = request.GET.get("drawn_on", today()) == today()
    if request.GET.get("seen") == seen and is_of_today and not is_final:
        return HttpResponse(status=204)
    return render(request, fragment, context, status=STOP_POLLING if is_final else 200)
