"""Aggregate single answers, as a load generator logged them, to a report's tables and curves, without estimates."""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from bench.figures import Curve, Table

KB = 1024  # as in JMeter, which made the load reports that our tables follow


class Sample(NamedTuple):
    at_s: float  # when it was answered, since the load began
    took_ms: float
    ok: bool
    received_bytes: int = 0


def table(samples: Sequence[Sample], seconds: float, received_bytes: int, sent_bytes: int) -> Table:
    """Return the columns of the load reports. Times include errors, as in those reports; the throughput excludes
    them. Without a sample every column is 0."""
    if not samples:
        return Table(0, *[0.0] * 11)
    times = sorted(sample.took_ms for sample in samples)
    good = sum(sample.ok for sample in samples)
    return Table(
        samples=len(samples),
        mean_ms=fmean(times),
        median_ms=percentile(times, 50),
        p90_ms=percentile(times, 90),
        p95_ms=percentile(times, 95),
        p99_ms=percentile(times, 99),
        min_ms=times[0],
        max_ms=times[-1],
        errors_percent=100 * (len(samples) - good) / len(samples),
        throughput=good / seconds,
        received_kb_s=received_bytes / KB / seconds,
        sent_kb_s=sent_bytes / KB / seconds,
    )


def curve(samples: Iterable[Sample], seconds: float, bin_s: float = 1.0) -> Curve:
    """Return the time line of `seconds` in bins of `bin_s`; the last may be shorter. Times exclude errors. Answers
    before 0 or after `seconds` are left out."""
    count = math.ceil(round(seconds / bin_s, 6))
    times: list[list[float]] = [[] for _ in range(count)]
    errors = [0] * count
    for sample in samples:
        if not 0 <= sample.at_s < seconds:
            continue
        index = min(int(sample.at_s / bin_s), count - 1)
        if sample.ok:
            times[index].append(sample.took_ms)
        else:
            errors[index] += 1
    line = Curve()
    for index, some in enumerate(times):
        some.sort()
        width = min(bin_s, seconds - index * bin_s)
        line.at_s.append(round(index * bin_s, 6))
        line.throughput.append(len(some) / width)
        line.median_ms.append(percentile(some, 50) if some else None)
        line.p95_ms.append(percentile(some, 95) if some else None)
        line.errors.append(errors[index] / width)
    return line


def percentile(times: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of the sorted `times`: a measured value, without interpolation."""
    return times[max(0, math.ceil(len(times) * percent / 100) - 1)]
