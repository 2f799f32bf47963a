"""The ratio table: each module measures the rows of one subject, with the rounds and seconds of a `Plan`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float  # duration of one side of one round
    orders: int  # rows of the large orders table (ten million in the full run)
    requests: int  # total requests of the memory row
    starts: int  # measured starts of an instance, to its first answer


FULL = Plan(rounds=5, seconds=3, orders=10_000_000, requests=100_000, starts=7)
QUICK = Plan(rounds=2, seconds=1, orders=1_000_000, requests=5_000, starts=2)
