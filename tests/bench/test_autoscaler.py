"""The autoscaler of the elastic stage, with the numbers of our manifest: 2 to 10 pods, 50 % of 250m."""

from bench.autoscaler import Autoscaler, manifest

NUMBERS = manifest()
BUSY, CALM, IDLE = 0.25, 0.125, 0.01  # cores: all that a pod requests, the target, nothing


def scaler(replicas: int) -> Autoscaler:
    return Autoscaler(NUMBERS, replicas)


def test_the_numbers_are_the_manifests() -> None:
    assert (NUMBERS.least, NUMBERS.most, NUMBERS.target_percent, NUMBERS.request_cores) == (2, 10, 50, 0.25)
    assert (NUMBERS.up_window_s, NUMBERS.down_window_s) == (0, 300)


def test_pods_at_twice_the_target_are_doubled() -> None:
    assert scaler(3).decide(0, [BUSY] * 3) == 6


def test_within_a_tenth_of_the_target_nothing_changes() -> None:
    assert scaler(3).decide(0, [CALM * 1.09] * 3) == 3
    assert scaler(3).decide(0, [CALM * 1.11] * 3) == 4


def test_no_more_than_doubled_in_15_s_and_never_more_than_the_most() -> None:
    one = scaler(2)
    assert one.decide(0, [1.0] * 2) == 4
    assert one.decide(10, [1.0] * 4) == 4
    assert one.decide(16, [1.0] * 4) == 8
    assert one.decide(32, [1.0] * 8) == 10


def test_pods_that_are_not_ready_count_as_idle() -> None:
    assert scaler(4).decide(0, [BUSY] * 2, unready=2) == 4


def test_pods_go_only_when_nobody_wanted_them_for_five_minutes_and_half_at_a_time() -> None:
    one = scaler(8)
    assert one.decide(0, [CALM] * 8) == 8
    assert one.decide(150, [IDLE] * 8) == 8
    assert one.decide(299, [IDLE] * 8) == 8
    assert one.decide(301, [IDLE] * 8) == 4
    assert one.decide(330, [IDLE] * 4) == 4
    assert one.decide(362, [IDLE] * 4) == 2
    assert one.decide(500, [IDLE] * 2) == 2


def test_a_quicker_run_divides_every_wait_and_nothing_else() -> None:
    quick = NUMBERS.quicker(10)
    assert (quick.sync_s, quick.down_window_s, quick.up[0].period_s, quick.readiness_period_s) == (1.5, 30, 1.5, 0.5)
    assert (quick.least, quick.most, quick.target_percent, quick.up[0].value) == (2, 10, 50, 100)
