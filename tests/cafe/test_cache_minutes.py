"""The cache counters of a process are added to each minute's row, whatever the database does meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from cafe.cache_stats import recorder
from cafe.cache_stats.recorder import MinuteWriter, instance_name, start_of_minute
from cafe.caching.breaker import Breaker
from cafe.caching.counters import METERS, Meter
from cafe.models import CacheMinute
from cafe.serving.menu_poller import ALIAS
from menu.catalogue.current import MENU
from menu.versioning.querysets import MenuVersion, bump_menu

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", ALIAS])

TABLE = CacheMinute._meta.db_table


class Process:
    """One process of an instance: its meter "pages", and a writer whose clock advances at each `write`."""

    def __init__(self, name: str = "pages") -> None:
        self.meter, self.now_s = Meter(name), 1000.0
        self.writer = MinuteWriter({name: self.meter}, clock=lambda: self.now_s)

    def write(self, after_s: float = MinuteWriter.EVERY_S) -> None:
        self.now_s += after_s
        self.writer()


@pytest.fixture(autouse=True)
def _a_minute_lasts_as_long_as_a_test() -> None:
    if (second := timezone.now().second) > 55:
        time.sleep(60 - second)


@pytest.fixture(autouse=True)
def _meters_and_menu_are_put_back() -> Iterator[None]:
    meters, held = dict(METERS), MENU.held
    yield
    METERS.clear()
    METERS.update(meters)
    MENU.held = held


def counted() -> list[tuple[int, int, int]]:
    return list(CacheMinute.objects.order_by("minute").values_list("hits", "misses", "builds"))


def test_two_processes_of_a_program_add_into_one_row() -> None:
    one, other = Process(), Process()
    one.meter.count(hits=10, misses=2, builds=1)
    other.meter.count(hits=5)
    one.write()
    other.write()
    assert counted() == [(15, 2, 1)]
    one.meter.count(hits=1)
    other.meter.count(misses=1)
    other.write()
    one.write()
    assert counted() == [(16, 3, 1)]
    row = CacheMinute.objects.get()
    assert (row.program, row.cache, row.minute) == (instance_name(), "pages", start_of_minute(row.written_at))


def test_each_cache_and_each_program_has_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("bar-1", "bar-2"):
        monkeypatch.setenv("HOSTNAME", host)
        monkeypatch.setenv("PORT", "8123")
        for cache in ("pages", "orders"):
            Process(cache).write()
    assert set(CacheMinute.objects.values_list("program", "cache")) == {
        (program, cache) for program in ("bar-1:8123", "bar-2:8123") for cache in ("pages", "orders")
    }


def test_it_writes_at_its_first_step_and_then_every_ten_seconds() -> None:
    process = Process()
    process.write(0)
    assert counted() == [(0, 0, 0)]
    process.meter.count(hits=3)
    process.write(7.9)
    assert counted() == [(0, 0, 0)]
    process.write(2.1)
    assert counted() == [(3, 0, 0)]


def test_a_step_that_is_not_due_asks_nothing(django_assert_num_queries: Any) -> None:
    process = Process()
    process.write()
    with django_assert_num_queries(0, connection=connections[ALIAS]):
        process.write(1)


def test_a_write_is_one_statement_for_a_cache(django_assert_num_queries: Any) -> None:
    process = Process()
    process.write()
    with django_assert_num_queries(1, connection=connections[ALIAS]) as captured:
        process.write()
    assert captured[0]["sql"].startswith("UPDATE")


def test_the_process_that_comes_second_to_a_new_minute_adds_to_the_row() -> None:
    """Another process commits the row between this one's UPDATE, which found no row, and its INSERT."""
    one, other = Process(), Process()
    one.meter.count(hits=1)
    other.meter.count(hits=2, misses=1)
    raced = []

    def other_comes_first(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.startswith("INSERT") and not raced:
            raced.append(sql)
            elsewhere(other.write)
        return execute(sql, *arguments)

    with connections[ALIAS].execute_wrapper(other_comes_first):
        one.write()
    assert raced
    assert counted() == [(3, 1, 0)]
    one.write()
    assert counted() == [(3, 1, 0)]


def elsewhere(call: Callable[[], None]) -> None:
    """Call the function in a new thread, which has its own database connections."""

    def run() -> None:
        try:
            call()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def table_away() -> Iterator[Callable[[], None]]:
    """Rename the table, as if the migrations had not run; yields a function that renames it back."""
    rename(TABLE, "away")
    is_away = True

    def bring_back() -> None:
        nonlocal is_away
        if is_away:
            rename("away", TABLE)
            is_away = False

    yield bring_back
    bring_back()


def rename(old: str, new: str) -> None:
    with connection.schema_editor() as editor:
        editor.alter_db_table(CacheMinute, old, new)


def test_what_could_not_be_written_is_written_later(
    table_away: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    process = Process()
    for _step in range(3):
        process.meter.count(hits=2, misses=1)
        process.write()
    assert [record.levelname for record in caplog.records if record.name == "cafe.cache_minutes"] == ["WARNING"]
    table_away()
    process.meter.count(hits=1)
    process.write()
    assert counted() == [(7, 3, 0)]
    process.write()
    assert counted() == [(7, 3, 0)]


@pytest.mark.needs_mariadb
def test_a_row_that_is_locked_holds_the_poller_for_a_second_at_most() -> None:
    process = Process()
    process.write()
    process.meter.count(hits=4)
    with transaction.atomic():
        CacheMinute.objects.select_for_update().get()
        started = time.monotonic()
        elsewhere(process.write)
        assert time.monotonic() - started < 2.5
    assert counted() == [(0, 0, 0)]
    process.write()
    assert counted() == [(4, 0, 0)]


def test_the_menus_row_says_which_version_is_shown_and_how_old_it_is() -> None:
    bump_menu()
    held = MENU.refresh(using=ALIAS)
    MinuteWriter()()
    row = CacheMinute.objects.get(cache="menu")
    assert row.version == str(MenuVersion.objects.get())
    assert row.age_s == pytest.approx(held.age_s, abs=1)
    for other in CacheMinute.objects.exclude(cache="menu"):
        assert (other.version, other.age_s) == ("", None)


@pytest.mark.needs_redis
def test_a_row_says_how_the_breaker_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    breaker = Breaker()
    monkeypatch.setattr(recorder, "BREAKER", breaker)
    process = Process()
    process.write()
    assert CacheMinute.objects.get().breaker == "closed"
    for _error in range(Breaker.ERRORS):
        breaker.failed()
    process.write()
    assert CacheMinute.objects.get().breaker == "open"


# A day later


def row(age: timedelta, program: str = "bar") -> CacheMinute:
    at = timezone.now() - age
    return CacheMinute.objects.create(minute=at, program=program, cache="pages", hits=1, written_at=at)


def test_rows_over_a_day_old_are_deleted_of_every_program() -> None:
    young = [row(timedelta(minutes=5)), row(timedelta(hours=23, minutes=59))]
    row(timedelta(hours=24, minutes=1))
    row(timedelta(days=30), "gone")
    Process().write()
    left = CacheMinute.objects.exclude(program=instance_name())
    assert {kept.pk for kept in left} == {kept.pk for kept in young}


def test_old_rows_are_deleted_once_an_hour_and_a_part_at_a_time() -> None:
    process = Process()
    process.writer.MAX_DELETED = 10
    for minute in range(25):
        row(timedelta(days=2, minutes=minute))
    old = CacheMinute.objects.filter(program="bar")
    left = []
    for _step in range(4):
        process.write()
        left.append(old.count())
    assert left == [15, 5, 0, 0]
    row(timedelta(days=2))
    process.write()
    assert old.count() == 1
    process.write(after_s=4000)
    assert old.count() == 0
