"""No staff page shows English to a reader of Chinese: the test follows every link within /admin/."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import django
import polib
import pytest
from django.test import Client

from orders import services
from tests.harness.factories import category, item, manager, order, wanted
from tests.staff.people import MEMBERS, browser, person, superuser

ROOT = Path(__file__).resolve().parent.parent.parent
SAID_BY = ("title", "alt", "aria-label", "placeholder", "label")
NOT_READ = {"script", "style", "textarea", "code"}
WORD = re.compile(r"[A-Za-z]{2,}")

# Proper names, words to type, identifiers of our code, and units.
NO_ENGLISH = {
    *(
        "Cloud",
        "Café",
        "Caf",
        "English",
        "Django",
        "Redis",
        "Cookie",
        "JPEG",
        "PNG",
        "WebP",
        "GIF",
        "AVIF",
        "HEIC",
        "KB",
        "MB",
    ),
    *("Control", "Mac", "Command", "LDAP", "ID", "QR", "testserver"),
    *("espresso", "milk", "foam", "pages", "menu", "orders"),
    *("pbkdf", "sha", "md"),
}


class Words(HTMLParser):
    """Collects the texts and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in NOT_READ:
            self._open.append(tag)
        self.words += [found[name] for name in SAID_BY if name in found]
        if tag == "input" and found.get("type") in ("submit", "button"):
            self.words.append(found.get("value", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.words.append(data)


def english_in(page: str, ours: set[str]) -> set[str]:
    """Return a page's English texts, without the words in `NO_ENGLISH` and the café's own names (`ours`)."""
    said = {" ".join(words.split()) for words in Words(page).words}
    said.discard("Scan to order")  # a table's card speaks both languages
    return {words for words in said if set(WORD.findall(words)) - NO_ENGLISH - ours}


def walk(client: Client) -> Iterator[tuple[str, str]]:
    """Follow links within /admin/; yield one (address, page) for addresses that differ in a number or token."""
    seen, todo = set[str](), ["/admin/", "/admin/password_change/", "/admin/cache/"]
    while todo:
        address = todo.pop(0).partition("?")[0].partition("#")[0]
        kind = re.sub(r"\d+|(?<=/admin/bar/)[-\w]{20,}", "…", address)
        if kind in seen or not address.startswith("/admin/") or "/logout/" in address:
            continue
        seen.add(kind)
        answer = client.get(address, follow=True)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            page = answer.content.decode()
            todo += [urljoin(address, link) for link in Words(page).links]
            yield address, page


@pytest.fixture
def shop(db: None) -> None:
    """A café whose own names are Chinese, with orders in three states, a count, and staff."""
    category(name_en="咖啡")
    drink = item("tea", name_en="茶", name_zh_hans="茶", category=category("tea", "茶", "茶"), stock=9)
    placed = [order(wanted(drink), customer_name="王芳") for _number in range(3)]
    services.advance_order(order=placed[0], actor=manager())
    services.cancel_order(order=placed[1], actor=manager(), reason="没有水")
    person("小李", "barista", first_name="李雷")
    manager()


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("who", ["a manager", "a superuser"])
def test_no_page_of_the_staff_says_english_words(shop: None, who: str) -> None:
    client = browser(manager() if who == "a manager" else superuser("店主"), "zh-CN")
    ours = {"the", "manager", "counted", "tea", "zh", "hans"}  # who did it; the count's reason; slugs
    found = {address: english_in(page, ours) for address, page in walk(client)}
    assert len(found) > (25 if who == "a manager" else 32), sorted(found)
    assert {address: words for address, words in found.items() if words} == {}


def test_english_that_is_left_is_found() -> None:
    """Control: the check finds English that is left."""
    page = '<p>菜单 Save all</p><img alt="Search"><input type="submit" value="Go on"><script>let it = 1</script>'
    assert english_in(page, set()) == {"菜单 Save all", "Search", "Go on"}
    assert english_in("<p>支持 JPEG</p>", set()) == set()


def test_what_django_s_chinese_lacks_is_in_ours() -> None:
    folders = [
        "conf",
        "contrib/admin",
        "contrib/auth",
        "contrib/contenttypes",
        "contrib/sessions",
        "contrib/messages",
    ]
    ours = {entry.msgid for entry in polib.pofile(str(ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"))}
    lacking = {words for folder in folders for words in _not_in_chinese(Path(django.__file__).parent / folder)}
    assert len(lacking) > 5
    assert lacking - ours == set()


def test_django_s_chinese_speaks_as_ours_does() -> None:
    """Texts say 您, never 你; 登录名, never 用户名. Password reset by mail, which is not offered, is left out."""
    otherwise, by_mail = (
        re.compile("你|用户名"),
        re.compile("e-?mail|has been set|new password twice so|username, in case"),
    )
    folders = [Path(django.__file__).parent / "contrib" / app for app in ("admin", "auth")]
    theirs, ours = (
        {
            entry.msgid: entry.msgstr + "".join(entry.msgstr_plural.values())
            for folder in found
            for entry in polib.pofile(str(folder / "locale/zh_Hans/LC_MESSAGES/django.po"))
        }
        for found in (folders, [ROOT])
    )
    said = {msgid: ours.get(msgid, words) for msgid, words in theirs.items() if not by_mail.search(msgid)}
    unsaid = {"Forgotten your password or username?"}  # used by earlier Django releases only
    assert {msgid for msgid, words in said.items() if otherwise.search(words)} == unsaid
    assert [words for words in ours.values() if otherwise.search(words)] == []


def _not_in_chinese(folder: Path) -> set[str]:
    english, chinese = (folder / "locale" / code / "LC_MESSAGES" / "django.po" for code in ("en", "zh_Hans"))
    if not english.exists():
        return set()
    known = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(chinese)).translated_entries()}
    return {entry.msgid for entry in polib.pofile(str(english)) if (entry.msgctxt, entry.msgid) not in known}


# One word for one thing


def test_the_list_of_orders_calls_a_move_what_it_leads_to(shop: None) -> None:
    page = browser(manager(), "zh-CN").get("/admin/orders/order/").content.decode()
    moves = re.findall(r'<option value="(\w+)">([^<]+)</option>', page)
    assert dict(moves) | {"complete": "已取走", "no_show": "未取走", "ready": "做好了"} == dict(moves)
    english = browser(manager()).get("/admin/orders/order/").content.decode()
    assert tuple(
        re.findall(rf'<option value="{move}">([^<]+)</option>', english)[0] for move in ("complete", "no_show")
    ) == ("Picked up", "Not picked up")


def test_logging_out_leads_to_a_page_of_ours(shop: None) -> None:
    for language, words in (("zh-CN", "您已退出"), ("en", "You are logged out")):
        page = browser(manager(), language).post("/admin/logout/").content.decode()
        assert f"<h1>{words}</h1>" in page
        assert 'href="/admin/login/?next=/admin/bar/"' in page
        assert "quality time" not in page


def test_a_role_and_a_right_are_named_in_chinese(shop: None) -> None:
    boss = browser(superuser("店主"), "zh-CN")
    group = boss.get("/admin/auth/group/1/change/").content.decode()
    assert "商品：可修改" in group
    assert "订单：可以退款" in group
    assert "Can " not in group
    assert boss.get(MEMBERS).status_code == 200
