"""A manager adds a colleague and hands over a one-time link; the colleague chooses a password."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from staff.models import Member, StaffLink
from tests.harness.factories import manager
from tests.harness.qr import read_svg
from tests.staff.people import (
    MEMBERS,
    NEW_PASSWORD,
    PASSWORD,
    accounts,
    browser,
    choose,
    do,
    link_on,
    no_account_changed,
    page_of,
    person,
    superuser,
)

pytestmark = pytest.mark.django_db

ADD = f"{MEMBERS}add/"


def added(name: str = "王芳", **fields: str) -> tuple[Member, str]:
    """Add a colleague as a manager does; return the account and its link."""
    page = browser(manager()).post(ADD, {"name": name, "role": "barista", "login_name": ""} | fields)
    assert page.status_code == 200, page.content.decode()
    return Member.objects.get(first_name=name), link_on(page)


def test_a_manager_adds_a_barista_who_sets_a_password_and_logs_in() -> None:
    member, link = added()
    assert (member.username, member.role, member.is_staff, member.is_superuser) == ("王芳", "barista", True, False)
    assert not member.has_usable_password()
    welcome = browser().get(link)
    assert welcome.status_code == 200
    assert "王芳" in welcome.content.decode()
    answer = choose(link)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/bar/")
    client = browser()
    assert client.login(username="王芳", password=NEW_PASSWORD)
    assert client.get("/admin/bar/").status_code == 200


def test_the_page_shows_the_link_its_code_and_the_login_name() -> None:
    page = browser(manager()).post(ADD, {"name": "Ann Lee", "role": "barista"})
    link = link_on(page)
    assert read_svg(page.content.decode()) == f"http://testserver{link}"
    assert "ann.lee" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_only_a_hash_of_the_link_is_stored() -> None:
    _member, link = added()
    token = link.split("/")[-2]
    assert len(token) == 32
    assert token not in str(accounts())
    assert len(StaffLink.objects.get().token_hash) == 64


def test_opening_the_link_uses_nothing_up_and_its_form_does() -> None:
    member, link = added()
    for _preview in range(3):
        assert browser().get(link).status_code == 200
        assert browser().head(link).status_code == 200
        assert browser().get(link.rstrip("/")).status_code == 200  # some chat apps cut the last slash off
    assert choose(link).status_code == 302
    kept = User.objects.get(pk=member.pk).password
    assert choose(link, "another-one-at-ten").status_code == 410
    assert browser().get(link).status_code == 410
    assert User.objects.get(pk=member.pk).password == kept


def test_a_newer_link_ends_an_older_one() -> None:
    member, old = added()
    new = link_on(do(browser(manager()), member, "link"))
    assert browser().get(old).status_code == 410
    assert choose(old).status_code == 410
    assert choose(new).status_code == 302


def test_a_link_ends_after_48_hours() -> None:
    _member, link = added()
    stored = StaffLink.objects.get()
    assert stored.expires_at - stored.made_at == timedelta(hours=48)
    StaffLink.objects.update(expires_at=timezone.now())
    with no_account_changed():
        assert browser().get(link).status_code == 410
        assert choose(link).status_code == 410


def test_the_login_form_has_the_name_of_who_has_just_joined() -> None:
    _member, link = added()
    client = browser()
    client.post(link, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})
    assert client.cookies["joined_as"]["httponly"]
    form = client.get("/admin/login/?next=/admin/bar/").context["form"]
    assert 'value="王芳"' in str(form["username"])
    assert ("autofocus" in str(form["username"]), "autofocus" in str(form["password"])) == (False, True)
    client.cookies["joined_as"] = "forged:1:x"
    form = client.get("/admin/login/").context["form"]
    assert "value=" not in str(form["username"])


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "登录名"), ("en", "Login name")])
def test_the_name_to_log_in_with_has_one_word_on_every_page(language: str, word: str) -> None:
    member, link = added()
    client = browser(language=language)
    join = client.get(link).content.decode()
    login = client.get("/admin/login/").content.decode()
    wrong = client.post("/admin/login/", {"username": "x", "password": "y"}).content.decode()
    person_s = browser(manager(), language).get(page_of(member)).content.decode()
    for page in (join, login, wrong, person_s):
        assert word.casefold() in page.casefold()
        assert "用户名" not in page
        assert "你" not in page
    assert f"{word}</label>" in login.replace(":</label>", "</label>").replace("：</label>", "</label>")
    assert "correct username" not in wrong


@pytest.mark.parametrize("what", ["deactivate", "role"])
def test_a_link_ends_with_the_access_or_the_role_that_it_was_made_for(what: str) -> None:
    """Otherwise a kept link of a barista's account would open the manager's account that it has become."""
    member, link = added()
    assert do(browser(superuser()), member, what, role="manager").status_code == 302
    assert choose(link).status_code == 410


def test_a_link_is_for_a_forgotten_password_too() -> None:
    ann = person("ann", "barista")
    link = link_on(do(browser(manager()), ann, "link"))
    assert browser().login(username="ann", password=PASSWORD)
    assert choose(link).status_code == 302
    assert not browser().login(username="ann", password=PASSWORD)
    assert browser().login(username="ann", password=NEW_PASSWORD)


@pytest.mark.parametrize(
    ("password", "language", "said"),
    [
        ("short", "en", "This password is too short. It must contain at least 8 characters."),
        ("short", "zh-hans", "密码长度太短。密码必须包含至少 8 个字符。"),
        ("12345678901", "zh-hans", "密码只包含数字。"),
        ("wangfang1", "en", "The password is too similar to the username."),
    ],
)
def test_a_weak_password_is_refused_in_words_and_the_link_still_works(
    password: str, language: str, said: str
) -> None:
    _member, link = added("Wang Fang", login_name="wangfang")
    with no_account_changed():
        page = choose(link, password, language)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert choose(link).status_code == 302


def test_two_passwords_that_differ_are_refused() -> None:
    _member, link = added()
    client = browser()
    with no_account_changed():
        differing = client.post(link, {"new_password1": NEW_PASSWORD, "new_password2": PASSWORD})
        empty = client.post(link, {"new_password1": ""})
    assert (differing.status_code, empty.status_code) == (422, 422)


# Names of colleagues


@pytest.mark.parametrize(
    ("name", "login_name"),
    [
        ("王芳", "王芳"),
        ("Ann Lee", "ann.lee"),
        ("Zoë O’Neil", "zoë.oneil"),
        ("☕", "staff"),
        ("Ａｎｎ", "ann"),
        ("..", "staff"),
    ],
)
def test_a_login_name_is_made_from_the_name(name: str, login_name: str) -> None:
    assert added(name)[0].username == login_name


def test_a_login_name_that_is_taken_gets_a_number() -> None:
    person("ann", "barista", first_name="Anna")
    assert added("Ann")[0].username == "ann2"


def test_a_login_name_may_be_typed() -> None:
    assert added("王芳", login_name="fang")[0].username == "fang"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "   "}, "name", "This field is required."),
        ({"name": "a" * 61}, "name", "at most 60 characters"),
        ({"name": "an\u202en"}, "name", ""),
        ({"name": "ANN"}, "name", "Somebody of this name works here, or did."),
        ({"name": "a n n"}, "name", "Somebody of this name works here, or did."),
        ({"name": "Bea", "login_name": "Ann"}, "login_name", "Somebody else has this login name."),
        ({"name": "Bea", "login_name": "b ea"}, "login_name", "Enter a valid username."),
        ({"name": "Bea", "role": "owner"}, "role", "is not one of the available choices"),
        ({"name": "Bea", "role": "manager"}, "role", "is not one of the available choices"),
        ({"name": "Bea", "role": ""}, "role", "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_added(typed: dict[str, str], field: str, said: str) -> None:
    person("ann", "barista", first_name="Ann", is_active=False)
    client = browser(manager())
    with no_account_changed():
        page = client.post(ADD, {"name": "Bea", "role": "barista", "login_name": ""} | typed)
    assert page.status_code == 422
    assert said in "".join(page.context["form"].errors[field])


def test_a_form_sent_twice_adds_one() -> None:
    added("Ann")
    page = browser(manager()).post(ADD, {"name": "Ann", "role": "barista"})
    assert page.status_code == 422
    assert User.objects.filter(first_name="Ann").count() == 1


# Lost links


def test_a_reload_of_the_link_s_page_says_who_was_added_and_makes_a_new_link() -> None:
    boss = browser(manager())
    form = {"name": "王芳", "role": "barista", "login_name": ""}
    old = link_on(boss.post(ADD, form))
    again = boss.post(ADD, form)
    page = again.content.decode()
    member = Member.objects.get(first_name="王芳")
    assert again.status_code == 422
    assert "was added already and has no password yet: make a new link" in page
    assert "Somebody of this name works here" not in page
    assert f'action="{page_of(member)}"' in page
    new = link_on(do(boss, member, "link"))
    assert (browser().get(old).status_code, browser().get(new).status_code) == (410, 200)


def test_the_reload_offers_no_link_that_one_may_not_make() -> None:
    browser(superuser()).post(ADD, {"name": "Ann", "role": "manager"})
    page = browser(manager()).post(ADD, {"name": "Ann", "role": "barista"}).content.decode()
    assert "Somebody of this name works here, or did." in page
    assert "Make a new link" not in page


def test_the_language_s_switch_leads_from_the_link_to_where_a_new_one_is_made() -> None:
    boss = browser(manager())
    page = boss.post(ADD, {"name": "王芳", "role": "barista"}).content.decode()
    member = Member.objects.get(first_name="王芳")
    assert f'name="next" value="{page_of(member)}"' in page
    assert "Reloading this page or switching the language loses it" in page
    switched = boss.post("/i18n/setlang/", {"next": page_of(member), "language": "zh-hans"}, follow=True)
    words = switched.content.decode()
    assert switched.status_code == 200
    for said in ("不会再显示", "生成新链接"):
        assert said in words


def test_a_name_is_corrected() -> None:
    ann = person("ann", "barista", first_name="An")
    assert do(browser(manager()), ann, "name", name="Ann").status_code == 302
    assert User.objects.get(pk=ann.pk).first_name == "Ann"
    boss = browser(superuser())
    with no_account_changed():
        assert do(boss, ann, "name", name="the-Manager").status_code == 422
    assert browser(manager()).get(page_of(ann)).status_code == 200


# The link's page


def test_the_link_leaves_in_no_referer_and_no_cache() -> None:
    _member, link = added()
    for answer in (browser().get(link), choose(link, "short"), choose(link), browser().get(link)):
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("token", ["x", "a" * 3000, "王芳", "%00", "..%2e"])
def test_a_link_that_never_was_one_says_so(token: str) -> None:
    page = browser().get(f"/admin/join/{token}/")
    assert page.status_code in (404, 410)
    assert browser().put(f"/admin/join/{token}/").status_code in (404, 405)


def test_the_link_s_page_speaks_the_reader_s_language() -> None:
    _member, link = added()
    assert "王芳，欢迎您" in browser(language="zh-CN").get(link).content.decode()
    assert "链接已失效" in browser(language="zh-CN").get("/admin/join/gone/").content.decode()
