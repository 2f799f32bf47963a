"""Unit tests of `cafe.caching.snapshot_cache`. Each pytest worker has its own Redis."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError

from cafe.caching.breaker import BREAKER
from cafe.caching.cached_value import CachedValue, Version
from cafe.caching.counters import METERS
from cafe.caching.snapshot_cache import SnapshotCache
from tests.cafe.caching.shelf import needs_redis


class Shelf:
    """A fake table with a version; `snapshot()` returns a snapshot of it, as each process has one."""

    def __init__(self) -> None:
        self.name = f"test-{secrets.token_hex(4)}"
        self.version: Version | None = Version("e1", 1)
        self.rows = "one"
        self.looks = self.builds = 0
        self.is_away = False
        self.while_building: Callable[[], None] = lambda: None

    def read_version(self, using: str) -> Version | None:
        self.looks += 1
        if self.is_away:
            raise OperationalError(2002, "away")
        return self.version

    def build(self, using: str) -> str:
        if self.is_away:
            raise OperationalError(2002, "away")
        self.builds += 1
        rows = self.rows
        self.while_building()
        return rows

    @contextmanager
    def consistent_read(self, using: str) -> Iterator[None]:
        self.while_building, while_building = lambda: None, self.while_building
        yield
        self.while_building = while_building

    def write(self, rows: str, **version: Any) -> None:
        assert self.version is not None
        self.rows = rows
        self.version = Version(**{"epoch": self.version.epoch, "number": self.version.number + 1, **version})

    def snapshot(self, dump: Callable[[str], Any] = str, load: Callable[[Any], str] = str) -> "SnapshotCache[str]":
        snapshot = SnapshotCache(
            self.name,
            schema="s",
            read_version=self.read_version,
            build=self.build,
            dump=dump,
            load=load,
            consistent_read=self.consistent_read,
        )
        METERS.pop(self.name)
        return snapshot


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def grow_old(held: "CachedValue[Any]", age_s: float) -> None:
    held.seen(age_s)


def test_what_is_held_is_read_once_and_looked_at_again(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    assert [snapshot.current().value for _time in range(3)] == ["one"] * 3
    assert (shelf.builds, shelf.looks) == (1, 4)  # the first read checks the version before and after
    assert (snapshot.meter.hits, snapshot.meter.misses, snapshot.meter.builds) == (2, 1, 1)


def test_a_new_version_is_read_and_the_previous_one_kept_for_its_pages(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    old = snapshot.current()
    old.made["page"] = b"old"
    shelf.write("two")
    assert (snapshot.current().value, snapshot.current().made) == ("two", {})
    assert snapshot.previous is old


def test_rows_without_a_new_version_are_not_read_again(shelf: Shelf) -> None:
    """Control for the version: a write that does not bump it stays unseen."""
    snapshot = shelf.snapshot()
    snapshot.current()
    shelf.rows = "two"
    assert snapshot.current().value == "one"


def test_what_is_besides_changes_without_reading_the_rows(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    old = snapshot.current()
    shelf.version = Version("e1", 1, frozenset({7}))
    new = snapshot.current()
    assert (new.value, new.version, new is old, shelf.builds) == ("one", shelf.version, False, 1)


def test_it_never_goes_backwards_within_an_epoch_and_a_new_epoch_begins_anew(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    shelf.write("nine", number=9)
    held = snapshot.current()
    shelf.write("restored", number=4)
    grow_old(held, 60)
    assert (snapshot.current().value, held.as_of is not None) == ("nine", True)
    shelf.write("restored", number=5, epoch="e2")
    assert (snapshot.current().value, snapshot.current().as_of) == ("restored", None)


def test_rows_that_change_while_they_are_read_are_read_again(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()

    def write_once() -> None:
        shelf.while_building = lambda: None
        shelf.write("two")

    shelf.while_building = write_once
    held = snapshot.current()
    assert (held.value, held.version, shelf.builds) == ("two", Version("e1", 2), 2)


def test_rows_that_change_at_every_read_are_read_at_one_moment(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    shelf.while_building = lambda: shelf.write(shelf.rows + "+")
    held = snapshot.current()
    assert (held.version, held.value) == (shelf.version, shelf.rows)
    assert shelf.builds == SnapshotCache.MAX_OPTIMISTIC_BUILDS + 1


def test_inside_a_transaction_nothing_is_kept(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    shelf.version = None
    assert [snapshot.current().value for _time in range(2)] == ["one", "one"]
    assert (snapshot.held, shelf.builds) == (None, 2)


def test_with_the_database_away_what_is_held_is_shown_and_grows_old(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    held = snapshot.current()
    shelf.is_away = True
    assert (snapshot.current() is held, held.as_of) == (True, None)
    assert isinstance(snapshot.failure, OperationalError)
    grow_old(held, 5.1)
    since = held.as_of
    assert since is not None
    assert snapshot.current().as_of == since
    shelf.is_away = False
    assert (snapshot.current() is held, held.as_of, snapshot.failure) == (True, None, None)


def test_with_nothing_to_show_the_failure_is_raised(shelf: Shelf) -> None:
    shelf.is_away = True
    snapshot = shelf.snapshot()
    for _time in range(2):
        with pytest.raises(OperationalError):
            snapshot.current()


def test_a_crowd_at_an_empty_process_reads_once(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    go = threading.Event()
    shelf.while_building = lambda: (go.wait(5), None)[1]
    found: list[str] = []
    crowd = [threading.Thread(target=lambda: found.append(snapshot.current().value)) for _one in range(20)]
    for one in crowd:
        one.start()
    go.set()
    for one in crowd:
        one.join()
    assert (found, shelf.builds) == (["one"] * 20, 1)


@needs_redis
def test_one_process_reads_and_another_takes_it_from_redis(shelf: Shelf) -> None:
    assert shelf.snapshot().current().value == "one"
    assert (shelf.snapshot().current().value, shelf.builds) == ("one", 1)


@needs_redis
def test_who_comes_second_shows_the_previous_version_until_the_first_has_read_it(shelf: Shelf) -> None:
    first, second = shelf.snapshot(), shelf.snapshot()
    first.current(), second.current()
    shelf.write("two")
    seen: list[tuple[str, bool]] = []
    shelf.while_building = lambda: seen.append((second.refresh().value, second.is_waiting_for_build))
    assert first.refresh().value == "two"
    assert seen == [("one", True)]
    assert (second.refresh().value, second.is_waiting_for_build, shelf.builds) == ("two", False, 2)


@needs_redis
def test_the_second_does_not_wait_for_a_first_that_never_comes_back(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    snapshot.current()
    shelf.write("two")
    assert caches["guarded"].add(f"{shelf.name}:s:e1:2:builds", 1, timeout=60)  # claimed, then killed
    assert snapshot.refresh().value == "one"
    snapshot._waits_until -= SnapshotCache.BUILD_WAIT_S
    assert (snapshot.refresh().value, snapshot.is_waiting_for_build) == ("two", False)


@needs_redis
def test_who_needs_it_at_once_waits_for_nobody(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    snapshot.current()
    shelf.write("two")
    assert caches["guarded"].add(f"{shelf.name}:s:e1:2:builds", 1, timeout=60)
    assert snapshot.current_revalidated().value == "two"


@needs_redis
def test_a_process_that_starts_with_the_database_away_shows_the_last_known(shelf: Shelf) -> None:
    shelf.version = Version("e1", 1, frozenset({7}))
    shelf.snapshot().current()
    shelf.is_away = True
    held = shelf.snapshot().current()
    assert (held.value, held.version) == ("one", shelf.version)
    assert 0 <= held.age_s < 5
    shelf.is_away = False
    shelf.write("two")
    assert shelf.snapshot().current().value == "two"


@needs_redis
@pytest.mark.parametrize(
    "garbage",
    [
        b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00C\x01x\x94.",  # a pickle
        b"\xff\xfe\x00garbage",
        b"{",
        b"[" * 100_000,
        b"5",
        b"null",
        b'"text"',
        b'{"text": "\\"other\\"", "sum": "0"}',
        b'{"text": "\\ud800", "sum": "0"}',
        b'{"text": 5, "sum": "0"}',
        b'{"text": "1"}',
        b"[1, 2]",
    ],
)
def test_garbage_under_our_keys_is_a_miss(shelf: Shelf, garbage: bytes) -> None:
    shelf.snapshot().current()
    redis = caches["guarded"].client.get_client()
    keys = list(redis.scan_iter(f"*{shelf.name}*"))
    assert len(keys) == 2
    for key in keys:
        redis.set(key, garbage)
    assert (shelf.snapshot().current().value, shelf.builds) == ("one", 2)
    redis.set(next(key for key in keys if key.endswith(b"latest")), garbage)
    shelf.is_away = True
    with pytest.raises(OperationalError):
        shelf.snapshot().current()
    assert BREAKER.state == "closed"


@needs_redis
def test_a_whole_value_of_another_shape_is_a_miss(shelf: Shelf) -> None:
    shelf.snapshot(dump=lambda rows: {"rows": rows}).current()
    other = shelf.snapshot(load=lambda kept: kept["other field"])
    assert (other.current().value, shelf.builds) == ("one", 2)


@needs_redis
def test_a_redis_that_lost_the_menu_has_it_again_soon(shelf: Shelf) -> None:
    snapshot = shelf.snapshot()
    snapshot.current()
    redis = caches["guarded"].client.get_client()
    for key in redis.scan_iter(f"*{shelf.name}*"):
        redis.delete(key)
    snapshot.write_to_redis_if_due()
    assert not list(redis.scan_iter(f"*{shelf.name}*"))
    snapshot._write_due_at -= SnapshotCache.REDIS_WRITE_INTERVAL_S
    snapshot.write_to_redis_if_due()
    assert len(list(redis.scan_iter(f"*{shelf.name}*"))) == 2


@needs_redis
def test_nothing_is_kept_for_ever_and_no_two_expire_together(shelf: Shelf) -> None:
    lives = set()
    redis = caches["guarded"].client.get_client()
    for version in range(5):
        shelf.write("rows", number=version + 10)
        shelf.snapshot().current()
        lives.add(redis.pttl(next(iter(redis.scan_iter(f"*{shelf.name}:s:e1:{version + 10}")))))
    assert len(lives) == 5
    assert 0.9 * 24 * 3600_000 - 5000 < min(lives) <= max(lives) <= 1.1 * 24 * 3600_000
