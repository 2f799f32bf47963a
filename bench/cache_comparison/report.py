"""The output of `bench.cache`: Markdown tables of medians with their spreads, and the verdicts."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.cache_comparison.late_database import LATE_S
from bench.cache_comparison.measure import GAP_S
from bench.cache_comparison.staleness import BOUND_S
from bench.cache_comparison.variants import BARE, CACHALOT, CACHEOPS, CACHEOPS_PAGE, COLLIDING, OURS, SERVING, Variant
from bench.harness.load import CONNECTIONS

SURE_PERCENT = 10  # a figure with a larger spread between its rounds is INCONCLUSIVE
TIMES = 5  # the target: our reads/s against the faster library

Report = dict[str, Any]
Rows = Sequence[dict[str, Any]]


def markdown(report: Report) -> str:
    tables = [_measured_on(report), _serving(report), _colliding(report), _besides(report)]
    return "\n\n".join([*tables, "\n".join(verdicts(report))])


def verdicts(report: Report) -> list[str]:
    stale = {variant: _stale_of(report, variant) for variant in COLLIDING}
    beyond, checked = stale.pop(OURS)
    theirs = "; ".join(f"{variant.name} {old:,} of {of:,}" for variant, (old, of) in stale.items())
    failed = sum(row.get("failed", 0) for row in report["found"])
    return [
        _at_least("the faster library on reads", report, CACHALOT, CACHEOPS),
        _at_least("its whole-page cache, `cached_view_as`, on reads", report, CACHEOPS_PAGE),
        f"0 stale beyond {BOUND_S:.0f} s: {_passes(checked > 0 and not beyond)}"
        f" (ours {beyond:,} of {checked:,}; {theirs})",
        f"no answer failed: {_passes(not failed)} ({failed})",
    ]


def _passes(is_so: bool) -> str:
    return "PASS" if is_so else "MISS"


def _at_least(what: str, report: Report, *others: Variant) -> str:
    """Compare each round with the faster of `others` in the same round; rounds that disagree are INCONCLUSIVE."""
    found = [ratios for other in others if (ratios := _ratios(report, "peak", OURS, other))]
    times = [min(of_a_round) for of_a_round in zip(*found, strict=True)]
    verdicts = {_passes(ratio >= TIMES) for ratio in times}
    verdict = verdicts.pop() if len(verdicts) == 1 else "INCONCLUSIVE"
    ceilings = [median(ratios) for other in others if (ratios := _ratios(report, "peak", BARE, other))]
    each = ", ".join(f"{ratio:.1f}x" for ratio in times)
    return f">= {TIMES}x {what}: {verdict} (by round: {each}; gunicorn alone: {min(ceilings, default=0):.1f}x)"


def _ratios(report: Report, phase: str, one: Variant, other: Variant) -> list[float]:
    """Return for each round the ratio of the reads/s of `one` to those of `other`."""
    pairs = zip(_rows(report, phase, one), _rows(report, phase, other), strict=False)
    return [mine["reads_a_second"] / theirs["reads_a_second"] for mine, theirs in pairs]


def _stale_of(report: Report, variant: Variant) -> tuple[int, int]:
    """Return how many of a variant's answers were stale beyond the bound, and how many were checked; all phases."""
    rows = [row for row in report["found"] if row["variant"] == variant.name and "beyond" in row]
    return _sum(rows, "beyond"), _sum(rows, "checked")


def _measured_on(report: Report) -> str:
    facts = report["machine"]
    return (
        f"Measured at {facts['commit']} in {report['took_s']} s on {facts['cpu']} (load {facts['load']} at the end):"
        f" Python {facts['python']}, Django {facts['django']}, gunicorn {facts['gunicorn']} with one process of 8"
        f" threads on one core; on the other MariaDB {facts['mariadb']}, Redis {facts['redis']}, the writer and the"
        f" readers ({facts['readers']}). Libraries: {facts['libraries']}. Median of {report['plan']['rounds']} rounds"
        f" in turns (spread); over {SURE_PERCENT} % is INCONCLUSIVE."
    )


def _serving(report: Report) -> str:
    head = [
        "the menu page",
        "reads/s",
        "CPU µs a read",
        "of gunicorn alone",
        "SELECTs (statements) per 1,000 reads",
        "reads/s, a price saved each second",
        "SELECTs (statements) then",
        "old after the commit / looked at",
        f"stale beyond {BOUND_S:.0f} s",
        "oldest value (s)",
    ]
    return _table(head, [[variant.title, *_serving_row(report, variant)] for variant in (BARE, *SERVING)])


def _serving_row(report: Report, variant: Variant) -> list[str]:
    if variant.name in report["errors"]:
        return ["did not start: " + report["errors"][variant.name].strip().splitlines()[-1]]
    still, moving = _rows(report, "peak", variant), _rows(report, "changing", variant)
    of_bare = f"{median(_ratios(report, 'peak', variant, BARE)):.2f}"
    row = [_figure(still, "reads_a_second"), _figure(still, "cpu_us"), of_bare, _statements(still)]
    if moving:
        row += [_figure(moving, "reads_a_second"), _statements(moving)]
        row += [f"{_sum(moving, 'old'):,} / {_sum(moving, 'checked'):,}", f"{_sum(moving, 'beyond'):,}"]
        row += [_oldest(moving)]
    return row


def _colliding(report: Report) -> str:
    head = [
        f"stale beyond {BOUND_S:.0f} s / looked at; oldest (s); bursts that ended so",
        f"two saves within {GAP_S * 1000:.0f} ms, {CONNECTIONS} readers",
        f"a save between one reader's SELECT and SET, {LATE_S * 1000:.0f} ms apart",
        "`QuerySet.update()` each second",
    ]
    phases = ("collide", "collide surely", "update")
    return _table(
        head,
        [[variant.title, *(_stale(_rows(report, phase, variant)) for phase in phases)] for variant in COLLIDING],
    )


def _stale(rows: Rows) -> str:
    if not rows:
        return "not measured"
    bursts = f"; {_sum(rows, 'bursts_old')} of {_sum(rows, 'bursts')}" if "bursts" in rows[0] else ""
    return f"{_sum(rows, 'beyond'):,} / {_sum(rows, 'checked'):,}; {_oldest(rows)}{bursts}"


def _besides(report: Report) -> str:
    of_bare = _ratios(report, "peak br", OURS, BARE)
    share = f" ({median(of_bare):.2f} of it)" if of_bare else ""
    named = [
        ("the menu page as browsers ask (br): gunicorn alone", _rows(report, "peak br", BARE)),
        (f"the menu page as browsers ask (br): ours{share}", _rows(report, "peak br", OURS)),
        ("`GET /orders` among 10,000, no cache", _rows(report, "orders uncached", OURS)),
        ("`GET /orders` among 10,000, `Recent` on Redis", _rows(report, "orders", OURS)),
    ]
    head = ["besides", "reads/s", "CPU µs a read", "SELECTs (statements) per 1,000 reads"]
    return _table(
        head,
        [
            [title, _figure(rows, "reads_a_second"), _figure(rows, "cpu_us"), _statements(rows)]
            for title, rows in named
        ],
    )


def _rows(report: Report, phase: str, variant: Variant) -> Rows:
    return [row for row in report["found"] if (row["phase"], row["variant"]) == (phase, variant.name)]


def _figure(rows: Rows, name: str) -> str:
    """Return the median with its spread, which is (max - min) / median."""
    values = [row[name] for row in rows]
    if not values:
        return "not measured"
    spread = round(100 * (max(values) - min(values)) / (median(values) or 1))
    return f"{median(values):,.0f} ({spread} %{', INCONCLUSIVE' if spread > SURE_PERCENT else ''})"


def _statements(rows: Rows) -> str:
    return f"{_middle(rows, 'selects_per_1000')} ({_middle(rows, 'statements_per_1000')})" if rows else "not measured"


def _middle(rows: Rows, name: str) -> str:
    value = median(row[name] for row in rows)
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _oldest(rows: Rows) -> str:
    """Return the highest age in seconds, with "≥" when the stale value was still shown at the last read."""
    oldest = max(rows, key=lambda row: row["oldest_s"])
    return f"{'≥ ' if oldest['is_open'] else ''}{oldest['oldest_s']:.2f}"


def _sum(rows: Rows, name: str) -> int:
    return sum(row[name] for row in rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    filled = [[*row, *[""] * (len(head) - len(row))] for row in rows]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *filled]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
