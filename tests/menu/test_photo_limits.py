"""A photo over a limit is refused before any pixel is decoded; the message names the limit and the photo's size."""

import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image

from menu.models import Picture
from menu.photos import headers, limits, messages
from menu.photos.limits import MAX_MEGAPIXELS, PhotoRefused
from tests.menu.photo_samples import gradient, heic, photo, png, png_chunk, saved
from tests.menu.photo_worker import ask_worker

DECODED_NOTHING_MIB = 64  # for Python, Pillow and the file; decoding a photo of these tests takes hundreds


def bomb(width: int, height: int) -> bytes:
    """Return a PNG whose header claims this size; it has no pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")


def webp_canvas(width: int, height: int) -> bytes:
    """Return an animated WebP whose header claims this size."""
    content = bytearray(saved(gradient((20, 20)), "WEBP", save_all=True, append_images=[gradient((20, 20), "L")]))
    content[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(content)


def resized_frame(content: bytes, width: int, height: int) -> bytes:
    """Return this JPEG with another size in its frame header."""
    at = next(content.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in content)
    return content[: at + 5] + struct.pack(">HH", height, width) + content[at + 9 :]


def resized_heic(width: int, height: int) -> bytes:
    content = heic(gradient((64, 64)))
    return content.replace(
        b"ispe\0\0\0\0" + struct.pack(">II", 64, 64), b"ispe\0\0\0\0" + struct.pack(">II", width, height)
    )


def resized_avif(width: int, height: int) -> bytes:
    content = saved(gradient((64, 64)), "AVIF")
    return content.replace(
        b"ispe\0\0\0\0" + struct.pack(">II", 64, 64), b"ispe\0\0\0\0" + struct.pack(">II", width, height)
    )


OVER = {
    "a thread of 50 megapixels": (lambda: png((1, 50_000_000), b"\0", bits=8, colours=0), "side_too_long"),
    "a PNG": (lambda: bomb(4001, 4000), "too_many_pixels"),
    "a PNG of gigapixels": (lambda: bomb(20_000, 20_000), "too_many_pixels"),
    "a JPEG": (lambda: resized_frame(photo(), 8000, 6251), "too_many_pixels"),
    "a progressive JPEG": (lambda: resized_frame(photo(progressive=True), 4001, 4000), "too_many_pixels"),
    "a JPEG of one line": (lambda: resized_frame(photo(), 20_001, 1), "side_too_long"),
    "a WebP": (lambda: webp_canvas(3000, 2334), "too_many_pixels"),
    "a WebP of 268 megapixels": (lambda: webp_canvas(16_383, 16_383), "too_many_pixels"),
    "a GIF": (lambda: b"GIF89a" + struct.pack("<HH", 4001, 4000) + photo("GIF")[10:], "too_many_pixels"),
    "an AVIF": (lambda: resized_avif(3000, 2334), "too_many_pixels"),
    "a HEIC": (lambda: resized_heic(8064, 6048), "too_many_pixels"),
}


@pytest.mark.parametrize(("made", "code"), OVER.values(), ids=OVER.keys())
def test_a_photo_over_a_limit_is_refused_before_it_is_decoded(made: Callable[[], bytes], code: str) -> None:
    content = made()
    assert len(content) < 1_000_000
    answer = ask_worker(content)
    assert answer.refused == code
    assert answer.peak_mib < DECODED_NOTHING_MIB


WITHIN = {
    "a JPEG": (limits.JPEG, 8000, 6250),
    "a progressive JPEG": (limits.PROGRESSIVE_JPEG, 4000, 4000),
    "a PNG of the longest side": (limits.PNG, 20_000, 800),
    "a HEIC": (limits.HEIC, 4032, 3024),
    "a WebP": (limits.WEBP, 3000, 2333),
}


@pytest.mark.parametrize(("kind", "width", "height"), WITHIN.values(), ids=WITHIN.keys())
def test_a_photo_at_a_limit_is_not_refused(kind: str, width: int, height: int) -> None:
    limits.check(kind, (width, height))
    limits.check(kind, (height, width))
    with pytest.raises(PhotoRefused):
        limits.check(kind, (width + 1, height * 2))


def scans(frame: int, components: int, in_first_scan: int) -> BytesIO:
    """Return JPEG headers: the frame, and a first scan of `in_first_scan` of its components."""
    sof = struct.pack(">BHHB", 8, 100, 100, components) + b"\1\x11\0" * components
    sos = bytes([in_first_scan]) + b"\1\0" * in_first_scan + b"\0\x3f\0"
    parts = [(frame, sof), (0xDA, sos)]
    return BytesIO(b"\xff\xd8" + b"".join(b"\xff" + bytes([m]) + struct.pack(">H", len(b) + 2) + b for m, b in parts))


@pytest.mark.parametrize(
    ("file", "by_rows"),
    [
        (BytesIO(photo()), True),
        (BytesIO(photo(mode="L")), True),
        (BytesIO(photo(mode="CMYK")), True),
        (BytesIO(photo(progressive=True)), False),
        (scans(0xC0, 3, 3), True),
        (scans(0xC1, 3, 3), True),
        (
            scans(0xC0, 3, 1),
            False,
        ),  # libjpeg keeps all coefficients of a JPEG of several scans, progressive or not
        (scans(0xC2, 3, 3), False),
        (scans(0xC3, 3, 3), False),
        (scans(0xC9, 3, 3), False),
        (BytesIO(b"\xff\xd8\xff\xd9"), False),
        (BytesIO(b"\xff\xd8" + b"\xff" * 100), False),
    ],
)
def test_only_a_jpeg_that_is_decoded_by_rows_may_be_as_large_as_50_megapixels(file: BytesIO, by_rows: bool) -> None:
    assert headers.can_be_decoded_by_rows(file) is by_rows


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"save_all": True}], ids=repr)
def test_the_size_of_a_webp_is_read_from_its_head(options: dict[str, bool]) -> None:
    content = saved(gradient((301, 203), "RGBA" if options.get("lossless") else "RGB"), "WEBP", **options)
    assert headers.webp_size(content[:30]) == (301, 203)
    assert headers.webp_size(content[:29]) is None


# Messages


EN = {
    "progressive": "This photo has 17.2 megapixels (4300 × 4000); the limit for progressive JPEG is 16 megapixels. "
    "Please send a smaller one, or an ordinary JPEG, which may have 50 megapixels.",
    "JPEG": "This photo has 54 megapixels (9000 × 6000); the limit for JPEG is 50 megapixels. "
    "Please send a smaller one.",
    "thread": "This photo is 1 × 20001 pixels; the limit for a side is 20000. Please send a smaller one.",
}
ZH = {
    "progressive": "这张照片有 1720 万像素（4300 × 4000），渐进式 JPEG 最多 1600 万像素。"
    "请换一张小一些的，或存成普通 JPEG（最多 5000 万像素）。",
    "JPEG": "这张照片有 5400 万像素（9000 × 6000），JPEG 最多 5000 万像素。请换一张小一些的。",
    "thread": "这张照片是 1 × 20001 像素，每边最多 20000 像素。请换一张小一些的。",
}
FILES = {
    "progressive": resized_frame(photo(progressive=True), 4300, 4000),
    "JPEG": resized_frame(photo(), 9000, 6000),
    "thread": bomb(1, 20_001),
}


@pytest.mark.parametrize(("language", "words"), [("en", EN), ("zh-hans", ZH)])
@pytest.mark.parametrize("name", FILES)
def test_the_refusal_names_the_limit_and_the_photos_own_size(
    manager_client: Client, language: str, words: dict[str, str], name: str
) -> None:
    sent = {"title": "Latte", "file": SimpleUploadedFile("latte.jpg", FILES[name])}
    answer = manager_client.post("/admin/menu/picture/add/", sent, headers={"accept-language": language})
    assert answer.context["errors"] == [[words[name]]]
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "JPEG of up to 50 megapixels; HEIC, PNG, GIF and progressive JPEG of up to 16 megapixels; "
         "WebP and AVIF of up to 7 megapixels. At most 10 MB. It is kept as WebP of at most 100 KB."),
        ("zh-hans", "JPEG 最多 5000 万像素；HEIC、PNG、GIF 和渐进式 JPEG 最多 1600 万像素；"
         "WebP、AVIF 最多 700 万像素。文件不超过 10 MB。会存为不超过 100 KB 的 WebP。"),
    ],
)  # fmt: skip
def test_the_form_says_what_may_be_sent(manager_client: Client, language: str, words: str) -> None:
    page = manager_client.get("/admin/menu/picture/add/", headers={"accept-language": language}).content.decode()
    assert words in page


@pytest.mark.parametrize(
    ("pixels", "en", "zh"),
    [
        (50_000_000, "50 megapixels", "5000 万像素"),
        (16_000_001, "16.1 megapixels", "1601 万像素"),
        (48_771_072, "48.8 megapixels", "4878 万像素"),
    ],
)
def test_pixels_are_counted_as_readers_count_them(pixels: int, en: str, zh: str) -> None:
    for language, words in (("en", en), ("zh-hans", zh)):
        with translation.override(language):
            assert messages.megapixels(pixels) == words


@translation.override("en")
def test_every_kind_and_every_refusal_has_its_words() -> None:
    for kind in MAX_MEGAPIXELS:
        assert "the limit for" in messages.refusal(
            PhotoRefused("too_many_pixels", {"kind": kind, "width": 9, "height": 9})
        )
    for code in ("unreadable", "undecodable", "too_slow", "busy", "unavailable"):
        assert messages.refusal(PhotoRefused(code)).endswith(".")


def test_pillow_alone_would_read_the_thread() -> None:
    """Control: Pillow limits no side length, and opens a bomb of 50 megapixels without an error."""
    assert Image.open(BytesIO(bomb(1, 50_000_000))).size == (1, 50_000_000)
