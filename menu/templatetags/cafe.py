"""Template tags and filters that every template has without `{% load %}` (settings.TEMPLATES builtins)."""

import re
from collections.abc import Iterable
from datetime import datetime

from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from menu import money as amounts
from menu.dietary.allergens import ALLERGENS, DIETS

register = template.Library()

LANGUAGES = "|".join(re.escape(code) for code, _name in settings.LANGUAGES)
WITHOUT_LANGUAGE = re.compile(rf"^(?:/(?:{LANGUAGES}))?/+")

register.filter("money", amounts.money)
register.filter("difference", amounts.difference)
register.simple_tag(amounts.currency_symbol)


@register.simple_tag
def every_language() -> list[tuple[str, str]]:
    """Return each language's code and its name in that language (Django's own tag would translate the names)."""
    return list(settings.LANGUAGES)


@register.simple_tag
def other_languages() -> list[tuple[str, str]]:
    return [(code, name) for code, name in settings.LANGUAGES if code != get_language()]


@register.filter
def when(at: datetime, time_format: str = "TIME_FORMAT") -> str:
    """Format a moment: the time alone today, with the date on another day, and with the year in another year."""
    local, today = timezone.localtime(at), timezone.localdate()
    time = date_format(local, time_format)
    if local.date() == today:
        return time
    day = date_format(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")
    return _("%(day)s, %(time)s") % {"day": day, "time": time}


@register.filter
def listed(words: Iterable[str]) -> str:
    """Join words with the list separator of the active language."""
    return _(", ").join(words)


@register.simple_tag
def names_of_contents() -> dict[str, str]:
    """Return all allergens and all diets, each as one string of key=name, for scripts: "gluten=gluten|eggs=egg"."""
    known = {"allergens": ALLERGENS, "diets": DIETS}
    return {kind: "|".join(f"{key}={name}" for key, name in names.items()) for kind, names in known.items()}


@register.simple_tag(takes_context=True)
def this_page_in(context: Context, language: str) -> str:
    """Return this page's URL path and query string in another language; a path without a language prefix gets one.

    A public page has the same bytes for everybody (page cache), so its query string is left out.
    """
    request = context["request"]
    match = request.resolver_match
    is_public = match is not None and match.namespace == "menu"
    address = request.path if is_public else request.get_full_path()
    return f"/{language}{WITHOUT_LANGUAGE.sub('/', address, count=1)}"
