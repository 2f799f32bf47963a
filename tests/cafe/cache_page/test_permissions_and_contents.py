"""The page /admin/cache/: its permissions and its contents."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from cafe.cache_stats.last_hour import MINUTE
from cafe.cache_stats.recorder import Counts, instance_name, start_of_minute
from cafe.caching.cached_value import STALE_AFTER_S, CachedValue, Version
from cafe.models import CacheMinute
from menu.catalogue.current import MENU, current_menu
from tests.cafe.cache_page.page import wrote
from tests.harness.factories import barista, client_of, manager

pytestmark = pytest.mark.django_db


PAGE = "/admin/cache/"


def text_of(page: HttpResponse) -> str:
    """Return a page's visible text from <main> on, whitespace collapsed."""
    body = page.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def rows_of(page: HttpResponse, section: int) -> list[list[str]]:
    """Return the cells of the table of instances in a section of the page."""
    part = page.content.decode().split('<section class="cache')[section + 1]
    body = part.split("<tbody>")[-1].split("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row)]
        for row in body.split("<tr")[1:]
    ]


# Permissions


def test_nobody_is_led_to_the_login() -> None:
    for client in (client_of(None), client_of(User.objects.create_user("customer"))):
        response = client.get(PAGE)
        assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/cache/")


def test_staff_without_the_permission_are_refused() -> None:
    user = User.objects.create_user("visitor", is_staff=True)
    assert client_of(user).get(PAGE).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_cacheminute"))
    assert client_of(user).get(PAGE).status_code == 200


def test_one_who_is_no_longer_staff_is_led_to_the_login(manager_client: Client) -> None:
    User.objects.update(is_staff=False)
    assert manager_client.get(PAGE).status_code == 302


def test_both_groups_of_staff_and_a_superuser_see_it() -> None:
    for user in (barista(), manager(), User.objects.create_superuser("root")):
        assert client_of(user).get(PAGE).status_code == 200


def test_every_page_of_the_admin_leads_to_it_those_who_may_see_it() -> None:
    assert f'href="{PAGE}"' in client_of(manager()).get("/admin/").content.decode()
    visitor = User.objects.create_user("visitor", is_staff=True)
    assert f'href="{PAGE}"' not in client_of(visitor).get("/admin/").content.decode()


def test_the_page_is_never_kept_by_a_cache(manager_client: Client) -> None:
    response = manager_client.get(PAGE)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_the_page_is_read_and_nothing_else(manager_client: Client) -> None:
    assert manager_client.head(PAGE).status_code == 200
    assert Client(headers={"sec-fetch-site": "same-origin"}).post(PAGE).status_code == 302
    assert manager_client.post(PAGE, headers={"sec-fetch-site": "same-origin"}).status_code == 405


# Contents


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_before_anything_was_counted_it_says_so_kindly(language: str) -> None:
    page = client_of(manager(), language).get(PAGE)
    assert page.status_code == 200
    assert b"caches__empty" in page.content
    assert b"<svg class" not in page.content


def test_it_sums_each_cache_over_its_programs_and_minutes(
    manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)  # or a minute may end between the rows and the page
    for minutes_ago in (0, 1, 59):
        wrote("bar-1:8000", hits=1000, misses=1, builds=1, minutes_ago=minutes_ago)
        wrote("bar-2:8000", hits=500, minutes_ago=minutes_ago)
    wrote("bar-1:8000", hits=7, minutes_ago=60)  # over an hour ago
    wrote("bar-1:8000", "orders", hits=3, misses=1)
    page = manager_client.get(PAGE)
    pages, orders = page.context["sections"]
    assert (pages.hour.name, pages.hour.total) == ("pages", Counts(4500, 3, 3))
    assert pages.hour.last_full_minute == Counts(1500, 1, 1)
    assert (orders.hour.name, orders.hour.total) == ("orders", Counts(3, 1, 0))
    words = text_of(page)
    for figure in ("Hit ratio 99.9% last minute 99.9%", "Hits 4,500 last minute 1,500", "Misses 3 last minute 1"):
        assert figure in words
    assert [row[:6] for row in rows_of(page, 0)] == [
        ["bar-1:8000", "3,000", "3", "99.9%", "3", "1,000"],
        ["bar-2:8000", "1,500", "0", "100%", "0", "500"],
    ]
    assert [row[:6] for row in rows_of(page, 1)] == [["bar-1:8000", "3", "1", "75.0%", "0", "0"]]


def test_it_says_how_each_program_stands(manager_client: Client) -> None:
    wrote("bar-1:8000", "menu", version="3f2a9c0d.42", age_s=0.34, breaker="closed", minutes_ago=1)
    wrote("bar-1:8000", "menu", version="3f2a9c0d.43", age_s=0.5, breaker="half-open")
    wrote("bar-2:8000", "menu", version="3f2a9c0d.41", age_s=STALE_AFTER_S + 68.4, breaker="open")
    wrote("bar-3:8000", "menu", version="3f2a9c0d.43", age_s=0.1, breaker="")
    page = manager_client.get(PAGE)
    assert [[row[0], *row[6:9]] for row in rows_of(page, 0)] == [
        ["bar-1:8000", "43 (3f2a)", "0.5 s", "half-open"],
        ["bar-2:8000", "41 (3f2a)", "73 s", "open"],
        ["bar-3:8000", "43 (3f2a)", "0.1 s", "no Redis"],
    ]
    words = text_of(page)
    assert "2 programs do not ask Redis at the moment" in words
    assert "1 program shows a menu older than five seconds: it cannot read the database. bar-2:8000" in words
    assert "Every menu is current" not in words


def test_an_instance_with_another_version_than_the_database_is_marked(
    manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MENU, "held", CachedValue(Version("3f2a9c0d", 43), current_menu()))
    for number, version in ((1, 42), (2, 43)):
        wrote(f"bar-{number}:8000", "menu", version=f"3f2a9c0d.{version}", age_s=0.3, breaker="closed")
    assert [row[6] for row in rows_of(manager_client.get(PAGE), 0)] == ["≠ 42 (3f2a)", "43 (3f2a)"]


def test_when_all_is_well_it_says_so(manager_client: Client) -> None:
    wrote("bar-1:8000", "menu", version="3f2a.42", age_s=0.3, breaker="closed")
    assert "1 program writes its numbers. Every menu is current and no breaker is open." in text_of(
        manager_client.get(PAGE)
    )


def test_a_program_that_is_silent_for_two_minutes_is_shown_as_such(manager_client: Client) -> None:
    wrote("bar-0:8000", "menu", hits=9, version="3f2a.1", age_s=99, breaker="open", minutes_ago=4)
    for number, seconds in ((1, 110), (2, 125)):
        at = timezone.now() - timedelta(seconds=seconds)
        wrote(f"bar-{number}:8000", "menu", written_at=at, minutes_ago=2)
    page = manager_client.get(PAGE)
    rows = rows_of(page, 0)
    assert [row[0] for row in rows] == ["bar-1:8000", "bar-0:8000 silent", "bar-2:8000 silent"]
    assert (rows[1][1], rows[1][5:7]) == ("9", ["–", "–"])  # its counters stay; its state is unknown
    words = text_of(page)
    assert "2 programs have been silent for over two minutes." in words
    assert "bar-0:8000, bar-2:8000" in words
    assert "older than five seconds" not in words


def test_times_are_those_of_the_cafe(manager_client: Client) -> None:
    """Asia/Shanghai, eight hours ahead of UTC."""
    row = wrote(hits=1)
    page = manager_client.get(PAGE).content.decode()
    local = row.minute + timedelta(hours=8)
    assert f'<time datetime="{local:%Y-%m-%dT%H:%M:%S}+08:00">{local:%H:%M}</time>' in page


def test_this_process_tells_its_own_numbers(manager_client: Client) -> None:
    page = manager_client.get(PAGE)
    assert {here.name for here in page.context["here"]} >= {"menu", "orders"}
    assert instance_name() in text_of(page)


def test_it_refreshes_itself_unless_it_is_held_still(manager_client: Client) -> None:
    refreshes = '<noscript><meta http-equiv="refresh" content="30"></noscript>'
    assert refreshes in manager_client.get(PAGE).content.decode()
    assert refreshes not in manager_client.get(f"{PAGE}?still").content.decode()


def test_nothing_in_it_is_inline(manager_client: Client) -> None:
    wrote(hits=5, misses=1)
    body = manager_client.get(PAGE).content.decode()
    assert " style=" not in body
    assert "<style" not in body
    assert not re.search(r"<script(?![^>]*\bsrc=)", body)


def test_a_name_is_never_markup(manager_client: Client) -> None:
    wrote("<b>bar</b>:1", "<i>new</i>", version="<u>1</u>", breaker="<s>")
    body = manager_client.get(PAGE).content.decode()
    assert "<b>bar" not in body
    assert "<i>new" not in body
    assert "<u>1" not in body
    assert "<s>" not in body


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_takes_seven_queries_whatever_the_programs(
    manager_client: Client, django_assert_num_queries: Any, count: int
) -> None:
    now = timezone.now()
    CacheMinute.objects.bulk_create(
        CacheMinute(
            minute=start_of_minute(now) - MINUTE * minutes_ago,
            program=f"bar-{number}:8000",
            cache=cache,
            hits=10,
            written_at=now - MINUTE * minutes_ago,
        )
        for number in range(count)
        for cache in ("pages", "menu", "orders")
        for minutes_ago in (0, 1, 30, 59)
    )
    with django_assert_num_queries(7):  # session, user, two for permissions; minutes, the newest rows, instances
        page = manager_client.get(PAGE)
    assert [len(section.hour.instances) for section in page.context["sections"]] == [count] * 3
