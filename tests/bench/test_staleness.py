"""The staleness that `bench.cache` computes, from the moment the write has returned."""

from bench.cache_comparison.staleness import Change, Read, Staleness, judge, judge_bursts
from bench.harness.load import Load, read

CHANGES = [Change("1001.50", 10.0), Change("1002.50", 20.0), Change("1003.50", 20.1)]


def test_the_price_before_is_right_until_the_write_has_returned() -> None:
    reads = [Read(15.0, "1001.50"), Read(19.9, "1002.50"), Read(20.0, "1001.50"), Read(30.0, "1003.50")]
    assert judge(reads, CHANGES) == Staleness(checked=4, old=0, beyond=0, oldest_s=0.0, is_open=False)


def test_an_old_price_is_as_old_as_the_write_that_replaced_it_first() -> None:
    reads = [Read(21.0, "1001.50"), Read(22.6, "1002.50"), Read(22.7, "1003.50")]
    assert judge(reads, CHANGES) == Staleness(checked=3, old=2, beyond=1, oldest_s=2.5, is_open=False)


def test_what_is_old_at_the_last_look_may_get_older() -> None:
    assert judge([Read(20.5, "1002.50")], CHANGES).is_open


def test_a_burst_ended_stale_if_a_read_after_it_was_beyond_the_bound() -> None:
    bursts = [CHANGES[0], CHANGES[2]]
    assert judge_bursts([Read(22.0, "1002.50")], CHANGES, bursts) == {"bursts": 2, "bursts_old": 0}
    late = [Read(22.2, "1002.50"), Read(22.3, "1002.50")]
    assert judge_bursts(late, CHANGES, bursts) == {"bursts": 2, "bursts_old": 1}


def test_answers_other_than_200_and_lost_connections_have_failed() -> None:
    assert read("  12 requests in 2.00s, 1MB read") == Load(12, 2.0, 0)
    words = "  Socket errors: connect 0, read 1, write 0, timeout 2\n  Non-2xx or 3xx responses: 3\n"
    assert read(f"  12 requests in 500.00ms, 1MB read\n{words}") == Load(12, 0.5, 6)


def test_h2load_is_read_too() -> None:
    words = (
        "finished in 1.00s, 6000.00 req/s, 500MB/s\n"
        "requests: 6000 total, 6016 started, 6000 done, 5999 succeeded, 1 failed, 0 errored, 0 timeout\n"
    )
    assert read(words) == Load(5999, 1.0, 1)
