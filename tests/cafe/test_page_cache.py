"""Page cache: public pages are answered before Django, with the same bytes in fewer microseconds."""

import gzip
import http.client
import json
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils.translation import override

from cafe.serving.page_cache import PUBLIC, coding_for
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB

PAGES = ["/en/", "/zh-hans/", "/en/item/latte/", "/zh-hans/item/americano/", "/api/menu"]

pytestmark = [pytest.mark.needs_mariadb]


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory, database: MariaDB) -> Iterator[RunningCafe]:
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), database.env() | {"WEB_WORKERS": "1"})
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.kill()


Answer = tuple[int, dict[str, str], bytes]


def ask(cafe: RunningCafe, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """Return status, headers (names in lower case) and body. A GET with a body bypasses the page cache."""
    connection = http.client.HTTPConnection("127.0.0.1", cafe.port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


def by_django(cafe: RunningCafe, path: str) -> Answer:
    return ask(cafe, path, body="x")


def hits(cafe: RunningCafe) -> int:
    return int(json.loads(ask(cafe, "/api/cache/stats")[2])["caches"]["pages"]["hits"])


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("path", PAGES)
def test_a_ready_page_is_what_django_renders_byte_for_byte(cafe: RunningCafe, path: str) -> None:
    ask(cafe, path)
    before = hits(cafe)
    status, headers, body = ask(cafe, path)
    assert hits(cafe) == before + 1
    assert (status, body) == (200, by_django(cafe, path)[2])
    assert hits(cafe) == before + 1
    of_django = by_django(cafe, path)[1]
    apart = {"date", "connection", "x-request-id"}
    assert {name: value for name, value in headers.items() if name not in apart | {"vary"}} == {
        name: value for name, value in of_django.items() if name not in apart
    }
    assert headers["vary"] == "Accept-Encoding"
    assert "vary" not in of_django


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("path", PAGES)
def test_compressed_it_is_the_same_page_under_a_tag_of_its_own(cafe: RunningCafe, path: str) -> None:
    _status, plain_headers, plain = ask(cafe, path)
    tags = {plain_headers["etag"]}
    for coding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        status, headers, body = ask(cafe, path, accept_encoding=coding)
        assert (status, headers["content-encoding"], headers["vary"]) == (200, coding, "Accept-Encoding")
        assert int(headers["content-length"]) == len(body) < len(plain)
        assert decode(body) == plain
        tags.add(headers["etag"])
    assert len(tags) == 3


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_a_page_that_is_known_is_not_sent_again(cafe: RunningCafe, coding: str) -> None:
    tag = ask(cafe, "/en/", accept_encoding=coding)[1]["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        status, headers, body = ask(cafe, "/en/", accept_encoding="br", if_none_match=known)
        assert (status, body) == (304, b"")
        assert headers["cache-control"] == "public, max-age=0, s-maxage=1, stale-if-error=86400"
        assert headers["vary"] == "Accept-Encoding"
    for other in ('"other"', tag.strip('"'), ""):
        assert ask(cafe, "/en/", if_none_match=other)[0] == 200


def test_head_answers_the_same_headers_and_no_body(cafe: RunningCafe) -> None:
    _status, of_get, body = ask(cafe, "/en/", accept_encoding="gzip")
    status, of_head, nothing = ask(cafe, "/en/", "HEAD", accept_encoding="gzip")
    assert (status, nothing, int(of_head["content-length"])) == (200, b"", len(body))
    for name in ("etag", "content-type", "cache-control", "content-encoding", "vary"):
        assert of_head[name] == of_get[name]


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc; csrftoken=x; cart=forged; django_language=en"},
        {"accept_language": "en"},
        {"hx_request": "true", "hx_boosted": "true"},
        {"authorization": "Basic abc"},
        {"referer": "https://elsewhere.example/", "user_agent": "<script>"},
        {"x_forwarded_host": "elsewhere.example"},
    ],
)
def test_whatever_a_request_brings_along_the_page_is_the_same(cafe: RunningCafe, headers: dict[str, str]) -> None:
    plain = ask(cafe, "/zh-hans/")
    for path in ("/zh-hans/", "/zh-hans/?utm_source=x&page=2"):
        status, answered, body = ask(cafe, path, **headers)
        assert (status, body, answered["etag"]) == (200, plain[2], plain[1]["etag"])
        assert "set-cookie" not in answered


def test_the_requests_id_is_passed_through_or_made(cafe: RunningCafe) -> None:
    assert ask(cafe, "/en/", x_request_id="0123456789abcdef")[1]["x-request-id"] == "0123456789abcdef"
    for sent in ({}, {"x_request_id": "no good!"}):
        assert len(ask(cafe, "/en/", **sent)[1]["x-request-id"]) == 16


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/en/", "POST", {}, 403),
        ("/en/", "DELETE", {}, 403),
        ("/api/menu", "PUT", {}, 405),
        ("/en/", "GET", {"host": "elsewhere.example"}, 400),
        ("/en/", "GET", {"host": "bad host/"}, 400),
        ("/en/", "GET", {"if_match": '"another"'}, 412),
        ("/api/menu", "GET", {"if_match": '"another"'}, 412),
        ("/en/item/no-such-drink/", "GET", {}, 404),
        ("/en/item/latte", "GET", {}, 301),
        ("/en", "GET", {}, 301),
        ("/fr/", "GET", {}, 404),
        ("/", "GET", {}, 302),
        ("/en//item/latte/", "GET", {}, 404),
        ("/en/item/latte/%0a", "GET", {}, 404),
        ("/en/item/%E6%8B%BF%E9%93%81/", "GET", {}, 404),
    ],
)
def test_what_is_no_ready_page_goes_to_django(
    cafe: RunningCafe, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    same_origin = {"sec_fetch_site": "same-origin"} if method != "GET" else {}
    assert ask(cafe, path, method, **headers | same_origin)[0] == status


def test_behind_https_only_https_is_answered(tmp_path: Any, database: MariaDB, cafe: RunningCafe) -> None:
    secure = RunningCafe(tmp_path, database.env() | {"WEB_WORKERS": "1", "PUBLIC_SCHEME": "https"})
    secure.start()
    try:
        assert ask(secure, "/en/")[0] == 301
        status, headers, body = ask(secure, "/en/", x_forwarded_proto="https")
        assert (status, body) == (200, ask(secure, "/en/", body="x", x_forwarded_proto="https")[2])
        assert headers["strict-transport-security"] == "max-age=31536000"
    finally:
        secure.kill()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=1.0, br;q=0.1", "br"),
        ("identity", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=nonsense", ""),
        ("br;level=4", ""),
        (";;,,", ""),
    ],
)
def test_the_coding_is_the_best_that_is_accepted(accepted: str, coding: str) -> None:
    assert coding_for(accepted) == coding


@override_settings(ROOT_URLCONF="cafe.urls")
def test_the_addresses_of_ready_pages_are_those_of_the_site() -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            assert PUBLIC.fullmatch(reverse("menu:menu"))
            found = PUBLIC.fullmatch(reverse("menu:item", args=["iced-latte_2"]))
        assert found is not None
        assert found["slug"] == "iced-latte_2"
