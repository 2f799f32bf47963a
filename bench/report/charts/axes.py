"""The axes of a chart: their ends, and the round numbers at their ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.report.number_format import figure

MAX_STEPS = 5  # more labels would touch each other on a phone
MAX_MULTIPLES = 8
SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200)


@dataclass(frozen=True)
class Axis:
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    is_log: bool = False
    has_names: bool = False

    def share(self, value: float) -> float:
        """Return the value's position, from 0.0 at the low end to 1.0 at the high end; values outside are clamped."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, self.low))
        return min(max((value - low) / (high - low), 0.0), 1.0)


def from_zero(values: Sequence[float]) -> Axis:
    most = max(values, default=0)
    if most <= 0:
        return Axis(0, 1, [(0, "0"), (1, "1")])
    step = next(step for step in _round_figures(most / 100) if step * MAX_STEPS >= most)
    ticks = [step * number for number in range(math.ceil(round(most / step, 6)) + 1)]
    return Axis(0, ticks[-1], [(tick, _short(tick)) for tick in ticks])


def logarithmic(values: Sequence[float]) -> Axis:
    """Return a logarithmic axis. Zero, which it cannot hold, is drawn at its low end."""
    above = [value for value in values if value > 0]
    least, most = min(above, default=1), max(above, default=10)
    marks = [mark for mark in _round_figures(least / 10) if mark <= most * 10]
    low = max(mark for mark in marks if mark <= least * 1.000001)
    high = next((mark for mark in marks if mark >= most and mark > low), low * 10)
    inside = [mark for mark in marks if low <= mark <= high]
    decades = [mark for mark in inside if math.isclose(math.log10(mark) % 1, 0, abs_tol=1e-6)]
    shown = inside if len(inside) <= MAX_MULTIPLES else decades
    return Axis(low, high, [(mark, _short(mark)) for mark in shown], is_log=True)


def of_time(seconds: Sequence[float]) -> Axis:
    first, last = min(seconds, default=0), max(seconds, default=1)
    last = last if last > first else first + 1
    step = next((step for step in SECONDS if (last - first) / step <= MAX_STEPS), SECONDS[-1])
    ticks = [step * number for number in range(math.ceil(first / step), math.floor(last / step) + 1)]
    return Axis(first, last, [(tick, f"{tick / 60:g} min" if step >= 60 else f"{tick:g} s") for tick in ticks])


def of_names(names: Sequence[str]) -> Axis:
    """Return an axis with the names at equal distances, at 0, 1, 2 …"""
    return Axis(0, max(len(names) - 1, 1), list(enumerate(names)), has_names=True)


def _round_figures(least: float) -> list[float]:
    """Return 1, 2 and 5 times 16 powers of ten, from the power below `least` on."""
    power = math.floor(math.log10(least))
    return [float(f"{mantissa}e{exponent}") for exponent in range(power, power + 16) for mantissa in (1, 2, 5)]


def _short(value: float) -> str:
    return f"{value:g}" if value < 1 else figure(round(value, 6)).removesuffix(".0")
