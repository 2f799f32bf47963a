"""The page /admin/cache/: its permissions, its contents, and its number of database queries."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from cafe.cache_stats.chart import ASKED_HEIGHT, MIN_SEEN, RATIO_HEIGHT, Chart, chart_of, round_top
from cafe.cache_stats.last_hour import MINUTE, CacheHour, Minute, last_hour
from cafe.cache_stats.recorder import Counts, instance_name, start_of_minute
from cafe.caching.values import STALE_AFTER_S
from cafe.models import CacheMinute
from cafe.templatetags.caches import age, percent
from tests.harness.factories import barista, manager

pytestmark = pytest.mark.django_db

PAGE = "/admin/cache/"


def client_of(user: User | None, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


def wrote(program: str = "bar-1:8000", cache: str = "pages", *, minutes_ago: int = 0, **fields: Any) -> CacheMinute:
    """Write a minute's row as an instance does; `written_at` is the minute's end, or now for the current minute."""
    now = timezone.now()
    minute = start_of_minute(now) - MINUTE * minutes_ago
    written_at = min(minute + timedelta(seconds=59), now)
    fields = {"hits": 0, "misses": 0, "written_at": written_at} | fields
    return CacheMinute.objects.create(minute=minute, program=program, cache=cache, **fields)


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


def test_one_who_is_no_longer_staff_is_led_to_the_login(boss: Client) -> None:
    User.objects.update(is_staff=False)
    assert boss.get(PAGE).status_code == 302


def test_both_groups_of_staff_and_a_superuser_see_it() -> None:
    for user in (barista(), manager(), User.objects.create_superuser("root")):
        assert client_of(user).get(PAGE).status_code == 200


def test_every_page_of_the_admin_leads_to_it_those_who_may_see_it() -> None:
    assert f'href="{PAGE}"' in client_of(manager()).get("/admin/").content.decode()
    visitor = User.objects.create_user("visitor", is_staff=True)
    assert f'href="{PAGE}"' not in client_of(visitor).get("/admin/").content.decode()


def test_the_page_is_never_kept_by_a_cache(boss: Client) -> None:
    response = boss.get(PAGE)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_the_page_is_read_and_nothing_else(boss: Client) -> None:
    assert boss.head(PAGE).status_code == 200
    assert Client(headers={"sec-fetch-site": "same-origin"}).post(PAGE).status_code == 302
    assert boss.post(PAGE, headers={"sec-fetch-site": "same-origin"}).status_code == 405


# Contents


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_before_anything_was_counted_it_says_so_kindly(language: str) -> None:
    page = client_of(manager(), language).get(PAGE)
    assert page.status_code == 200
    assert b"caches__empty" in page.content
    assert b"<svg class" not in page.content


def test_it_sums_each_cache_over_its_programs_and_minutes(boss: Client) -> None:
    for minutes_ago in (0, 1, 59):
        wrote("bar-1:8000", hits=1000, misses=1, builds=1, minutes_ago=minutes_ago)
        wrote("bar-2:8000", hits=500, minutes_ago=minutes_ago)
    wrote("bar-1:8000", hits=7, minutes_ago=60)  # over an hour ago
    wrote("bar-1:8000", "orders", hits=3, misses=1)
    page = boss.get(PAGE)
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


def test_it_says_how_each_program_stands(boss: Client) -> None:
    wrote("bar-1:8000", "menu", version="3f2a9c0d.42", age_s=0.34, breaker="closed", minutes_ago=1)
    wrote("bar-1:8000", "menu", version="3f2a9c0d.43", age_s=0.5, breaker="half-open")
    wrote("bar-2:8000", "menu", version="3f2a9c0d.41", age_s=STALE_AFTER_S + 68.4, breaker="open")
    wrote("bar-3:8000", "menu", version="3f2a9c0d.43", age_s=0.1, breaker="")
    page = boss.get(PAGE)
    assert [[row[0], *row[6:9]] for row in rows_of(page, 0)] == [
        ["bar-1:8000", "43 (3f2a)", "0.5 s", "half-open"],
        ["bar-2:8000", "41 (3f2a)", "73 s", "open"],
        ["bar-3:8000", "43 (3f2a)", "0.1 s", "no Redis"],
    ]
    words = text_of(page)
    assert "2 programs do not ask Redis at the moment" in words
    assert "1 program shows a menu older than five seconds: it cannot read the database. bar-2:8000" in words
    assert "Every menu is current" not in words


def test_when_all_is_well_it_says_so(boss: Client) -> None:
    wrote("bar-1:8000", "menu", version="3f2a.42", age_s=0.3, breaker="closed")
    assert "1 program writes its numbers. Every menu is current and no breaker is open." in text_of(boss.get(PAGE))


def test_a_program_that_is_silent_for_two_minutes_is_shown_as_such(boss: Client) -> None:
    wrote("bar-0:8000", "menu", hits=9, version="3f2a.1", age_s=99, breaker="open", minutes_ago=4)
    for number, seconds in ((1, 110), (2, 125)):
        at = timezone.now() - timedelta(seconds=seconds)
        wrote(f"bar-{number}:8000", "menu", written_at=at, minutes_ago=2)
    page = boss.get(PAGE)
    rows = rows_of(page, 0)
    assert [row[0] for row in rows] == ["bar-1:8000", "bar-0:8000 silent", "bar-2:8000 silent"]
    assert (rows[1][1], rows[1][5:7]) == ("9", ["–", "–"])  # its counters stay; its state is unknown
    words = text_of(page)
    assert "2 programs have been silent for over two minutes." in words
    assert "bar-0:8000, bar-2:8000" in words
    assert "older than five seconds" not in words


def test_times_are_those_of_the_cafe(boss: Client) -> None:
    """Asia/Shanghai, eight hours ahead of UTC."""
    row = wrote(hits=1)
    page = boss.get(PAGE).content.decode()
    local = row.minute + timedelta(hours=8)
    assert f'<time datetime="{local:%Y-%m-%dT%H:%M:%S}+08:00">{local:%H:%M}</time>' in page


def test_this_process_tells_its_own_numbers(boss: Client) -> None:
    page = boss.get(PAGE)
    assert {here.name for here in page.context["here"]} >= {"menu", "orders"}
    assert instance_name() in text_of(page)


def test_it_refreshes_itself_unless_it_is_held_still(boss: Client) -> None:
    refreshes = '<noscript><meta http-equiv="refresh" content="30"></noscript>'
    assert refreshes in boss.get(PAGE).content.decode()
    assert refreshes not in boss.get(f"{PAGE}?still").content.decode()


def test_nothing_in_it_is_inline(boss: Client) -> None:
    wrote(hits=5, misses=1)
    body = boss.get(PAGE).content.decode()
    assert " style=" not in body
    assert "<style" not in body
    assert not re.search(r"<script(?![^>]*\bsrc=)", body)


def test_a_name_is_never_markup(boss: Client) -> None:
    wrote("<b>bar</b>:1", "<i>new</i>", version="<u>1</u>", breaker="<s>")
    body = boss.get(PAGE).content.decode()
    assert "<b>bar" not in body
    assert "<i>new" not in body
    assert "<u>1" not in body
    assert "<s>" not in body


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_takes_seven_queries_whatever_the_programs(
    boss: Client, django_assert_num_queries: Any, count: int
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
        page = boss.get(PAGE)
    assert [len(section.hour.programs) for section in page.context["sections"]] == [count] * 3


# The numbers


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (None, "–"),
        (0, "0.0%"),
        (0.289, "28.9%"),
        (2 / 3, "66.6%"),
        (0.99999, "99.9%"),
        (1 - 1e-8, "99.9%"),
        (1, "100%"),
    ],
)
def test_a_hundred_percent_is_only_where_nothing_is_missing(share: float | None, written: str) -> None:
    assert percent(share) == written


@pytest.mark.parametrize(
    ("age_s", "written"), [(None, "–"), (0.04, "0.0 s"), (9.9, "9.9 s"), (61.2, "61 s"), (7200, "120 min")]
)
def test_an_age_is_written_in_the_unit_that_fits(age_s: float | None, written: str) -> None:
    with override("en"):
        assert age(age_s) == written


# The chart


def hour_of(*minutes: Counts) -> CacheHour:
    """Return an hour that ends with these minutes; the earlier minutes have no requests."""
    counts = [Counts()] * (60 - len(minutes)) + list(minutes)
    first = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    return CacheHour("pages", [Minute(first + MINUTE * number, counted) for number, counted in enumerate(counts)], [])


@pytest.mark.parametrize(
    ("most", "top"), [(0, 10), (10, 10), (11, 20), (21, 50), (50, 50), (51, 100), (999, 1000), (1001, 2000)]
)
def test_an_axis_ends_at_a_round_number_whose_half_is_whole(most: int, top: int) -> None:
    assert round_top(most) == top
    assert top % 2 == 0


def test_bars_stand_on_the_ground_and_are_as_high_as_their_numbers() -> None:
    column = chart_of(hour_of(Counts(hits=75, misses=25))).columns[-1]
    assert (column.hits_y, column.hits_height) == ("104", "96")
    assert (column.misses_y, column.misses_height) == ("72", "32")
    assert column.is_running


def test_one_miss_among_a_million_hits_is_seen_and_the_bar_is_no_higher_for_it() -> None:
    column = chart_of(hour_of(Counts(hits=999_999, misses=1))).columns[-1]
    assert float(column.misses_height) == MIN_SEEN
    assert float(column.misses_height) + float(column.hits_height) == ASKED_HEIGHT


def test_the_line_has_a_gap_where_nobody_asked() -> None:
    chart = chart_of(hour_of(Counts(1, 1), Counts(1, 0), Counts(), Counts(0, 4)))
    assert chart.ratio_path == f"M56 {RATIO_HEIGHT // 2}H57L57 0H58M59 {RATIO_HEIGHT}H60"
    assert chart.worst is not None
    assert chart.worst.counts == Counts(0, 4)
    assert chart.busiest.counts == Counts(0, 4)


def test_an_hour_without_a_question_is_drawn_flat() -> None:
    chart: Chart = chart_of(hour_of())
    assert (chart.ratio_path, chart.most, chart.worst) == ("", 10, None)
    assert {column.hits_height for column in chart.columns} == {"0"}


def test_an_hour_is_sixty_minutes_that_end_with_the_running_one(boss: Client) -> None:
    row = wrote(hits=1)
    (hour,) = last_hour(timezone.now())
    assert len(hour.minutes) == 60
    assert hour.minutes[-1] == Minute(row.minute, Counts(1)) or hour.minutes[-2] == Minute(row.minute, Counts(1))
    assert hour.minutes[0].at == hour.minutes[-1].at - 59 * MINUTE
