"""The table of ratios: each module measures the rows of one subject, as long and as often as a `Plan` says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float  # of one side of one round
    orders: int  # a large table, in place of ten million
    requests: int  # before memory is looked at again
    starts: int  # of a program, to the first answer


FULL = Plan(rounds=5, seconds=3, orders=10_000_000, requests=100_000, starts=7)
QUICK = Plan(rounds=2, seconds=1, orders=1_000_000, requests=5_000, starts=2)
