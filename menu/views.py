"""The public pages: the same bytes for everybody, so nothing personal and no token is rendered into them."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from menu.catalogue import queries
from menu.catalogue.current import Shown
from menu.dietary.filters import dietary_filters
from menu.http_caching import public_page

FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def redirect_to_menu(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(f"/{_preferred_language(request)}/")
    response["Cache-Control"] = "private, no-store"
    return response


def _preferred_language(request: HttpRequest) -> str:
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


@public_page
def menu(request: HttpRequest, shown: Shown) -> HttpResponse:
    context = {"menu": shown.menu, "wishes": dietary_filters(shown.menu), "as_of": shown.as_of}
    return render(request, "menu/menu.html", context)


@public_page
def item(request: HttpRequest, shown: Shown, slug: str) -> HttpResponse:
    item = shown.menu.item(slug)
    if item is None:
        raise Http404
    return render(request, "menu/item.html", {"item": item, "chosen": None, "as_of": shown.as_of})


@require_safe
def picture(request: HttpRequest, content_hash: str) -> HttpResponse:
    content = queries.picture_content(content_hash)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/webp", headers={"Cache-Control": FOR_EVER})
