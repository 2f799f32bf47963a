"""What a phone keeps: the menu for the time without a connection, and the café on its home screen."""

import json
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext, to_locale
from django.views.decorators.http import conditional_page, require_safe

from menu.http_caching import PUBLIC_FOR_A_SECOND

PAPER = "#FBF6EE"  # as in static/css/tokens.css
ICONS = [("icon-192.png", 192, "any"), ("icon-512.png", 512, "any")]
ICONS += [("icon-maskable-192.png", 192, "maskable"), ("icon-maskable-512.png", 512, "maskable")]

View = Callable[[HttpRequest], HttpResponse]


def for_everybody(view: View) -> View:
    """Kept by the edge for a second; a browser asks each time, and is told 304 if nothing has changed."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Cache-Control"] = PUBLIC_FOR_A_SECOND
        return response

    return require_safe(conditional_page(answer))


@for_everybody
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, or with OFFLINE_MENU=off one that removes it. New bytes make browsers install it anew, so
    it names a file of this release: the offline page is kept together with its own."""
    name = "worker.js" if settings.OFFLINE_MENU else "worker_off.js"
    languages = json.dumps([code for code, _name in settings.LANGUAGES])
    context = {"languages": languages, "release": static("css/shop.css")}
    return render(request, f"offline/{name}", context, content_type="text/javascript; charset=utf-8")


@for_everybody
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows instead of a page that is not kept."""
    return render(request, "offline/offline.html")


@for_everybody
def manifest(request: HttpRequest) -> HttpResponse:
    menu = reverse("menu:menu")
    name = gettext("Cloud Café")
    return JsonResponse(
        {
            "id": "/",  # one café, whatever its language
            "name": name,
            "short_name": name,
            "description": gettext("Order coffee on your phone and pick it up without the queue."),
            "lang": to_locale(get_language() or settings.LANGUAGE_CODE).replace("_", "-"),
            "dir": "ltr",
            "start_url": menu,
            "scope": "/",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": PAPER,
            "categories": ["food", "shopping"],
            "icons": [
                {"src": static(f"img/{file}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
                for file, size, purpose in ICONS
            ],
            "shortcuts": [
                {"name": gettext("My orders"), "url": reverse("orders:my_orders")},
                {"name": gettext("Cart"), "url": reverse("orders:cart")},
            ],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
