"""Lost, used and expired one-time links, and the page that shows one."""

import pytest
from django.contrib.auth.models import User

from staff.models import Member
from tests.harness.factories import manager
from tests.staff.new_colleague.links import ADD, added
from tests.staff.people import (
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
