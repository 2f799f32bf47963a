"""Unit tests of the circuit breaker of `cafe.caching`. Each pytest worker has its own Redis."""

from cafe.caching.breaker import Breaker


def test_the_breaker_opens_after_five_errors_in_a_row_for_two_seconds() -> None:
    now = [100.0]
    breaker = Breaker(clock=lambda: now[0])
    for _error in range(4):
        breaker.failed()
    breaker.succeeded()
    for _error in range(4):
        breaker.failed()
        assert (breaker.state, breaker.allows()) == ("closed", True)
    breaker.failed()
    assert (breaker.state, breaker.allows()) == ("open", False)
    now[0] += 1.99
    assert (breaker.state, breaker.allows()) == ("open", False)


def test_then_one_call_tries_and_the_others_wait_for_it() -> None:
    now = [100.0]
    breaker = Breaker(clock=lambda: now[0])
    for _error in range(5):
        breaker.failed()
    now[0] += 2
    assert breaker.state == "half-open"
    assert [breaker.allows() for _call in range(3)] == [True, False, False]
    breaker.failed()
    assert (breaker.state, breaker.allows()) == ("open", False)
    now[0] += 2
    assert breaker.allows()
    breaker.succeeded()
    assert (breaker.state, breaker.allows(), breaker.allows()) == ("closed", True, True)
