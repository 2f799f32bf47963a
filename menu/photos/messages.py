"""Messages for managers about photos: the accepted formats and sizes; why a photo was refused, and what to do."""

import math

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from menu.photos.limits import (
    AVIF,
    DEEP_HEIC,
    JPEG,
    MAX_FILE_BYTES,
    MAX_MEGAPIXELS,
    PNG,
    PROGRESSIVE_CMYK_JPEG,
    PROGRESSIVE_JPEG,
    PhotoRefused,
)

MEGABYTE = 1024 * 1024
MILLION = 1_000_000

WORDS = {
    "unreadable": _("We cannot read this file. Please send a photo as JPEG, HEIC, PNG, WebP, GIF or AVIF."),
    "undecodable": _(
        "This photo is damaged, or takes more memory than we give to one. "
        "Please save it as an ordinary JPEG and send that."
    ),
    "too_slow": _("This photo took too long to prepare. Please send a smaller one."),
    "busy": _("Another photo is being prepared. Please try again in a moment."),
    "unavailable": _("Photos cannot be prepared right now. Please try again later."),
    "too_many_bytes": _("This file has %(own)s MB; the limit is %(limit)s MB. Please send a smaller one."),
    "side_too_long": _(
        "This photo is %(width)s × %(height)s pixels; the limit for a side is %(limit)s. Please send a smaller one."
    ),
    "too_many_pixels": _(
        "This photo has %(own)s (%(width)s × %(height)s); the limit for JPEG is %(limit)s. Please send a smaller one."
    ),
    "too_many_pixels_of_its_kind": _(
        "This photo has %(own)s (%(width)s × %(height)s); the limit for %(kind)s is %(limit)s. "
        "Please send a smaller one, or an ordinary JPEG, which may have %(jpeg_limit)s."
    ),
}
KINDS = {
    PROGRESSIVE_JPEG: _("progressive JPEG"),
    PROGRESSIVE_CMYK_JPEG: _("progressive CMYK JPEG"),
    DEEP_HEIC: _("HEIC of more than 8 bits"),
}


def refusal(refused: PhotoRefused) -> str:
    """Return the words for a refusal, with the limit and the photo's own figure."""
    if refused.code != "too_many_pixels":
        return str(WORDS.get(refused.code, WORDS["undecodable"])) % refused.facts
    kind, width, height = str(refused.facts["kind"]), refused.facts["width"], refused.facts["height"]
    facts = {
        "kind": KINDS.get(kind, kind),
        "width": width,
        "height": height,
        "own": megapixels(int(str(width)) * int(str(height))),
        "limit": megapixels(MAX_MEGAPIXELS[kind] * MILLION),
        "jpeg_limit": megapixels(MAX_MEGAPIXELS[JPEG] * MILLION),
    }
    return str(WORDS["too_many_pixels" if kind == JPEG else "too_many_pixels_of_its_kind"]) % facts


def file_too_large(size_bytes: int) -> PhotoRefused:
    own = math.ceil(size_bytes / MEGABYTE * 10) / 10
    return PhotoRefused("too_many_bytes", {"own": own, "limit": MAX_FILE_BYTES // MEGABYTE})


def megapixels(pixels: int) -> str:
    """Return a number of pixels in the active language's unit: millions, in Chinese ten thousands; rounded up."""
    count = {"millions": f"{math.ceil(pixels / 100_000) / 10:g}", "ten_thousands": str(math.ceil(pixels / 10_000))}
    # Translators: one of the two figures is shown, the other is cut to nothing by ":.0s".
    return gettext("{ten_thousands:.0s}{millions} megapixels").format(**count)


def _help_text() -> str:
    limits = {
        "most": megapixels(MAX_MEGAPIXELS[JPEG] * MILLION),
        "many": megapixels(MAX_MEGAPIXELS[PNG] * MILLION),
        "few": megapixels(MAX_MEGAPIXELS[AVIF] * MILLION),
        "megabytes": MAX_FILE_BYTES // MEGABYTE,
    }
    return (
        gettext(
            "JPEG of up to %(most)s; HEIC, PNG, GIF and progressive JPEG of up to %(many)s; "
            "WebP and AVIF of up to %(few)s. At most %(megabytes)s MB. It is kept as WebP of at most 100 KB."
        )
        % limits
    )


help_text = lazy(_help_text, str)
