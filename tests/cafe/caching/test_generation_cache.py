"""Unit tests of `cafe.caching.generation_cache`. Each pytest worker has its own Redis."""

import secrets
import time
from dataclasses import replace

import pytest
from django.core.cache import caches

from cafe.caching.breaker import BREAKER
from cafe.caching.counters import METERS
from cafe.caching.generation_cache import GenerationCache
from tests.cafe.caching.shelf import needs_redis


@pytest.fixture
def recent() -> GenerationCache:
    recent = GenerationCache(f"test-{secrets.token_hex(4)}")
    METERS.pop(recent.meter.name)
    return recent


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_an_answer_is_kept_until_it_is_forgotten(recent: GenerationCache) -> None:
    answers = iter(["one", "two", "three"])
    assert [recent.get(lambda: next(answers)) for _time in range(3)] == ["one"] * 3
    recent.invalidate()
    assert [recent.get(lambda: next(answers)) for _time in range(3)] == ["two"] * 3
    assert (recent.meter.hits, recent.meter.misses) == (4, 2)


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_what_was_read_before_a_commit_is_not_kept_after_it(recent: GenerationCache) -> None:
    """The reader was paused between SELECT and SET while a writer committed."""

    def read_while_a_writer_commits() -> str:
        recent.invalidate()
        return "old"

    assert recent.get(read_while_a_writer_commits) == "old"
    assert recent.get(lambda: "new") == "new"


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_lost_generation_makes_nothing_old_current(recent: GenerationCache) -> None:
    assert recent.get(lambda: "old") == "old"
    redis = caches["guarded"].client.get_client()
    redis.delete(*redis.scan_iter(f"*{recent.meter.name}:generation"))  # evicted
    assert recent.get(lambda: "new") == "new"


@needs_redis
@pytest.mark.django_db
def test_inside_a_transaction_an_answer_is_not_kept(recent: GenerationCache) -> None:
    answers = iter(["one", "two"])
    assert [recent.get(lambda: next(answers)) for _time in range(2)] == ["one", "two"]


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_what_a_process_keeps_is_current_until_it_is_forgotten_or_its_seconds_are_over(
    recent: GenerationCache,
) -> None:
    kept = recent.fetch(lambda: "one")
    from_redis = recent.fetch(lambda: "two")
    assert (from_redis.value, recent.is_current(kept), recent.is_current(from_redis)) == ("one", True, True)
    assert from_redis.good_until <= kept.good_until + 0.2  # jitter
    assert not recent.is_current(replace(kept, good_until=time.monotonic()))
    recent.invalidate()
    assert not recent.is_current(kept)
    assert (recent.meter.hits, recent.meter.misses) == (3, 1)


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_redis_closed_and_garbage_for_a_generation_are_no_error(recent: GenerationCache) -> None:
    kept = recent.fetch(lambda: "one")
    redis = caches["guarded"].client.get_client()
    redis.client_kill_filter(_type="normal", skipme=True)
    assert recent.is_current(kept)
    (key,) = redis.scan_iter(f"*{recent.meter.name}:generation")
    for garbage in (b"", b"garbage", b'"0123456789abcdeg"', b"9" * 5000):
        redis.set(key, garbage)
        assert not recent.is_current(kept)
        assert recent.fetch(lambda: "two").generation is None
    assert BREAKER.state == "closed"
