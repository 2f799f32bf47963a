"""Writes of the menu that are more than saving a row."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from menu.models import Picture

if TYPE_CHECKING:
    from PIL import Image

PICTURE_LIMIT_BYTES = 100 * 1024
PICTURE_SIDE_PX = 1200
# What a card of the menu shows: thirty of them on one page (docs/access.md).
SMALL_LIMIT_BYTES = 5 * 1024
SMALL_SIDE_PX = 320
PIXEL_LIMIT = 50_000_000
GROUND = "#f3e6d3"  # the light tile of static/css/tokens.css


@dataclass(frozen=True)
class EncodedPicture:
    content: bytes  # WebP
    width: int  # pixels
    height: int  # pixels
    small: bytes = b""  # WebP


def keep_picture(encoded: EncodedPicture, *, title: str = "") -> Picture:
    """Keep a re-encoded photo under its content's hash; the same content is kept once."""
    picture, _is_new = Picture.objects.get_or_create(
        content_hash=hashlib.sha256(encoded.content).hexdigest(),
        defaults={
            "content": encoded.content,
            "small": encoded.small or None,
            "width": encoded.width,
            "height": encoded.height,
            "title": title,
        },
    )
    return picture


def encode_picture(file: IO[bytes]) -> EncodedPicture:
    """Re-encode an uploaded photo to WebP of at most 100 KB, and a small one of 5 KB, without its metadata.

    What is transparent becomes the ground of a tile. Raises ValidationError for what is not a picture, or has over 50
    million pixels.
    """
    from PIL import Image, ImageOps  # not above: pictures come seldom, and it is a part of the time to start

    # What Pillow's decoders raise for damaged files: AVIF's a RuntimeError, UnidentifiedImageError is an OSError.
    unreadable = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError)
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF", "AVIF")) as opened:
            if opened.width * opened.height > PIXEL_LIMIT:
                raise ValidationError(_("The picture has too many pixels."))
            image = _opaque(ImageOps.exif_transpose(opened))
    except unreadable as error:
        raise ValidationError(_("This file is not a picture that we can read.")) from error
    content = _webp(image, PICTURE_SIDE_PX, PICTURE_LIMIT_BYTES)
    size = image.size
    return EncodedPicture(content, *size, small=_webp(image, SMALL_SIDE_PX, SMALL_LIMIT_BYTES))


def small_picture(content: bytes) -> bytes:
    """Return the small one of a photo that is kept already."""
    from PIL import Image

    with Image.open(BytesIO(content), formats=("WEBP",)) as opened:
        return _webp(opened.convert("RGB"), SMALL_SIDE_PX, SMALL_LIMIT_BYTES)


def _opaque(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode in ("I", "I;16"):  # 16 bits of grey, which Pillow would cut off at 255
        image = image.point(lambda grey: grey / 256).convert("L")
        image.info.pop("transparency", None)  # a grey of 16 bits
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, GROUND)
    image = image.convert("RGBA")
    ground.paste(image, mask=image)
    return ground


def _webp(image: "Image.Image", side_px: int, limit_bytes: int) -> bytes:
    """Shrink the image in place to this side, or less, and return it in the best quality that keeps to the limit."""
    while True:
        image.thumbnail((side_px, side_px))
        for quality in (82, 70, 55, 40):
            out = BytesIO()
            image.save(out, "WEBP", quality=quality, method=4)
            if out.tell() <= limit_bytes:
                return out.getvalue()
        side_px = side_px * 3 // 4
