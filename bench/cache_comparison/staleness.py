"""Compute the staleness of answers: each read has the price it showed, each change the time of its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BOUND_S = 2.0  # the promise: every instance shows a change within two seconds


@dataclass(frozen=True)
class Change:
    """A price, and when (s, monotonic clock) its write had returned: committed, and the library invalidated."""

    price: str
    committed_at: float


@dataclass(frozen=True)
class Read:
    """When (s, monotonic clock) a request for the page began, and the price that its answer showed."""

    began_at: float
    price: str


@dataclass(frozen=True)
class Staleness:
    """The staleness of a list of reads. `old`: reads that began after a commit and showed the price before it;
    `beyond`: those that began more than BOUND_S after. `oldest_s`: the longest time after a commit at which such a
    read began; only a lower limit when the last read was stale too (`is_open`)."""

    checked: int
    old: int
    beyond: int
    oldest_s: float
    is_open: bool


def ages(reads: Sequence[Read], changes: Sequence[Change]) -> list[float]:
    """Return for each read how long (s) its price had been replaced when the read began; 0 for the current price.

    `changes` is the complete list, in order: each replaces the one before.
    """
    replaced_at = {old.price: new.committed_at for old, new in pairwise(changes)}
    return [max(0.0, read.began_at - replaced_at.get(read.price, read.began_at)) for read in reads]


def judge(reads: Sequence[Read], changes: Sequence[Change]) -> Staleness:
    found = ages(reads, changes)
    return Staleness(
        checked=len(found),
        old=sum(age > 0 for age in found),
        beyond=sum(age > BOUND_S for age in found),
        oldest_s=round(max(found, default=0.0), 3),
        is_open=bool(found) and found[-1] > 0,
    )


def judge_bursts(reads: Sequence[Read], changes: Sequence[Change], last: Sequence[Change]) -> dict[str, int]:
    """Return the number of bursts of changes, and of those followed by a read stale beyond BOUND_S. `last` are the
    bursts' last changes; a read belongs to the latest burst that had ended when it began."""
    late = [read for read, age in zip(reads, ages(reads, changes), strict=True) if age > BOUND_S]
    of_bursts = {sum(change.committed_at <= read.began_at for change in last) for read in late}
    return {"bursts": len(last), "bursts_old": len(of_bursts - {0})}
