"""HEIC, the photo format of iPhones, is accepted: encoded upright, in sRGB, without metadata, within its limits."""

import struct
from io import BytesIO

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from menu.models import Picture
from menu.photos import headers
from menu.photos.encoder_answer import EncodedPhoto
from menu.photos.encoding import MAX_BYTES, MAX_SMALL_BYTES, encode
from menu.photos.limits import PhotoRefused
from tests.harness.factories import manager
from tests.menu.photo_samples import about, gradient, heic, saved


def encoded(content: bytes) -> EncodedPhoto:
    return encode(BytesIO(content))


def halves(size: tuple[int, int] = (320, 200)) -> Image.Image:
    """Return a picture of which the left half is red and the right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image


def test_a_manager_uploads_a_heic(db: None) -> None:
    boss = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    boss.force_login(manager())
    sent = {"title": "Latte", "file": SimpleUploadedFile("IMG_0001.HEIC", heic(gradient((1600, 1200))))}
    assert boss.post("/admin/menu/picture/add/", sent).status_code == 302
    kept = Picture.objects.get()
    assert (kept.width, kept.height) == (1200, 900)
    assert Image.open(BytesIO(bytes(kept.content))).format == "WEBP"
    assert len(bytes(kept.content)) <= MAX_BYTES
    assert len(bytes(kept.small or b"")) <= MAX_SMALL_BYTES


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
def test_every_mode_of_heic_is_read(mode: str) -> None:
    encoded_photo = encoded(heic(gradient((320, 200), mode)))
    assert (encoded_photo.width, encoded_photo.height) == (320, 200)


@pytest.mark.parametrize(("mode", "channels"), [("RGB;16", 3), ("RGBA;16", 4), ("I;16", 1)])
def test_10_bits_are_brought_to_8(mode: str, channels: int) -> None:
    pixel = struct.pack(f"<{channels}H", *(200 * 257,) * min(channels, 3), *(65_535,) * (channels - 3))
    out = BytesIO()
    pillow_heif.from_bytes(mode, (64, 64), pixel * 64 * 64).save(out, quality=90, chroma=444)
    assert about(encoded(out.getvalue()), (200, 200, 200))


def test_what_is_transparent_becomes_the_ground_of_a_tile() -> None:
    assert about(encoded(heic(Image.new("RGBA", (320, 200), (0, 0, 0, 0)), quality=90)), (0xF3, 0xE6, 0xD3))


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (320, 200)), (3, (320, 200)), (6, (200, 320)), (8, (200, 320))]
)
def test_a_photo_taken_sideways_stands_upright(orientation: int, size: tuple[int, int]) -> None:
    """libheif rotates the picture; the same orientation in Exif must not rotate it again."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, "taken at home"
    content = heic(halves(), exif=exif.tobytes(), quality=90)
    assert b"taken at home" in content
    photo = encoded(content)
    assert (photo.width, photo.height) == size
    red, _green, blue = Image.open(BytesIO(photo.content)).convert("RGB").getpixel(RED_AT[orientation])  # type: ignore[misc]
    assert red > 200 > 50 > blue
    assert b"taken at home" not in photo.content


RED_AT = {1: (20, 100), 3: (300, 100), 6: (100, 20), 8: (100, 300)}


def test_tiles_are_put_together() -> None:
    photo = encoded(heic(halves((640, 480)), tile_size=256, quality=90))
    assert (photo.width, photo.height) == (640, 480)


def test_the_primary_picture_is_taken_of_several() -> None:
    container = pillow_heif.from_pillow(Image.new("RGB", (100, 60), "blue"))
    container.add_from_pillow(Image.new("RGB", (300, 200), "red"))
    out = BytesIO()
    container.save(out, primary_index=1, quality=90, chroma=444)
    assert about(encoded(out.getvalue()), (255, 0, 0))


def test_a_thumbnail_is_not_taken_for_the_photo() -> None:
    assert encoded(heic(gradient((1600, 1200)), thumbnails=[320])).width == 1200


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_part_of_a_heic_is_refused(part: float) -> None:
    content = heic(gradient((640, 480)))
    with pytest.raises(PhotoRefused):
        encoded(content[: int(len(content) * part)])


def test_an_avif_is_no_heic() -> None:
    """AVIF and HEIC share a container; its brand decides which decoder reads it."""
    avif = saved(gradient((64, 64)), "AVIF")
    assert headers.is_heif(heic(gradient((64, 64)))[:64])
    assert not headers.is_heif(avif[:64])
    assert not headers.is_heif(avif[:64].replace(b"ftypavif", b"ftypmif1"))
    assert not headers.is_heif(b"")
