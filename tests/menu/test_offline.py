"""Offline support: the service worker, the offline page, and the web app manifest for the home screen."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client, override_settings
from PIL import Image

from menu.pwa import ICONS, PAPER
from tests.harness.factories import latte

PUBLIC = "public, max-age=0, s-maxage=1, stale-if-error=86400"
WORKER = "/sw.js"
MANIFESTS = {"en": "/en/manifest.webmanifest", "zh-hans": "/zh-hans/manifest.webmanifest"}
OFFLINE_PAGES = ["/en/offline/", "/zh-hans/offline/"]
TYPES = {
    WORKER: "text/javascript; charset=utf-8",
    **dict.fromkeys(MANIFESTS.values(), "application/manifest+json"),
    **dict.fromkeys(OFFLINE_PAGES, "text/html; charset=utf-8"),
}
PAGES = ["/en/", "/zh-hans/", "/en/cart/", "/en/orders/mine/"]

every_answer = pytest.mark.parametrize("path", TYPES)
every_language = pytest.mark.parametrize("language", MANIFESTS)


def manifest(client: Client, language: str) -> dict[str, Any]:
    return dict(json.loads(client.get(MANIFESTS[language]).content))


def source_of(url: str) -> Path:
    """Return the file in static/ behind this address, whose name contains a hash."""
    name = re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", url.removeprefix("/static/"))
    assert static(name) == url
    return Path(str(finders.find(name)))


# For everybody


@every_answer
def test_it_is_the_same_for_everybody_and_asked_for_each_time(client: Client, path: str) -> None:
    plain = client.get(path)
    assert (plain.status_code, plain["Content-Type"], plain["Cache-Control"]) == (200, TYPES[path], PUBLIC)
    theirs = client.get(
        path, headers={"accept-language": "fr", "cookie": "cart=x; cart_badge=3|9; sessionid=s; csrftoken=t"}
    )
    assert theirs.content == plain.content
    assert "Vary" not in theirs
    assert not theirs.cookies
    known = client.get(path, headers={"if-none-match": plain["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


@every_answer
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client: Client, path: str, method: str) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    assert getattr(client, method)(path, headers=headers).status_code == 405


@every_answer
def test_it_needs_no_database(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200  # without the mark django_db a query raises


# The worker


def test_the_worker_stands_at_the_root_so_that_it_serves_every_page(client: Client) -> None:
    assert "Service-Worker-Allowed" not in client.get(WORKER)
    text = client.get(WORKER).content.decode()
    assert re.search(r'const LANGUAGES = \["zh-hans", "en"\];', text)
    assert "{" + "{" not in text
    assert "{" + "#" not in text


def test_a_release_with_other_files_is_another_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.get(WORKER)
    monkeypatch.setattr("menu.pwa.static", lambda name: f"/static/{name}?another")
    after = client.get(WORKER)
    assert before.content != after.content
    assert before["ETag"] != after["ETag"]


def test_switched_off_it_removes_itself_and_keeps_nothing(client: Client) -> None:
    with override_settings(OFFLINE_MENU=False):
        response = client.get(WORKER)
    assert (response.status_code, response["Cache-Control"]) == (200, PUBLIC)
    text = response.content.decode()
    assert "registration.unregister()" in text
    assert "caches.delete(" in text
    assert '"fetch"' not in text
    assert "caches.open(" not in text


# The offline page


@pytest.mark.parametrize("path", OFFLINE_PAGES)
def test_the_offline_page_has_nothing_inline_and_leads_to_the_menu_its_own_first(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    language = path.split("/")[1]
    assert f'<html lang="{language}">' in page
    assert re.findall(r'<style|style=|<script(?! type="module" src=)', page) == []
    other = {"en": "zh-hans", "zh-hans": "en"}[language]
    assert re.findall(r'class="button[^>]*href="([^"]+)"', page) == [f"/{language}/", f"/{other}/"]
    assert 'name="robots" content="noindex"' in page


# The home screen


@every_language
def test_the_manifest_says_what_a_phone_needs_to_install_the_cafe(client: Client, language: str) -> None:
    told = manifest(client, language)
    assert told["name"] == told["short_name"] == {"en": "Cloud Café", "zh-hans": "云咖啡"}[language]
    assert (told["lang"], told["dir"]) == ({"en": "en", "zh-hans": "zh-Hans"}[language], "ltr")
    assert (told["id"], told["scope"], told["start_url"]) == ("/", "/", f"/{language}/")
    assert told["display"] == "standalone"
    assert told["background_color"] == told["theme_color"] == PAPER
    assert len(told["description"]) > 10


@pytest.mark.django_db
@every_language
def test_the_manifest_leads_to_pages_that_are_there(client: Client, language: str) -> None:
    told = manifest(client, language)
    names = {"en": ["My orders", "Cart"], "zh-hans": ["我的订单", "购物车"]}[language]
    assert [shortcut["name"] for shortcut in told["shortcuts"]] == names
    for path in [told["start_url"], *(shortcut["url"] for shortcut in told["shortcuts"])]:
        assert path.startswith(f"/{language}/")
        assert client.get(path).status_code == 200


def test_its_icons_are_what_it_says(client: Client) -> None:
    icons = manifest(client, "en")["icons"]
    assert sorted((icon["purpose"], icon["sizes"]) for icon in icons) == [
        ("any", "192x192"),
        ("any", "512x512"),
        ("maskable", "192x192"),
        ("maskable", "512x512"),
    ]
    for icon in icons:
        with Image.open(source_of(icon["src"])) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
            assert icon["type"] == Image.MIME[str(image.format)] == "image/png"
            corner = image.convert("RGBA").getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert (corner[3] == 255) == (icon["purpose"] == "maskable")


def test_the_icons_in_git_are_of_the_drawing_of_now() -> None:
    drawing = hashlib.sha256(Path(str(finders.find("img/favicon.svg"))).read_bytes()).hexdigest()
    for name in [*(file for file, _size, _purpose in ICONS), "apple-touch-icon.png"]:
        with Image.open(str(finders.find(f"img/{name}"))) as image:
            assert image.info["Source"] == drawing, "python -m tests.e2e.icons"


def test_the_phones_bar_has_the_colour_of_the_paper(client: Client) -> None:
    tokens = Path(str(finders.find("css/tokens.css"))).read_text()
    light, dark = re.findall(r"--paper: (#\w{6});", tokens)
    page = client.get("/en/offline/").content.decode()
    assert re.findall(r'name="theme-color" content="(#\w{6})"', page) == [light.upper(), dark.upper()]
    assert light.upper() == PAPER


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_customers_can_be_put_on_the_home_screen(client: Client, path: str) -> None:
    latte()
    page = _text(client.get(path))
    language = path.split("/")[1]
    assert f'<link rel="manifest" href="{MANIFESTS[language]}">' in page
    found = re.search(r'<link rel="apple-touch-icon" href="([^"]+)">', page)
    assert found
    with Image.open(source_of(found[1])) as image:
        assert (image.width, image.height, image.convert("RGBA").getextrema()[3]) == (180, 180, (255, 255))


def _text(response: HttpResponse) -> str:
    return response.content.decode()
