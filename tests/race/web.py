"""HTTP clients of the running café: API clients of `/api/orders`, and customers' browsers with cookies."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.cookiejar import Cookie, CookieJar
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

TIMEOUT_S = 30


class Answer(NamedTuple):
    status: int
    body: Any

    @property
    def code(self) -> str:
        return self.body["error"]["code"] if "error" in self.body else "placed"


class Program:
    """An API client with its own kept-alive connection; `is_replayed` is of its last order."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection
        self.is_replayed = False

    def order(self, item: str, quantity: int = 1, *, key: str | None = None, **fields: Any) -> Answer:
        order = {"customer_name": "王芳", "lines": [{"item": item, "quantity": quantity}]} | fields
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        self.connection.request("POST", "/api/orders", json.dumps(order), headers)
        response = self.connection.getresponse()
        self.is_replayed = response.headers["Idempotent-Replayed"] == "true"
        return Answer(response.status, json.load(response))


@contextmanager
def program(url: str) -> Iterator[Program]:
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)) as connection:
        connection.connect()
        yield Program(connection)


class Page(NamedTuple):
    """The path where a request ended, after redirects, and the text of that page."""

    path: str
    text: str

    def hidden(self, name: str) -> str:
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        assert found, f"{self.path} has no {name}"
        return found[1]


class Browser:
    """A customer's browser session, in English."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def open(self, path: str, form: dict[str, str] | None = None) -> Page:
        body = urlencode(form).encode() if form is not None else None
        request = Request(f"{self.url}/en/{path}", body, {"Origin": self.url, "Sec-Fetch-Site": "same-origin"})
        with self.opener.open(request, timeout=TIMEOUT_S) as response:
            return Page(urlsplit(response.url).path, response.read().decode())

    def add_to_cart(self, item_id: int) -> Page:
        return self.open("cart/add/", {"item": str(item_id), "quantity": "1"})

    def check_out(self) -> Page:
        """Open the checkout, fill it in and submit it; return the page where it ended."""
        page = self.open("checkout/")
        names = ("csrfmiddlewaretoken", "submission_key", "expected_total")
        form = {name: page.hidden(name) for name in names}
        return self.open("checkout/", form | {"customer_name": "王芳", "fulfilment": "here"})

    def cart_cookie(self) -> Cookie:
        return next(cookie for cookie in self.cookies if cookie.name == "cart")
