"""The page /admin/cache/: its figures, its chart, and its number of database queries."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from cafe.cache_stats.chart import ASKED_HEIGHT, MIN_SEEN, RATIO_HEIGHT, Chart, chart_of, round_top
from cafe.cache_stats.last_hour import MINUTE, CacheHour, Minute, last_hour
from cafe.cache_stats.recorder import Counts
from cafe.templatetags.caches import age, percent
from tests.cafe.cache_page.page import wrote

pytestmark = pytest.mark.django_db


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


def hour_of(*minutes: Counts) -> CacheHour:
    """Return an hour that ends with these minutes; the earlier minutes have no requests."""
    counts = [Counts()] * (60 - len(minutes)) + list(minutes)
    first = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    return CacheHour("pages", [Minute(first + MINUTE * number, counted) for number, counted in enumerate(counts)], [])


# The chart


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


def test_an_hour_is_sixty_minutes_that_end_with_the_running_one(manager_client: Client) -> None:
    row = wrote(hits=1)
    (hour,) = last_hour(timezone.now())
    assert len(hour.minutes) == 60
    assert hour.minutes[-1] == Minute(row.minute, Counts(1)) or hour.minutes[-2] == Minute(row.minute, Counts(1))
    assert hour.minutes[0].at == hour.minutes[-1].at - 59 * MINUTE
