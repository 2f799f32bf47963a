"""Measure two sides alternately, A/B/A/B, so that other work of the machine affects both, and decide the verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.figures import Row, Side, Verdict

SURE_PERCENT = 10  # a row with a larger spread between its rounds is INCONCLUSIVE
MANY_ROUNDS = 5
BUSY_PERCENT = 80  # above this CPU the generator is the bottleneck: not valid


@dataclass
class Measure:
    """The figures of one side in one round. `cpu_us` is the CPU time per answer, by part."""

    value: float
    cpu_us: dict[str, float] = field(default_factory=dict)
    generator_percent: float = 0.0
    failed: int = 0
    answers: int = 0


@dataclass(frozen=True)
class Work:
    """The two sides of a row, and its target ratio."""

    key: str
    work: str
    against: str
    target: float
    at_least: bool = True
    unit: str = "/s"
    ours: str = "ours"
    theirs: str = "theirs"
    ratio_unit: str = "×"


def compare(work: Work, ours: Callable[[], Measure], theirs: Callable[[], Measure], *, rounds: int) -> Row:
    """Return the row of `ours` against `theirs`, measured alternately, `rounds` times each."""
    theirs(), ours()  # an unmeasured round: both sides fill their caches
    pairs = [(theirs(), ours()) for _round in range(rounds)]
    return row_of(work, [mine for _their, mine in pairs], [their for their, _mine in pairs])


def row_of(
    work: Work,
    ours: Sequence[Measure],
    theirs: Sequence[Measure],
    *,
    times: float = 1,
    note: str = "",
    details: list[dict[str, str]] | None = None,
) -> Row:
    """Return the row of these measures; `times` multiplies the other side (2: against twice two instances)."""
    ratios = [mine.value / (times * their.value or 1) for mine, their in zip(ours, theirs, strict=True)]
    problems = [_problem(side, of) for side, of in ((ours, work.ours), (theirs, work.theirs))]
    return decide(
        work,
        ratios,
        side_of(work.ours, work.unit, ours),
        side_of(work.theirs, work.unit, theirs),
        note=" ".join(filter(None, [note, *problems])),
        is_valid=not any(problems),
        details=details,
    )


def decide(
    work: Work,
    ratios: Sequence[float],
    ours: Side,
    theirs: Side | None,
    *,
    note: str = "",
    is_valid: bool = True,
    details: list[dict[str, str]] | None = None,
) -> Row:
    ratio, spread = median(ratios), spread_percent(ratios)
    reached = ratio >= work.target if work.at_least else ratio <= work.target
    verdict = Verdict.PASS if reached else Verdict.MISS
    if spread > SURE_PERCENT or not is_valid:
        verdict = Verdict.INCONCLUSIVE
    return Row(
        key=work.key,
        work=work.work,
        against=work.against,
        target=work.target,
        at_least=work.at_least,
        ratio=round(ratio, 3),
        rounds=[round(value, 3) for value in ratios],
        spread_percent=round(spread, 1),
        verdict=verdict,
        ours=ours,
        theirs=theirs,
        unit=work.ratio_unit,
        note=note,
        details=details or [],
    )


def side_of(name: str, unit: str, measures: Sequence[Measure]) -> Side:
    names = measures[0].cpu_us
    parts = {part: round(median(measure.cpu_us[part] for measure in measures), 1) for part in names}
    return Side(
        name=name,
        value=digits(median(measure.value for measure in measures)),
        unit=unit,
        rounds=[digits(measure.value) for measure in measures],
        cpu_us=round(sum(parts.values()), 1) if parts else None,
        parts=parts,
        generator_percent=round(max(measure.generator_percent for measure in measures), 1),
        failed=sum(measure.failed for measure in measures),
    )


def digits(value: float) -> float:
    """Round a figure to its significant digits: one after the point, or three below 10."""
    return round(value, 1) if value >= 10 else round(value, 3)


def spread_percent(values: Sequence[float]) -> float:
    """Return (max - min) / median, in percent. From five rounds on it drops the highest and the lowest: on a shared
    machine they are outliers."""
    kept = sorted(values)[1:-1] if len(values) >= MANY_ROUNDS else values
    return 100 * (max(kept) - min(kept)) / (median(values) or 1)


def _problem(measures: Sequence[Measure], name: str) -> str:
    busy = max(measure.generator_percent for measure in measures)
    if busy >= BUSY_PERCENT:
        return f"The generator was {busy:.0f} % busy with {name}: not valid."
    failed = sum(measure.failed for measure in measures)
    return f"{failed} answers of {name} failed: not valid." if failed else ""
