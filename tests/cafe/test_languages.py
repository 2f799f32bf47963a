"""The language of a page, its language switch, and the formats of dates and money in each language."""

from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils.translation import override

from tests.harness.factories import americano

pytestmark = pytest.mark.django_db


class Switch(HTMLParser):
    """The targets of a page's links to other languages (`hreflang`), by language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.leads: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("hreflang"):
            self.leads[str(attributes["hreflang"])] = str(attributes["href"])


@pytest.mark.parametrize(
    ("address", "status", "in_chinese"),
    [
        ("/en/cart/", 200, "/zh-hans/cart/"),
        ("/en/orders/mine/?page=2&name=%22%3Cb%3E", 200, "/zh-hans/orders/mine/?page=2&name=%22%3Cb%3E"),
        ("/en/no-such-page/?from=here", 404, "/zh-hans/no-such-page/?from=here"),
        ("/en/item/no-such-item/", 404, "/zh-hans/item/no-such-item/"),
        ("/en//elsewhere.example/", 404, "/zh-hans/elsewhere.example/"),
        ("/en/%5Bcaf%C3%A9", 404, "/zh-hans/%5Bcaf%C3%A9"),
        ("/no-such-page/", 404, "/zh-hans/no-such-page/"),
    ],
)
def test_the_switch_stays_on_the_page(client: Client, address: str, status: int, in_chinese: str) -> None:
    answer = client.get(address, headers={"accept-language": "en"})
    assert answer.status_code == status
    leads = Switch(answer.content.decode()).leads["zh-hans"]
    assert leads == in_chinese
    assert client.get(leads).status_code == status


def test_an_address_that_looks_like_a_host_is_only_a_path(client: Client) -> None:
    answer = client.get("/", PATH_INFO="//[", headers={"accept-language": "en"})
    assert Switch(answer.content.decode()).leads["zh-hans"] == "/zh-hans/%5B"


def test_a_page_that_is_the_same_for_everybody_holds_nobodys_query(client: Client) -> None:
    americano()
    for path in ("", "item/americano/"):
        answer = client.get(f"/en/{path}?secret=1")
        assert b"secret" not in answer.content
        assert Switch(answer.content.decode()).leads["zh-hans"] == f"/zh-hans/{path}"


def test_the_switch_of_a_page_leads_to_every_other_language(client: Client) -> None:
    for code, _name in settings.LANGUAGES:
        others = {other: f"/{other}/cart/" for other, _name in settings.LANGUAGES if other != code}
        assert Switch(client.get(f"/{code}/cart/").content.decode()).leads == others


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "21 Nov 2026, 15:04 · 21 Nov 2026 · 15:04"),
        ("zh-hans", "2026年11月21日 15:04 · 2026年11月21日 · 15:04"),
    ],
)
def test_dates_are_as_the_reader_writes_them(language: str, words: str) -> None:
    template = Template('{{ at|date:"DATETIME_FORMAT" }} · {{ at|date:"DATE_FORMAT" }} · {{ at|time:"TIME_FORMAT" }}')
    with override(language):
        assert template.render(Context({"at": datetime(2026, 11, 21, 7, 4, tzinfo=UTC)})) == words
        admin = Template("{{ at }}")  # as Django's admin writes them
        assert admin.render(Context({"at": datetime(2026, 11, 21, 7, 4, tzinfo=UTC)})) == words.split(" · ")[0]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_money_is_as_both_readers_write_it(language: str) -> None:
    with override(language):
        words = Template("{{ a|money }} {{ b|money }} {{ c|money }}")
        amounts = Context({"a": Decimal("25.00"), "b": Decimal("25.5"), "c": Decimal("12345")})
        assert words.render(amounts) == "¥25 ¥25.50 ¥12,345"
