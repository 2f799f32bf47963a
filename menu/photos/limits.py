"""Limits of a photo: bytes, length of a side, pixels.

Each figure keeps the encoder below MAX_PEAK_BYTES; tests/menu/test_photo_memory.py measures every kind at its limit.
Bytes a pixel at the peak: PNG 4, a progressive JPEG 6 for its coefficients (8 in CMYK), HEIC 5 (7 in 10 bits,
19 in 4:4:4 as well), WebP and AVIF 16.
"""

from collections.abc import Mapping

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_SIDE_PX = 20_000  # the widest panoramas of phones have 16,000 or so
MAX_PEAK_BYTES = 150 * 1024 * 1024

# Kinds of photo: how much memory a pixel takes depends on them.
JPEG, PROGRESSIVE_JPEG, PROGRESSIVE_CMYK_JPEG = "JPEG", "progressive JPEG", "progressive CMYK JPEG"
PNG, GIF, WEBP, AVIF = "PNG", "GIF", "WebP", "AVIF"
HEIC, DEEP_HEIC, FULL_COLOUR_HEIC = "HEIC", "HEIC of more than 8 bits", "HEIC 4:4:4"
MAX_MEGAPIXELS = {
    JPEG: 50,  # reduced while it is decoded
    PROGRESSIVE_JPEG: 16,
    PROGRESSIVE_CMYK_JPEG: 12,
    PNG: 16,
    GIF: 16,
    HEIC: 16,
    DEEP_HEIC: 13,
    FULL_COLOUR_HEIC: 5,  # also 4:2:2, or transparent in more than 8 bits
    WEBP: 7,
    AVIF: 7,
}


class PhotoRefused(Exception):
    """A photo that is not encoded: `code` says why, `facts` are the figures that a message shows."""

    def __init__(self, code: str, facts: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code, self.facts = code, dict(facts or {})


def check(kind: str, size: tuple[int, int]) -> None:
    """Raise PhotoRefused when a photo of this kind and size (pixels) is over a limit."""
    width, height = size
    facts = {"kind": kind, "width": width, "height": height}
    if max(size) > MAX_SIDE_PX:
        raise PhotoRefused("side_too_long", facts | {"limit": MAX_SIDE_PX})
    if width * height > MAX_MEGAPIXELS[kind] * 1_000_000:
        raise PhotoRefused("too_many_pixels", facts | {"limit": MAX_MEGAPIXELS[kind]})
