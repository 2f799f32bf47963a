"""Pages that the edge serves without a running café: files in git, written by `manage.py edge_pages`."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import override

from cafe.edge.error_responses import ANSWERS, Answer
from cafe.management.commands import edge_pages
from cafe.web.json_error import ApiError

LANGUAGES = ("en", "zh-hans")
PAGES = [(answer, language) for answer in ANSWERS for language in LANGUAGES]

every_answer = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
every_page = pytest.mark.parametrize(
    ("answer", "language"), PAGES, ids=[f"{answer.name}.{language}" for answer, language in PAGES]
)

CODES = {
    "malformed": "malformed",
    "forbidden": "forbidden",
    "not_found": "not_found",
    "method_not_allowed": "method_not_allowed",
    "timeout": "timeout",
    "too_large": "too_large",
    "busy": "busy",
    "busy_order": "busy",
    "busy_login": "busy",
    "unavailable": "unavailable",
    "unavailable_order": "unavailable",
}
BUTTONS = {
    "busy_order": ["/{language}/checkout/", "/{language}/"],
    "busy_login": ["/admin/login/"],
    "unavailable_order": ["/{language}/checkout/", "/{language}/orders/mine/"],
}
# The edge fills in the requested address, see tests/deploy/test_languages.py.
SWITCH = {code: f"<!--# echo var='edge_in_{code.replace('-', '_')}' -->" for code, _name in settings.LANGUAGES}
SAFE_CART = {"en": "Your cart is safe.", "zh-hans": "购物车完好保留。"}
NEVER_TWICE = {"en": "The same order is never placed twice.", "zh-hans": "同一张订单绝不会下两次。"}


class Page(HTMLParser):
    """A parsed page: its elements, each as (tag, attributes), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, tag: str, attribute: str) -> list[str | None]:
        return [
            attributes[attribute] for name, attributes in self.elements if name == tag and attribute in attributes
        ]

    def buttons(self) -> list[str | None]:
        return [attributes["href"] for _tag, attributes in self.elements if "button" in words_of(attributes)]


def words_of(attributes: dict[str, str | None]) -> list[str]:
    return (attributes.get("class") or "").split()


def in_git(name: str) -> str:
    return (edge_pages.FOLDER / name).read_text(encoding="utf-8")


def page_of(answer: Answer, language: str) -> Page:
    return Page(in_git(f"{answer.name}.{language}.html"))


def test_the_files_in_git_are_what_the_command_writes_now() -> None:
    written = {file.name: file.read_bytes() for file in edge_pages.FOLDER.iterdir()}
    rendered = edge_pages.rendered()
    assert sorted(written) == sorted(rendered)
    assert [name for name in rendered if written[name] != rendered[name]] == [], "run manage.py edge_pages"


def test_the_command_writes_the_same_bytes_whatever_language_is_active(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_pages, "FOLDER", tmp_path / "pages" / "edge")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    for language in LANGUAGES:
        with override(language):
            call_command("edge_pages", verbosity=0)
            assert {file.name: file.read_bytes() for file in edge_pages.FOLDER.iterdir()} == edge_pages.rendered()


def test_every_answer_has_its_code() -> None:
    assert {answer.name: answer.code for answer in ANSWERS} == CODES


@every_answer
def test_a_program_reads_the_error_that_django_would_send(answer: Answer) -> None:
    text = in_git(f"{answer.name}.json")
    error = json.loads(text)["error"]
    assert error["code"] == CODES[answer.name]
    assert re.fullmatch(r"[A-Z][\x20-\x7eé]+\.", error["message"])
    of_django = ApiError(answer.statuses[0], error["code"], error["message"]).response()
    assert text == of_django.content.decode() + "\n"


def test_a_program_learns_how_to_send_its_order_again() -> None:
    busy, lost = (
        json.loads(in_git(f"{name}.json"))["error"]["message"] for name in ("busy_order", "unavailable_order")
    )
    assert "this one was not placed" in busy
    assert "not known whether this order was placed" in lost
    assert "Without a key, look at the orders first." in lost
    for message in (busy, lost):
        assert "with the same Idempotency-Key" in message


@every_page
def test_a_page_is_complete_and_in_its_language(answer: Answer, language: str) -> None:
    page = page_of(answer, language)
    assert page.values("html", "lang") == [language]
    tags = [tag for tag, _attributes in page.elements]
    assert [tags.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert {"name": "robots", "content": "noindex"} in [attributes for _tag, attributes in page.elements]
    with override(language):
        for words in (answer.title, answer.message, answer.comfort, answer.advice):
            assert str(words) in page.text


@every_page
def test_a_page_has_nothing_inline_and_asks_only_for_its_stylesheet(answer: Answer, language: str) -> None:
    page = page_of(answer, language)
    assert not {"script", "style", "img", "iframe", "form"} & {tag for tag, _attributes in page.elements}
    names = {name for _tag, attributes in page.elements for name in attributes}
    assert [name for name in names if name in ("style", "src") or name.startswith("on")] == []
    icon, stylesheet = page.values("link", "href")
    assert str(icon).startswith("data:image/svg+xml,")
    assert stylesheet == "/edge/edge.css"


def test_the_stylesheet_asks_for_nothing() -> None:
    assert re.findall(r"@import|url\(", in_git("edge.css")) == []


@every_page
def test_a_page_leads_only_to_where_it_should(answer: Answer, language: str) -> None:
    page = page_of(answer, language)
    others = [address for code, address in SWITCH.items() if code != language]
    buttons = [path.format(language=language) for path in BUTTONS.get(answer.name, ["/{language}/"])]
    header = [f"/{language}/", f"/{language}/orders/mine/", f"/{language}/cart/", *others]
    assert page.values("a", "href") == ["#main", *header, *buttons]
    assert page.buttons() == buttons


@every_answer
def test_both_languages_differ(answer: Answer) -> None:
    english, chinese = (page_of(answer, language).text for language in LANGUAGES)
    assert english != chinese
    for words in (answer.title, answer.message, *[button.label for button in answer.buttons]):
        with override("en"):
            assert str(words) not in chinese


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_ordering_reads_that_the_cart_is_safe_and_what_to_press(language: str) -> None:
    for answer in ANSWERS:
        is_about_an_order = answer.name in ("busy_order", "unavailable_order")
        text = page_of(answer, language).text
        assert (SAFE_CART[language] in text, NEVER_TWICE[language] in text) == (is_about_an_order,) * 2
