"""Answers for the pages' scripts, which fetch instead of navigating."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse


def redirect_as_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a redirect as JSON, `{"location": …}` with the same cookies, to a script that asks for JSON.

    `fetch` would follow a redirect and load the next page, and the browser would then load that page again.
    """
    asks_for_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    if not asks_for_json or not isinstance(response, HttpResponseRedirect):
        return response
    named = JsonResponse({"location": response.url})
    named.cookies = response.cookies
    return named
