"""Two managers in the running café's admin, each with their own session, and the items as the database has them."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from django.contrib.auth.models import Group, User

from menu.models import Item
from tests.harness.html_forms import Fields, fields_of, row_of
from tests.harness.servers import execute
from tests.race.crowd import PATIENCE_S
from tests.race.web import TIMEOUT_S

ITEMS = "/admin/menu/item/"
COLUMNS = ("price", "position", "is_available")
PASSWORD = "flat-white-at-8"

Cells = dict[tuple[int, str], str]  # (item's key, column) → value as text


class Answer(NamedTuple):
    status: int
    text: str


class Manager:
    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies), _StaysHere)
        form = fields_of(self.open("/admin/login/").text, "login-form")
        assert self.open("/admin/login/", form | {"username": [name], "password": [PASSWORD]}).status == 302

    def open(self, path: str, form: Fields | None = None) -> Answer:
        body = urlencode(form, doseq=True).encode() if form is not None else None
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        try:
            with self.opener.open(Request(self.url + path, body, headers), timeout=TIMEOUT_S) as response:
                return Answer(response.status, response.read().decode())
        except HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.read().decode())

    def form(self, path: str = ITEMS, form_id: str = "changelist-form") -> Fields:
        return fields_of(self.open(path).text, form_id)

    def save(self, form: Fields, path: str = ITEMS) -> Answer:
        """Submit the form, confirm each price that the admin questions, and return the last answer."""
        answer = self.open(path, form | {"_save": ["Save"]})
        for _question in range(20):
            confirm = re.search(r'name="(confirmed_prices)" value="([^"]+)"', answer.text)
            if confirm is None:
                return answer
            answer = self.open(path, fields_of(answer.text, "price-question") | {confirm[1]: [confirm[2]]})
        raise AssertionError("the same is asked again and again")


class _StaysHere(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass
class Office:
    managers: tuple[Manager, Manager]
    database: str
    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def __post_init__(self) -> None:
        self.before = self.items()

    def items(self) -> Cells:
        """Return every cell of the items, read from the database without the café."""
        rows = execute(f"SELECT id, {', '.join(COLUMNS)} FROM {self.database}.menu_item")
        return {(row[0], column): str(value) for row in rows for column, value in zip(COLUMNS, row[1:], strict=True)}

    def menu_version(self) -> int:
        return int(execute(f"SELECT version FROM {self.database}.menu_menuversion")[0][0])

    def keys(self) -> list[int]:
        return sorted({key for key, _column in self.before})

    def at_once(self, work: Callable[[int, Manager], Any]) -> list[Any]:
        """Run `work(number, manager)` for both managers concurrently; return both. They meet at `wait_for_both`."""

        def live(number: int) -> Any:
            try:
                return work(number, self.managers[number])
            except BaseException:
                self.barrier.abort()  # so that the other thread does not wait for a failed one
                raise

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(live, range(2)))

    def wait_for_both(self) -> None:
        self.barrier.wait(PATIENCE_S)


def typed_into(form: Fields, changes: Cells) -> Fields:
    """Return the change list's form with these cells changed and a reason filled in."""
    typed = dict(form) | {"reason": ["ran out"]}
    for (key, column), value in changes.items():
        name = row_of(form, key) + column
        if column != "is_available":
            typed[name] = [value]
        elif value == "1":
            typed[name] = ["on"]
        else:
            typed.pop(name, None)
    return typed


def without_memory(form: Fields) -> Fields:
    """Return the form as plain Django's page would send it: without the initial values that the page showed."""
    return {name: values for name, values in form.items() if not name.startswith("initial-")}


# Functions that run in a process of the crowd


def hire(*names: str) -> None:
    for name in names:
        person = User.objects.create_user(name, password=PASSWORD, is_staff=True)
        person.groups.add(Group.objects.get(name="manager"))


def put_back(cells: Cells) -> None:
    """Restore these cells and delete all other items."""
    for (key, column), value in cells.items():
        Item.objects.filter(pk=key).update(**{column: value})
    Item.objects.exclude(pk__in={key for key, _column in cells}).delete()
