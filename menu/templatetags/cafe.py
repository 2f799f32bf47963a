"""Template words known to every template (settings.TEMPLATES builtins)."""

from collections.abc import Iterable

from django import template
from django.template import Context
from django.urls import translate_url
from django.utils.translation import gettext as _

from menu import money as amounts

register = template.Library()

register.filter("money", amounts.money)
register.filter("difference", amounts.difference)
register.simple_tag(amounts.currency_symbol)


@register.filter
def listed(words: Iterable[str]) -> str:
    """Join words as the active language does."""
    return _(", ").join(words)


@register.simple_tag(takes_context=True)
def this_page_in(context: Context, language: str) -> str:
    """Return this page's address in another language (the menu's where the address has none)."""
    path = "/" + context["request"].path.lstrip("/")  # two slashes would begin a host, and "//[" is none
    translated = translate_url(path, language)
    return translated if translated.startswith(f"/{language}/") else f"/{language}/"
