"""The page cache: public pages as rendered, compressed bytes, served ahead of Django.

A page is what Django renders for a plain request (`menu.http_caching.public_page`). It is cached with the menu it
shows, for the same lifetime, and compressed once per encoding. All other requests go to Django.
"""

import gzip
import re
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO

import brotli
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from django.utils.http import parse_etags

from cafe.caching import counters
from cafe.caching.cached_value import CachedValue
from cafe.conf import json_logging
from cafe.serving.bulkhead import Bulkhead, Environ, StartResponse
from menu.catalogue.current import MENU, Menu, Shown

LANGUAGES = "|".join(re.escape(code) for code, _name in settings.LANGUAGES)
PUBLIC = re.compile(rf"/(?:{LANGUAGES})/(?:item/(?P<slug>[-\w]+)/)?|/api/menu", re.ASCII)
PREWARMED_PATHS = [*(f"/{code}/" for code, _name in settings.LANGUAGES), "/api/menu"]
MAX_BYTES = 64 * 1024 * 1024  # cached for one menu, uncompressed; pages above the limit are rendered for each request
OWN_TO_AN_ANSWER = ("content-length", "etag", "x-request-id", "age")

CODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "": lambda body: body,
}

Headers = list[tuple[str, str]]
# Answers a plain request; for any other it returns None without calling `start_response`.
Responder = Callable[[Environ, StartResponse], Iterable[bytes] | None]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]


class Page:
    """One page: its headers, and its bytes in each content encoding that was requested."""

    def __init__(self, response: HttpResponse, shown: Shown) -> None:
        self.body = response.content
        self._shown = shown
        self._tag = response["ETag"].strip('"')
        self._headers = [(name, value) for name, value in response.items() if name.lower() not in OWN_TO_AN_ANSWER]
        self._headers.append(("Vary", "Accept-Encoding"))
        self._coded: dict[str, tuple[Headers, bytes]] = {}

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        headers, body = self._in(coding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))
        own = [("X-Request-ID", json_logging.accepted_request_id(environ.get("HTTP_X_REQUEST_ID", "")))]
        if self._shown.as_of is not None:
            own.append(("Age", str(int(self._shown.held.age_s))))
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted and etag_matches(wanted, self._tag, f"{self._tag}-br", f"{self._tag}-gzip"):
            start_response("304 Not Modified", [*self._headers, ("ETag", f'"{self._tag}"'), *own])
            return []
        start_response("200 OK", [*headers, *own])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def answer_if_cached(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        """Answer a plain request from cached bytes; None for any other, or if the encoding is not cached yet."""
        if not is_plain(environ) or coding_for(environ.get("HTTP_ACCEPT_ENCODING", "")) not in self._coded:
            return None
        return self.answer(environ, start_response)

    def _in(self, coding: str) -> tuple[Headers, bytes]:
        if coding not in self._coded:
            body = CODERS[coding](self.body)
            own = [("Content-Length", str(len(body))), ("ETag", f'"{self._tag}{"-" * bool(coding)}{coding}"')]
            self._coded[coding] = [*self._headers, *own, *[("Content-Encoding", coding)][: bool(coding)]], body
        return self._coded[coding]


class PageCache:
    """WSGI layer: `django` renders the pages, `otherwise` answers all other requests."""

    def __init__(self, django: Bulkhead, otherwise: WSGIApplication) -> None:
        self.meter = counters.Meter("pages")
        self._django, self._otherwise = django, otherwise
        self._prewarmed: object = None
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        page = self._page_for(environ)
        if page is None:
            return self._otherwise(environ, start_response)
        return page.answer(environ, start_response)

    def ready(self, path: str, times: int) -> Responder | None:
        """Return a `Responder` for `times` plain requests for `path`, or None if the page is not cached."""
        page = self._kept(path, MENU.held)
        if page is None:
            return None
        self.meter.count(hits=times)
        return page.answer_if_cached

    def prewarm(self) -> None:
        """Render the most requested pages if the menu has changed; until then the previous ones are served."""
        if MENU.previous is not None or MENU.held is not self._prewarmed:
            self._prewarmed = MENU.held
            for path in PREWARMED_PATHS:
                self._made(path, is_asked=False)
            MENU.previous = None

    def _page_for(self, environ: Environ) -> Page | None:
        held = MENU.held
        if held is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not is_plain(environ):
            return None
        path = environ["PATH_INFO"]
        page = self._kept(path, held)
        if page is None:
            return self._made(path) if is_on(held.value, path) else None
        self.meter.count(hits=1)
        return page

    def _kept(self, path: str, held: CachedValue[Menu] | None) -> Page | None:
        if held is None:
            return None
        page = held.made.get((path, held.as_of))
        previous = MENU.previous
        if page is None and previous is not None and held.as_of is None and is_on(held.value, path):
            page = previous.made.get((path, None))  # the poller is rendering the new one
        return page

    def _made(self, path: str, *, is_asked: bool = True) -> Page | None:
        """Render a page by Django, under a lock, so that a crowd renders it once. A page that another thread rendered
        meanwhile counts as a hit.
        """
        with self._lock:
            held = MENU.held
            page = held.made.get((path, held.as_of)) if held else None
            if page is not None:
                self.meter.count(hits=int(is_asked))
                return page
            response = self._django.get_response(plain_request(path))
            shown = getattr(response, "shown", None)
            if not isinstance(response, HttpResponse) or response.status_code != 200 or not shown or response.cookies:
                return None
            self.meter.count(misses=1, builds=1)
            page, made = Page(response, shown), shown.held.made
            if (
                sum(len(kept.body) for kept in list(made.values()) if isinstance(kept, Page)) + len(page.body)
                <= MAX_BYTES
            ):
                made[path, shown.since] = page  # keyed by the age that this response states
            return page


def is_on(menu: Menu, path: str) -> bool:
    """True for the path of a public page of this menu."""
    found = PUBLIC.fullmatch(path)
    return found is not None and (not found["slug"] or menu.item(found["slug"]) is not None)


def etag_matches(if_none_match: str, *tags: str) -> bool:
    """Return whether an If-None-Match header matches one of these tags (given without quotation marks)."""
    return any(tag.removeprefix("W/").strip('"') in ("*", *tags) for tag in parse_etags(if_none_match))


def is_plain(environ: Environ) -> bool:
    """True for a request without body and precondition, for one of our hosts and by the right scheme."""
    return (
        not environ.get("SCRIPT_NAME")
        and environ.get("CONTENT_LENGTH", "") in ("", "0")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and "HTTP_IF_MATCH" not in environ
        and "HTTP_IF_UNMODIFIED_SINCE" not in environ
        and (not settings.SECURE_SSL_REDIRECT or environ["wsgi.url_scheme"] == "https")
        and is_our_host(environ.get("HTTP_HOST", ""))
    )


@lru_cache(maxsize=256)
def is_our_host(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


@lru_cache(maxsize=256)
def coding_for(accepted: str) -> str:
    """Return the best content coding of an Accept-Encoding header: "br", "gzip" or "" (uncompressed)."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        coding, _, parameter = part.partition(";")
        try:
            weights[coding.strip()] = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[coding.strip()] = 0
    return next((coding for coding in ("br", "gzip") if weights.get(coding, weights.get("*", 0)) > 0), "")


def plain_request(path: str) -> WSGIRequest:
    """Return a request without cookies, language or query string."""
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443" if settings.HTTPS else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": (settings.ALLOWED_HOSTS or ["localhost"])[0].lstrip("."),
            "HTTP_X_REQUEST_ID": "ready-pages",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": settings.PUBLIC_SCHEME,
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
    )
