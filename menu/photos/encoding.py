"""Re-encode an uploaded photo to the two sizes that are stored: WebP, upright, in sRGB, without metadata."""

from io import BytesIO
from itertools import chain
from typing import IO

from PIL import ExifTags, Image, ImageOps

from menu.photos import colour
from menu.photos.decoding import Photo, fitted, open_photo
from menu.photos.encoder_answer import EncodedPhoto
from menu.photos.limits import PhotoRefused

MAX_BYTES = 100 * 1024
MAX_SIDE_PX = 1200
# The small size, for a menu card: a page has thirty of them (docs/accessibility.md).
MAX_SMALL_BYTES = 4000
MAX_SMALL_SIDE_PX = 320
QUALITIES = (82, 70, 55, 40)


def encode(file: IO[bytes]) -> EncodedPhoto:
    """Re-encode a photo to WebP of at most 100 KB, and a small one of 4 kB.

    1. Open it, and refuse what is over a limit (`limits`) before its pixels are decoded.
    2. Decode it, and reduce it in strips, so that there is no second copy of its full size.
    3. Convert its colours to sRGB, composite it on the background of a tile, apply its orientation.
    4. Encode it in the best quality within the limit of bytes; if there is none, reduce it further.

    Raises PhotoRefused.
    """
    photo = open_photo(file, MAX_SIDE_PX)
    try:
        return _encoded(photo)
    except Exception as error:  # damaged files make decoders raise anything; the limit raises MemoryError
        raise PhotoRefused("undecodable") from error


def _encoded(photo: Photo) -> EncodedPhoto:
    reduced = _reduced(photo, MAX_SIDE_PX)
    image = _upright(_flat(reduced, photo.profile), photo.orientation())
    content = _webp(image, MAX_SIDE_PX, MAX_BYTES)
    size = image.size
    return EncodedPhoto(content, *size, small=_webp(image, MAX_SMALL_SIDE_PX, MAX_SMALL_BYTES))


def small_photo(content: bytes) -> bytes:
    """Return the small size of a stored photo, both as WebP bytes."""
    with Image.open(BytesIO(content), formats=("WEBP",)) as opened:
        return _webp(opened.convert("RGB"), MAX_SMALL_SIDE_PX, MAX_SMALL_BYTES)


def _reduced(photo: Photo, side_px: int) -> Image.Image:
    """Resample the photo to this side at most: each strip horizontally, then the whole vertically, as Pillow does."""
    width, height = fitted(photo.size, side_px)
    parts = (_plain(strip).resize((width, strip.height), Image.Resampling.BICUBIC) for strip in photo.strips())
    first = next(parts)
    narrow, top = Image.new(first.mode, (width, photo.size[1])), 0
    for part in chain([first], parts):
        narrow.paste(part, (0, top))
        top += part.height
    return narrow.resize((width, height), Image.Resampling.BICUBIC)


def _plain(image: Image.Image) -> Image.Image:
    """Return the image in a mode that can be resampled: L, RGB, CMYK, or RGBa when something in it is transparent."""
    if image.mode in ("I", "I;16"):  # 16 bits of grey, which Pillow would clip at 255
        return image.point(lambda grey: grey / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "CMYK") else image.convert("RGB")


def _flat(image: Image.Image, profile: bytes | None) -> Image.Image:
    alpha = None
    if image.mode == "RGBa":
        alpha = image.getchannel("a")
        image = image.convert("RGBA").convert("RGB")
    return colour.on_ground(colour.to_srgb(image, profile), alpha)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(image)


def _webp(image: Image.Image, side_px: int, limit_bytes: int) -> bytes:
    """Shrink the image in place to this side, or less, and return its WebP of the best quality within the limit."""
    while True:
        image.thumbnail((side_px, side_px))
        for quality in QUALITIES:
            out = BytesIO()
            image.save(out, "WEBP", quality=quality, method=4)
            if out.tell() <= limit_bytes:
                return out.getvalue()
        side_px = side_px * 3 // 4
