"""An encoded photo is small, upright, without metadata, on the tile's background colour; other files are refused."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from menu.photos.colour import GROUND
from menu.photos.encoder_answer import EncodedPhoto
from menu.photos.encoding import MAX_BYTES, MAX_SMALL_BYTES, MAX_SMALL_SIDE_PX, encode, small_photo
from menu.photos.limits import PhotoRefused
from tests.menu.photo_samples import NO_PHOTOS, about, gradient, heic, noise, photo, with_a_second_picture, with_exif


def refused(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        encode(BytesIO(content))


def opened(encoded: EncodedPhoto) -> Image.Image:
    return Image.open(BytesIO(encoded.content))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"),
     ("WEBP", "RGB"), ("GIF", "P"), ("AVIF", "RGB")],
)  # fmt: skip
def test_every_kind_of_picture_becomes_webp(kind: str, mode: str) -> None:
    out = BytesIO()
    image = (
        Image.new(mode, (300, 200)) if mode == "I;16" else Image.linear_gradient("L").resize((300, 200)).convert(mode)
    )
    image.save(out, kind)
    encoded = encode(BytesIO(out.getvalue()))
    assert opened(encoded).format == "WEBP"
    assert (encoded.width, encoded.height) == opened(encoded).size == (300, 200)
    assert len(encoded.content) <= MAX_BYTES


def test_a_large_photo_is_made_smaller_in_its_proportions() -> None:
    encoded = encode(BytesIO(photo(size=(3000, 2000))))
    assert (encoded.width, encoded.height) == (1200, 800)


def test_a_small_photo_is_not_blown_up() -> None:
    encoded = encode(BytesIO(photo(size=(1, 1))))
    assert (encoded.width, encoded.height) == (1, 1)


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000)])
def test_a_photo_like_a_thread_stays_a_picture(size: tuple[int, int]) -> None:
    encoded = encode(BytesIO(photo("PNG", size)))
    assert encoded.width >= 1
    assert encoded.height >= 1


def test_of_several_pictures_the_first_is_taken() -> None:
    encoded = encode(BytesIO(with_a_second_picture((3000, 2000))))
    assert (encoded.width, encoded.height) == (1200, 800)


@pytest.mark.only_full
def test_even_noise_gets_under_100_kb() -> None:
    encoded = encode(BytesIO(noise(700)))
    assert len(encoded.content) <= 100 * 1024


def test_metadata_is_dropped() -> None:
    original = with_exif()
    assert b"taken at home" in original
    encoded = encode(BytesIO(original))
    assert b"taken at home" not in encoded.content
    for chunk in (b"EXIF", b"Exif", b"XMP ", b"ICCP"):
        assert chunk not in encoded.content
    assert not opened(encoded).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_taken_sideways_stands_upright(kind: str) -> None:
    encoded = encode(BytesIO(with_exif(6, kind)))
    assert (encoded.width, encoded.height) == (200, 300)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_what_is_transparent_becomes_the_ground_of_a_tile(kind: str) -> None:
    out = BytesIO()
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(out, kind)
    assert about(encode(BytesIO(out.getvalue())), (0xF3, 0xE6, 0xD3))


def test_the_ground_is_that_of_the_stylesheet() -> None:
    tokens = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
    assert f"--tile: {GROUND}" in tokens.read_text()


@pytest.mark.parametrize(("mode", "colour"), [("LA", (0, 128)), ("RGBA", (0, 0, 0, 128))])
def test_what_is_half_transparent_lets_the_ground_through(mode: str, colour: tuple[int, ...]) -> None:
    out = BytesIO()
    Image.new(mode, (300, 200), colour).save(out, "PNG")
    assert about(encode(BytesIO(out.getvalue())), (0x79, 0x73, 0x69))


@pytest.mark.parametrize("options", [{}, {"transparency": 100 * 256}], ids=repr)
@pytest.mark.parametrize("grey", [0, 100, 255])
def test_grey_of_16_bits_stays_as_grey_as_it_was(grey: int, options: dict[str, int]) -> None:
    out = BytesIO()
    Image.new("I;16", (300, 200), grey * 256).save(out, "PNG", **options)
    assert about(encode(BytesIO(out.getvalue())), (grey, grey, grey))


@pytest.mark.parametrize("content", NO_PHOTOS.values(), ids=NO_PHOTOS.keys())
def test_what_is_not_a_picture_of_ours_is_refused(content: bytes) -> None:
    refused(content)


DAMAGED = {"JPEG": with_exif(), "HEIF": heic(gradient((64, 64)))}


@pytest.mark.few_cases(2)
@pytest.mark.filterwarnings("ignore")  # Pillow warns about damaged files
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_a_damaged_picture_is_read_or_refused(kind: str) -> None:
    """Random damage raises no other error than PhotoRefused."""
    chance = random.Random(kind)
    good = DAMAGED[kind] if kind in DAMAGED else photo(kind, (60, 40))
    for _time in range(150):
        damaged = bytearray(good[: chance.choice([len(good), chance.randrange(1, len(good))])])
        for _byte in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert len(encode(BytesIO(bytes(damaged))).content) <= MAX_BYTES
        except PhotoRefused:
            continue


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("content", [noise(700), photo(size=(3000, 2000)), photo(size=(1, 1))])
def test_the_small_one_is_small_in_pixels_and_bytes(content: bytes) -> None:
    encoded = encode(BytesIO(content))
    assert len(encoded.small) <= MAX_SMALL_BYTES
    small = Image.open(BytesIO(encoded.small))
    assert small.format == "WEBP"
    assert 1 <= max(small.size) <= MAX_SMALL_SIDE_PX
    again = Image.open(BytesIO(small_photo(encoded.content)))  # as the migration makes it from the stored photo
    assert again.size == small.size or content == noise(700)
