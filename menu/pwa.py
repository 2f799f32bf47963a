"""Progressive web app: the service worker, the offline page, and the web app manifest (home screen)."""

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


def public_asset(view: View) -> View:
    """Make a view public: the edge caches it for a second, and a browser revalidates each time (304 if unchanged)."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Cache-Control"] = PUBLIC_FOR_A_SECOND
        return response

    return require_safe(conditional_page(answer))


@public_asset
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker's script, or with OFFLINE_MENU=off one that removes it. A browser reinstalls it when
    its bytes change, so it names a static file of this release: the cached offline page then fits its files."""
    name = "worker.js" if settings.OFFLINE_MENU else "worker_off.js"
    languages = json.dumps([code for code, _name in settings.LANGUAGES])
    context = {"languages": languages, "release": static("css/shop.css")}
    return render(request, f"offline/{name}", context, content_type="text/javascript; charset=utf-8")


@public_asset
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker shows offline instead of a page that it has not cached."""
    return render(request, "offline/offline.html")


@public_asset
def manifest(request: HttpRequest) -> HttpResponse:
    menu = reverse("menu:menu")
    name = gettext("Cloud Café")
    return JsonResponse(
        {
            "id": "/",  # the same app in every language
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
