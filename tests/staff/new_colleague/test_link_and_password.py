"""A manager adds a colleague and hands over a one-time link; the colleague chooses a password."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from staff.models import StaffLink
from tests.harness.factories import manager
from tests.harness.qr import read_svg
from tests.staff.new_colleague.links import ADD, added
from tests.staff.people import (
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


@pytest.mark.few_cases(2)
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
