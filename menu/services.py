"""Writes of the menu that are more than saving a row."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from menu.models import Picture

PICTURE_LIMIT_BYTES = 100 * 1024
PICTURE_SIDE_PX = 1200
PIXEL_LIMIT = 50_000_000


@dataclass(frozen=True)
class EncodedPicture:
    content: bytes  # WebP
    width: int  # pixels
    height: int  # pixels


def keep_picture(encoded: EncodedPicture, *, title: str = "") -> Picture:
    """Keep a re-encoded photo under its content's hash; the same content is kept once."""
    picture, _is_new = Picture.objects.get_or_create(
        content_hash=hashlib.sha256(encoded.content).hexdigest(),
        defaults={
            "content": encoded.content,
            "width": encoded.width,
            "height": encoded.height,
            "title": title,
        },
    )
    return picture


def encode_picture(file: IO[bytes]) -> EncodedPicture:
    """Re-encode an uploaded photo to WebP of at most 100 KB, without its metadata.

    Raises ValidationError for what is not a picture, or has over 50 million pixels.
    """
    from PIL import Image, ImageOps  # not above: pictures come seldom, and it is a part of the time to start

    # What Pillow's decoders raise for damaged files: AVIF's a RuntimeError, UnidentifiedImageError is an OSError.
    unreadable = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError)
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF", "AVIF")) as opened:
            if opened.width * opened.height > PIXEL_LIMIT:
                raise ValidationError(_("The picture has too many pixels."))
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except unreadable as error:
        raise ValidationError(_("This file is not a picture that we can read.")) from error
    side = PICTURE_SIDE_PX
    while True:
        image.thumbnail((side, side))
        for quality in (82, 70, 55, 40):
            out = BytesIO()
            image.save(out, "WEBP", quality=quality, method=4)
            if out.tell() <= PICTURE_LIMIT_BYTES:
                return EncodedPicture(out.getvalue(), *image.size)
        side = side * 3 // 4
