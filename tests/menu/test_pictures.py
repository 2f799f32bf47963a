"""Photos: what a manager uploads is re-encoded, small and clean, or refused; what is served is immutable."""

import hashlib
import random
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from menu.models import Picture
from menu.services import (
    GROUND,
    PICTURE_LIMIT_BYTES,
    SMALL_LIMIT_BYTES,
    SMALL_SIDE_PX,
    EncodedPicture,
    encode_picture,
    keep_picture,
    small_picture,
)
from tests.factories import americano, barista, manager

ADD = "/admin/menu/picture/add/"


@pytest.fixture
def boss(db: None) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin", "accept-language": "en"})
    client.force_login(manager())
    return client


def photo(kind: str = "JPEG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def noise(side: int) -> bytes:
    """Return a picture that no encoder can shrink much."""
    out = BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()


def with_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "taken at home"
    exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0)}
    return photo(exif=exif, comment=b"taken at home")


def upload(client: Client, content: bytes, *, title: str = "Latte", name: str = "latte.jpg") -> HttpResponse:
    return client.post(ADD, {"title": title, "file": SimpleUploadedFile(name, content)})


def refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        encode_picture(BytesIO(content))


def opened(encoded: EncodedPicture) -> Image.Image:
    return Image.open(BytesIO(encoded.content))


# Re-encoding


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
    encoded = encode_picture(BytesIO(out.getvalue()))
    assert opened(encoded).format == "WEBP"
    assert (encoded.width, encoded.height) == opened(encoded).size == (300, 200)
    assert len(encoded.content) <= PICTURE_LIMIT_BYTES


def test_a_large_photo_is_made_smaller_in_its_proportions() -> None:
    encoded = encode_picture(BytesIO(photo(size=(3000, 2000))))
    assert (encoded.width, encoded.height) == (1200, 800)


def test_a_small_photo_is_not_blown_up() -> None:
    encoded = encode_picture(BytesIO(photo(size=(1, 1))))
    assert (encoded.width, encoded.height) == (1, 1)


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000)])
def test_a_photo_like_a_thread_stays_a_picture(size: tuple[int, int]) -> None:
    encoded = encode_picture(BytesIO(photo("PNG", size)))
    assert encoded.width >= 1
    assert encoded.height >= 1


def test_even_noise_gets_under_100_kb() -> None:
    encoded = encode_picture(BytesIO(noise(700)))
    assert len(encoded.content) <= 100 * 1024


def test_metadata_is_dropped() -> None:
    original = with_exif()
    assert b"taken at home" in original
    encoded = encode_picture(BytesIO(original))
    assert b"taken at home" not in encoded.content
    for chunk in (b"EXIF", b"Exif", b"XMP ", b"ICCP"):
        assert chunk not in encoded.content
    assert not opened(encoded).getexif()


def test_a_photo_taken_sideways_stands_upright() -> None:
    encoded = encode_picture(BytesIO(with_exif(orientation=6)))
    assert (encoded.width, encoded.height) == (200, 300)


def about(encoded: EncodedPicture, colour: tuple[int, int, int]) -> bool:
    """True if the middle of both pictures has this colour, give or take what WebP changes."""
    for content in (encoded.content, encoded.small):
        picture = Image.open(BytesIO(content)).convert("RGB")
        found = picture.getpixel((picture.width // 2, picture.height // 2))
        if any(abs(one - other) > 6 for one, other in zip(found, colour, strict=True)):
            return False
    return True


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_what_is_transparent_becomes_the_ground_of_a_tile(kind: str) -> None:
    out = BytesIO()
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(out, kind)
    assert about(encode_picture(BytesIO(out.getvalue())), (0xF3, 0xE6, 0xD3))


def test_the_ground_is_that_of_the_stylesheet() -> None:
    tokens = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
    assert f"--tile: {GROUND}" in tokens.read_text()


@pytest.mark.parametrize(("mode", "colour"), [("LA", (0, 128)), ("RGBA", (0, 0, 0, 128))])
def test_what_is_half_transparent_lets_the_ground_through(mode: str, colour: tuple[int, ...]) -> None:
    out = BytesIO()
    Image.new(mode, (300, 200), colour).save(out, "PNG")
    assert about(encode_picture(BytesIO(out.getvalue())), (0x79, 0x73, 0x69))


@pytest.mark.parametrize("options", [{}, {"transparency": 100 * 256}], ids=repr)
@pytest.mark.parametrize("grey", [0, 100, 255])
def test_grey_of_16_bits_stays_as_grey_as_it_was(grey: int, options: dict[str, int]) -> None:
    out = BytesIO()
    Image.new("I;16", (300, 200), grey * 256).save(out, "PNG", **options)
    assert about(encode_picture(BytesIO(out.getvalue())), (grey, grey, grey))


NO_PICTURES = {
    "nothing": b"",
    "a word": b"latte",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "only a head of PNG": b"\x89PNG\r\n\x1a\n",
    "only a head of JPEG": b"\xff\xd8\xff\xe0",
    "only a head of GIF": b"GIF89a",
    "only a head of WebP": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "half a JPEG": photo()[:1500],
    "half a PNG": photo("PNG")[:400],
    "a BMP": photo("BMP"),
    "a TIFF": photo("TIFF"),
    "a PDF": photo("PDF"),
    "an ICO": photo("ICO", (32, 32)),
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_not_a_picture_of_ours_is_refused(content: bytes) -> None:
    refused(content)


@pytest.mark.filterwarnings("ignore")  # Pillow's, about what is wrong
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_damaged_picture_is_read_or_refused(kind: str) -> None:
    """Whatever bytes are wrong, there is no other error than ours."""
    chance = random.Random(kind)
    good = with_exif() if kind == "JPEG" else photo(kind, (60, 40))
    for _time in range(150):
        damaged = bytearray(good[: chance.choice([len(good), chance.randrange(1, len(good))])])
        for _byte in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert len(encode_picture(BytesIO(bytes(damaged))).content) <= PICTURE_LIMIT_BYTES
        except ValidationError:
            continue


@pytest.mark.parametrize("size", [(8000, 7000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused_unread(size: tuple[int, int]) -> None:
    """A small file may unpack to gigabytes."""
    content = bomb(*size)
    assert len(content) < 1_000_000
    refused(content)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that says it is this large; its pixels are never reached."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [noise(700), photo(size=(3000, 2000)), photo(size=(1, 1))])
def test_the_small_one_is_small_in_pixels_and_bytes(content: bytes) -> None:
    encoded = encode_picture(BytesIO(content))
    assert len(encoded.small) <= SMALL_LIMIT_BYTES
    small = Image.open(BytesIO(encoded.small))
    assert small.format == "WEBP"
    assert 1 <= max(small.size) <= SMALL_SIDE_PX
    again = Image.open(BytesIO(small_picture(encoded.content)))  # as the migration makes it of what is kept
    assert again.size == small.size or content == noise(700)


# Keeping


@pytest.mark.django_db
def test_a_card_gets_the_small_one_and_the_item_page_the_large_one(client: Client) -> None:
    encoded = encode_picture(BytesIO(photo(size=(900, 600))))
    kept = keep_picture(encoded)
    americano(picture=kept)
    large, small = f"/media/{kept.content_hash}.webp", f"/media/{kept.content_hash}-small.webp"
    assert f'src="{small}"' in client.get("/en/").content.decode()
    assert f'src="{large}"' in client.get("/en/item/americano/").content.decode()
    for address, content in ((large, encoded.content), (small, encoded.small)):
        answer = client.get(address)
        assert (answer.content, answer["Content-Type"]) == (content, "image/webp")
        assert "immutable" in answer["Cache-Control"]
    assert client.get(f"/media/{kept.content_hash}-huge.webp").status_code == 404
    Picture.objects.update(small=None)  # as a release kept it that knew of no small ones
    assert client.get(small).content == encoded.content


@pytest.mark.django_db
def test_a_picture_is_kept_once_under_its_contents_hash() -> None:
    encoded = encode_picture(BytesIO(photo()))
    first, second = keep_picture(encoded, title="first"), keep_picture(encoded, title="second")
    assert first.pk == second.pk
    kept = Picture.objects.get()
    assert kept.content_hash == hashlib.sha256(encoded.content).hexdigest()
    assert (bytes(kept.content), kept.width, kept.height, kept.title) == (encoded.content, 300, 200, "first")


# Through the admin


def test_a_manager_uploads_a_photo(boss: Client) -> None:
    assert boss.get(ADD).status_code == 200
    response = upload(boss, with_exif())
    assert (response.status_code, response["Location"]) == (302, "/admin/menu/picture/")
    kept = Picture.objects.get()
    assert (kept.title, kept.width, kept.height) == ("Latte", 300, 200)
    assert b"taken at home" not in bytes(kept.content)
    assert f"/media/{kept.content_hash}.webp" in boss.get("/admin/menu/picture/").content.decode()


def test_the_same_photo_twice_is_kept_once(boss: Client) -> None:
    for _time in range(2):
        assert upload(boss, photo()).status_code == 302
    assert Picture.objects.count() == 1


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_not_a_picture_is_refused_with_a_word(boss: Client, content: bytes) -> None:
    response = upload(boss, content)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("megabytes", "status", "words"),
    [(11, 200, "A photo has at most 10 MB."), (13, 413, "The request is too large.")],
)
def test_a_huge_file_is_refused(boss: Client, megabytes: int, status: int, words: str) -> None:
    response = upload(boss, photo() + b"\0" * megabytes * 1024 * 1024)
    assert response.status_code == status
    assert words in response.content.decode()
    assert not Picture.objects.exists()


def test_a_photo_is_never_changed_only_its_title(boss: Client) -> None:
    upload(boss, photo())
    kept = Picture.objects.get()
    page = f"/admin/menu/picture/{kept.pk}/change/"
    assert 'type="file"' not in boss.get(page).content.decode()
    other = SimpleUploadedFile("other.png", photo("PNG", (10, 10)))
    boss.post(page, {"title": "New title", "file": other, "content_hash": "x"})
    changed = Picture.objects.get()
    assert (changed.title, changed.content_hash) == ("New title", kept.content_hash)
    assert bytes(changed.content) == bytes(kept.content)


def test_a_photo_is_removed_and_its_item_is_drawn_again(boss: Client) -> None:
    upload(boss, photo())
    drink = americano(picture=Picture.objects.get())
    boss.post(f"/admin/menu/picture/{drink.picture_id}/delete/", {"post": "yes"})
    drink.refresh_from_db()
    assert drink.picture is None


def test_a_barista_uploads_nothing(boss: Client) -> None:
    boss.force_login(barista())
    assert upload(boss, photo()).status_code == 403
    assert not Picture.objects.exists()


@pytest.mark.parametrize("query", ["latte", "拿铁", "🐼", "é"])
def test_photos_can_be_searched_for_anything(boss: Client, query: str) -> None:
    assert boss.get("/admin/menu/picture/", {"q": query}).status_code == 200


# Serving


def test_a_photo_is_served_for_ever(boss: Client) -> None:
    upload(boss, photo())
    kept = Picture.objects.get()
    response = Client().get(f"/media/{kept.content_hash}.webp")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == bytes(kept.content)
    assert not response.cookies


def test_a_photo_is_the_same_for_everybody(boss: Client) -> None:
    upload(boss, photo())
    address = f"/media/{Picture.objects.get().content_hash}.webp"
    assert "Vary" not in Client().get(address)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a" * 64, "nothing", "A", "%2e%2e", "拿铁"])
def test_an_unknown_photo_is_not_found_and_not_kept(name: str) -> None:
    response = Client().get(f"/media/{name}.webp")
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"
