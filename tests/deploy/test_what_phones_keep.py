"""Service worker, offline pages and web app manifests through the edge: cached for a second, revalidated by ETag."""

import pytest

from tests.deploy.crowd import Person
from tests.deploy.testbed import Testbed

PATHS = {
    "/sw.js": "text/javascript; charset=utf-8",
    "/en/manifest.webmanifest": "application/manifest+json",
    "/zh-hans/manifest.webmanifest": "application/manifest+json",
    "/en/offline/": "text/html; charset=utf-8",
    "/zh-hans/offline/": "text/html; charset=utf-8",
}


@pytest.mark.parametrize("path", PATHS)
def test_the_edge_passes_on_what_phones_keep_and_keeps_it_a_second(testbed: Testbed, path: str) -> None:
    person = Person(testbed.edge)
    told = person.get(path, Cookie="cart=x; cart_badge=1|9", Accept_Language="fr")
    assert (told.status, told.headers["Content-Type"]) == (200, PATHS[path])
    assert "max-age=0" in told.headers["Cache-Control"]  # a browser revalidates each time
    assert told.headers["X-Cache-Status"] in ("MISS", "EXPIRED", "HIT")
    assert "Set-Cookie" not in told.headers
    assert "Vary" not in told.headers
    assert {person.get(path).headers["X-Cache-Status"] for _ in range(5)} & {"HIT"}
    known = person.get(path, If_None_Match=told.headers["ETag"])
    assert (known.status, known.body) == (304, b"")
    assert person.get(path + "?x=1").body == told.body


def test_the_worker_may_serve_every_page_and_names_the_files_of_this_release(testbed: Testbed) -> None:
    person = Person(testbed.edge)
    text = person.get("/sw.js").body.decode()
    stylesheet = next(file for file in person.assets_of("/en/") if file.endswith(".css"))
    assert stylesheet in text
    policy = {words.strip() for words in person.get("/en/").headers["Content-Security-Policy"].split(";")}
    assert "default-src 'self'" in policy  # and no narrower directive for workers and manifests
    assert not [words for words in policy if words.startswith(("worker-src", "manifest-src", "script-src"))]


def test_icons_of_the_home_screen_are_there_and_kept_for_ever(testbed: Testbed) -> None:
    person = Person(testbed.edge)
    for icon in person.get("/en/manifest.webmanifest").json["icons"]:
        told = person.get(icon["src"])
        assert (told.status, told.headers["Content-Type"]) == (200, "image/png")
        assert "immutable" in told.headers["Cache-Control"]
