"""Open an uploaded file, refuse what is over a limit before a pixel is decoded, and read its pixels in strips."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from PIL import AvifImagePlugin, ExifTags, Image

from menu.photos import headers, icc, limits
from menu.photos.limits import PhotoRefused

STRIP_PIXELS = 512 * 1024
HEAD_BYTES = 4096
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")

# This runs in a process with a memory limit: one thread, as each has its own buffers, and no pixel limit but ours.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Photo:
    """An opened photo. `strips` decodes it and yields its rows from the top, in any mode of Pillow."""

    size: tuple[int, int]  # pixels
    strips: Callable[[], Iterator[Image.Image]]
    orientation: Callable[[], int] = lambda: 1  # Exif's, read last: a PNG may have it after its pixels
    profile: bytes | None = None  # ICC


def open_photo(file: IO[bytes], side_px: int) -> Photo:
    """Open a photo that will be shown with a longer side of at most `side_px`. Raises PhotoRefused."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about damaged metadata
        try:
            return _open_heif(file) if headers.is_heif(head) else _open_with_pillow(file, head, side_px)
        except PhotoRefused:
            raise
        except Exception as error:  # damaged files make decoders raise anything
            raise PhotoRefused("unreadable") from error


def strip_rows(width: int) -> int:
    """Return how many rows of this width are read at a time."""
    return max(1, STRIP_PIXELS // width)


def _open_with_pillow(file: IO[bytes], head: bytes, side_px: int) -> Photo:
    if size := headers.webp_size(head):
        limits.check(limits.WEBP, size)
    image = Image.open(file, formats=FORMATS)
    kind = _kind(image, file)
    limits.check(kind, image.size)
    # Only JPEG can be reduced while it is decoded. Resampling from twice the shown size is as good as from the whole;
    # a progressive JPEG is reduced further, as its coefficients leave no memory for that.
    image.draft(None, fitted(image.size, 2 * side_px if kind == limits.JPEG else side_px))
    return Photo(image.size, lambda: _strips(image), lambda: _orientation(image), _profile(image, head))


def _orientation(image: Image.Image) -> int:
    with contextlib.suppress(Exception):  # damaged Exif does not refuse a photo
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _profile(image: Image.Image, head: bytes) -> bytes | None:
    if embedded := image.info.get("icc_profile"):
        return bytes(embedded)
    if code_points := headers.code_points(head):
        return icc.of_code_points(*code_points)
    if image.format == "PNG":
        return icc.of_png(image.info)
    with contextlib.suppress(Exception):
        return icc.of_exif(image.getexif())
    return None


def _kind(image: Image.Image, file: IO[bytes]) -> str:
    if image.format in ("JPEG", "MPO"):
        return _jpeg_kind(image, file)
    return {"PNG": limits.PNG, "GIF": limits.GIF, "WEBP": limits.WEBP, "AVIF": limits.AVIF}[str(image.format)]


def _jpeg_kind(image: Image.Image, file: IO[bytes]) -> str:
    if headers.can_be_decoded_by_rows(file):
        return limits.JPEG
    return limits.PROGRESSIVE_CMYK_JPEG if image.mode == "CMYK" else limits.PROGRESSIVE_JPEG


def fitted(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    """Return the size scaled down, in proportion, to at most `side_px` for its longer side."""
    factor = min(1, side_px / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _strips(image: Image.Image) -> Iterator[Image.Image]:
    image.load()
    rows = strip_rows(image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _open_heif(file: IO[bytes]) -> Photo:
    from menu.photos import heif  # imported here: only an HEIC needs its 30 MB of libraries

    return heif.open_photo(file)
