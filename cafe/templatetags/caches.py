"""Template filters that format the figures of /admin/cache/, with the same number format in every language."""

import math

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    return f"{number:,}"


@register.filter
def percent(share: float | None) -> str:
    """Return a share (0 to 1) in percent with one decimal, rounded down, so that only a full share is 100%."""
    if share is None:
        return "–"
    return "100%" if share == 1 else f"{math.floor(share * 1000 + 1e-9) / 10:.1f}%"


@register.filter
def age(age_s: float | None) -> str:
    """Return an age as text: in tenths of a second below 10 s, in seconds below 120 s, else in minutes."""
    if age_s is None:
        return "–"
    if age_s < 10:
        return _("%(number)s s") % {"number": f"{age_s:.1f}"}
    if age_s < 120:
        return _("%(number)s s") % {"number": f"{age_s:.0f}"}
    return _("%(number)s min") % {"number": f"{age_s / 60:.0f}"}


@register.filter
def short_version(version: str) -> str:
    """Return "42 (3f2a)" for epoch 3f2a9c0d1b4e5f67 and version 42."""
    epoch, _dot, number = version.rpartition(".")
    return f"{number} ({epoch[:4]})" if epoch else version or "–"
