"""Photos in the admin and on the pages: an uploaded photo is stored once, and served with `immutable` caching."""

import hashlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from menu.models import Picture
from menu.photos.encoding import encode
from menu.photos.storage import keep_picture
from tests.harness.factories import americano, barista
from tests.menu.photo_samples import NO_PHOTOS, photo, with_exif

ADD = "/admin/menu/picture/add/"


def upload(client: Client, content: bytes, *, title: str = "Latte", name: str = "latte.jpg") -> HttpResponse:
    return client.post(ADD, {"title": title, "file": SimpleUploadedFile(name, content)})


# Storage


@pytest.mark.django_db
def test_a_card_gets_the_small_one_and_the_item_page_the_large_one(client: Client) -> None:
    encoded = encode(BytesIO(photo(size=(900, 600))))
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
    Picture.objects.update(small=None)  # as an older release stored it, without a small photo
    assert client.get(small).content == encoded.content


@pytest.mark.django_db
def test_a_picture_is_kept_once_under_its_contents_hash() -> None:
    encoded = encode(BytesIO(photo()))
    first, second = keep_picture(encoded, title="first"), keep_picture(encoded, title="second")
    assert first.pk == second.pk
    kept = Picture.objects.get()
    assert kept.content_hash == hashlib.sha256(encoded.content).hexdigest()
    assert (bytes(kept.content), kept.width, kept.height, kept.title) == (encoded.content, 300, 200, "first")


# Through the admin


def test_a_manager_uploads_a_photo(manager_client: Client) -> None:
    assert manager_client.get(ADD).status_code == 200
    response = upload(manager_client, with_exif())
    assert (response.status_code, response["Location"]) == (302, "/admin/menu/picture/")
    kept = Picture.objects.get()
    assert (kept.title, kept.width, kept.height) == ("Latte", 300, 200)
    assert b"taken at home" not in bytes(kept.content)
    assert f"/media/{kept.content_hash}.webp" in manager_client.get("/admin/menu/picture/").content.decode()


def test_the_same_photo_twice_is_kept_once(manager_client: Client) -> None:
    for _time in range(2):
        assert upload(manager_client, photo()).status_code == 302
    assert Picture.objects.count() == 1


@pytest.mark.few_cases(4)
@pytest.mark.parametrize("content", NO_PHOTOS.values(), ids=NO_PHOTOS.keys())
def test_what_is_not_a_photo_is_refused_with_a_word(manager_client: Client, content: bytes) -> None:
    response = upload(manager_client, content)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("megabytes", "status", "words"),
    [
        (11, 200, "This file has 11.1 MB; the limit is 10 MB. Please send a smaller one."),
        (13, 413, "The request is too large."),
    ],
)
def test_a_huge_file_is_refused(manager_client: Client, megabytes: int, status: int, words: str) -> None:
    response = upload(manager_client, photo() + b"\0" * megabytes * 1024 * 1024)
    assert response.status_code == status
    assert words in response.content.decode()
    assert not Picture.objects.exists()


def test_a_photo_is_never_changed_only_its_title(manager_client: Client) -> None:
    upload(manager_client, photo())
    kept = Picture.objects.get()
    page = f"/admin/menu/picture/{kept.pk}/change/"
    assert 'type="file"' not in manager_client.get(page).content.decode()
    other = SimpleUploadedFile("other.png", photo("PNG", (10, 10)))
    manager_client.post(page, {"title": "New title", "file": other, "content_hash": "x"})
    changed = Picture.objects.get()
    assert (changed.title, changed.content_hash) == ("New title", kept.content_hash)
    assert bytes(changed.content) == bytes(kept.content)


def test_a_photo_is_removed_and_its_item_is_drawn_again(manager_client: Client) -> None:
    upload(manager_client, photo())
    drink = americano(picture=Picture.objects.get())
    manager_client.post(f"/admin/menu/picture/{drink.picture_id}/delete/", {"post": "yes"})
    drink.refresh_from_db()
    assert drink.picture is None


def test_a_barista_uploads_nothing(manager_client: Client) -> None:
    manager_client.force_login(barista())
    assert upload(manager_client, photo()).status_code == 403
    assert not Picture.objects.exists()


@pytest.mark.parametrize("query", ["latte", "拿铁", "🐼", "é"])
def test_photos_can_be_searched_for_anything(manager_client: Client, query: str) -> None:
    assert manager_client.get("/admin/menu/picture/", {"q": query}).status_code == 200


# Serving


def test_a_photo_is_served_for_ever(manager_client: Client) -> None:
    upload(manager_client, photo())
    kept = Picture.objects.get()
    response = Client().get(f"/media/{kept.content_hash}.webp")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == bytes(kept.content)
    assert not response.cookies


def test_a_photo_is_the_same_for_everybody(manager_client: Client) -> None:
    upload(manager_client, photo())
    address = f"/media/{Picture.objects.get().content_hash}.webp"
    assert "Vary" not in Client().get(address)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a" * 64, "nothing", "A", "%2e%2e", "拿铁"])
def test_an_unknown_photo_is_not_found_and_not_kept(name: str) -> None:
    response = Client().get(f"/media/{name}.webp")
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"
