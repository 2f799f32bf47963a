"""Decoding of HEIC, the photo format of iPhones, with libheif."""

from collections.abc import Iterator
from typing import IO, Any

import pillow_heif
from PIL import Image

from menu.photos import icc, limits
from menu.photos.decoding import Photo, strip_rows

pillow_heif.options.DECODE_THREADS = 1
pillow_heif.options.THUMBNAILS = False
pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.AUX_IMAGES = False


def open_photo(file: IO[bytes]) -> Photo:
    """Open the primary picture. libheif rotates it as its container says, so Exif's orientation is ignored."""
    container = pillow_heif.open_heif(file)
    primary = container[container.primary_index]
    info: dict[str, Any] = primary.info
    limits.check(_kind(info, primary.has_alpha), primary.size)
    return Photo(primary.size, lambda: _strips(primary), profile=_profile(info))


def _profile(info: dict[str, Any]) -> bytes | None:
    if embedded := info.get("icc_profile"):
        return bytes(embedded)
    described = info.get("nclx_profile")
    return (
        icc.of_code_points(described["color_primaries"], described["transfer_characteristics"]) if described else None
    )


def _kind(info: dict[str, Any], has_alpha: bool) -> str:
    is_deep = info["bit_depth"] > 8
    if info.get("chroma") not in (None, 420) or (is_deep and has_alpha):  # None: grey
        return limits.FULL_COLOUR_HEIC
    return limits.DEEP_HEIC if is_deep else limits.HEIC


def _strips(primary: pillow_heif.HeifImage) -> Iterator[Image.Image]:
    """Yield the rows from libheif's own buffer: a whole Pillow image would be a second copy."""
    pixels, stride, (width, height) = primary.data, primary.stride, primary.size
    rows = strip_rows(width)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        part = pixels[top * stride : (top + count) * stride]
        yield Image.frombuffer(primary.mode, (width, count), part, "raw", primary.mode, stride, 1)
