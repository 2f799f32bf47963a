"""Storing of photos in the database."""

import hashlib

from menu.models import Picture
from menu.photos.encoder_answer import EncodedPhoto


def keep_picture(encoded: EncodedPhoto, *, title: str = "") -> Picture:
    """Store a re-encoded photo under its content's hash and return its row; the same content is stored once."""
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
