"""All instances dead or frozen behind the edge: how to make it so, and what the edge then answers."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlencode

from tests.deploy.crowd import Answer, Person
from tests.deploy.testbed import Testbed
from tests.faults.shop import PAGES

LIST = "/api/orders"
MENUS = [path for path in PAGES if not path.startswith("/api/")]  # the HTML pages of the menu
CODINGS = ("br", "gzip", "identity")
SAME = ("Content-Type", "Content-Encoding", "ETag", "Cache-Control")
KEPT_S = 2.1  # the edge caches a page for 1 s, and nginx counts whole seconds
PROMISED_S, READS_WAIT_S, PATIENCE = 4, 3, 5
FIGURES = "figures"
MARK = re.compile(
    r"menu_stale=(?P<now>\d+\.\d{3})\|(?P<made>[^;|]+ GMT)\|(?P<path>/[^;|]+); Path=/; Max-Age=10; SameSite=Lax"
)
FORM = {"customer_name": "王芳", "submission_key": "0123456789abcdef", "fulfilment": "to_go"}


# Faults of the instances


@contextmanager
def all_dead(testbed: Testbed) -> Iterator[None]:
    for program in testbed.instances:
        program.kill()
    try:
        yield
    finally:
        for program in testbed.instances:
            if program.process is None:
                program.start()


@contextmanager
def all_frozen(testbed: Testbed) -> Iterator[None]:
    groups = [program.process.pid for program in testbed.instances if program.process]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in groups:
            os.killpg(group, signal.SIGCONT)


# Requests and checks


class Seen(NamedTuple):
    """The edge's answers by (path, coding) while the instances were alive, taken between `since` and `until`."""

    answers: dict[tuple[str, str], Answer]
    since: float
    until: float

    @property
    def assets(self) -> list[str]:
        return [path for path, coding in self.answers if path.startswith("/static/") and coding == "identity"]

    def has(self, answer: Answer, coding: str = "identity") -> bool:
        """Whether this answer equals the recorded one in status, body and the headers of SAME."""
        before = self.answers[answer.path, coding]
        kept = [(told.status, told.body, *map(told.headers.get, SAME)) for told in (before, answer)]
        return kept[0] == kept[1]


def ask_for(testbed: Testbed, path: str, coding: str = "identity", **headers: str) -> Answer:
    person = Person(testbed.edge, Accept_Encoding=coding)
    answer = person.get(path, **headers)
    person.leave()
    return answer


def see(testbed: Testbed) -> Seen:
    since = time.time()
    paths = [*PAGES, LIST, *Person(testbed.edge).assets_of("/en/")]
    answers = {(path, coding): ask_for(testbed, path, coding) for path in paths for coding in CODINGS}
    assert {answer.status for answer in answers.values()} == {200}
    return Seen(answers, since - KEPT_S, time.time())


def post_checkout(testbed: Testbed, language: str) -> Answer:
    told = {"Content-Type": "application/x-www-form-urlencoded", "Origin": testbed.edge.url}
    return Person(testbed.edge).ask("POST", f"/{language}/checkout/", urlencode(FORM).encode(), told)


def is_refused(answer: Answer, whose: str) -> bool:
    """Assert that this is the edge's own 503 of this name, with Retry-After and no-store; return True."""
    assert (answer.status, answer.whose) == (503, whose), answer
    assert 1 <= int(answer.headers["Retry-After"]) <= 5
    assert answer.headers["Cache-Control"] == "no-store"
    return True


def is_page_in(language: str, answer: Answer) -> bool:
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return f'<html lang="{language}">' in answer.body.decode()


def marks(answers: list[Answer]) -> set[str | None]:
    return {answer.headers.get("Set-Cookie") for answer in answers}


def statuses(answers: list[Answer]) -> set[str]:
    return {answer.headers["X-Cache-Status"] for answer in answers}


def menu_paths(seen: Seen) -> list[tuple[str, str]]:
    return [asked for asked in seen.answers if asked[0] in MENUS]
