"""A minimal browser (cookies and forms, no JavaScript) and a minimal API client."""

import html
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

TIMEOUT_S = 60
# The same items as tests/faults/client.py `place`: two counted ones and an uncounted one.
BASKET = {
    "customer_name": "李雷",
    "lines": [{"item": "basque-cheesecake"}, {"item": "yoghurt-granola-bowl"}, {"item": "espresso"}],
}


class Page(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str

    def field(self, name: str) -> str:
        """Return the value of a form's hidden input."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no {name} in {self.text}"
        return html.unescape(found[1])


class Shopper:
    """A browser with cookies that does not follow redirects."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), _NoRedirect, urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(self.url + path))

    def post(self, path: str, fields: dict[str, Any]) -> Page:
        form = urllib.parse.urlencode(fields).encode()
        return self._open(
            urllib.request.Request(self.url + path, form, {"Sec-Fetch-Site": "same-origin", "Referer": self.url})
        )

    def fill_checkout(self, *items: int) -> dict[str, str]:
        """Put these items into the cart and return the checkout's form, filled in."""
        for item in items:
            assert self.post("/en/cart/add/", {"item": item}).status == 302
        page = self.get("/en/checkout/")
        hidden = ("csrfmiddlewaretoken", "submission_key", "cart_seen", "expected_total")
        return {name: page.field(name) for name in hidden} | {"customer_name": "王芳", "fulfilment": "to_go"}

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return Page(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.headers, error.read().decode())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def post_order(port: int, key: str, body: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
    """POST /api/orders as an API client; return status, headers and JSON. Raises OSError and HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        connection.request("POST", "/api/orders", json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), json.loads(response.read())
    finally:
        connection.close()
