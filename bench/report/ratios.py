"""The rows of ratios and the small tables, as contexts of the page's templates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.figures import Row, Verdict
from bench.report.number_format import NONE, measured
from bench.report.tables import Line

SIGNS = {Verdict.PASS: "✓", Verdict.MISS: "✕", Verdict.INCONCLUSIVE: "?"}


@dataclass(frozen=True)
class Figure:
    """A table cell with its column's name: on a phone, where a row is shown as a card, the name is its label."""

    column: str
    text: str

    @property
    def is_none(self) -> bool:
        return self.text == NONE


def in_words(row: Row) -> dict[str, Any]:
    sides = [(name, side) for name, side in (("Ours", row.ours), ("Theirs", row.theirs)) if side]
    return {
        "line": Line.of(row),
        "sign": SIGNS[row.verdict],
        "gauge": _gauge(row),
        "details": table(row.details),
        "sides": [
            {
                "who": f"{who}: {side.name}",
                "rounds": ", ".join(measured(value, side.unit) for value in side.rounds) or NONE,
                "parts": [f"{name} {measured(cpu, 'µs')}" for name, cpu in side.parts.items()],
                "generator": measured(side.generator_percent, "%"),
                "failed": f"{side.failed:,}",
            }
            for who, side in sides
        ],
    }


def _gauge(row: Row) -> dict[str, Any]:
    """Return the rounds' positions on a gauge from half the target (0) to twice the target (100); 50 is on target."""

    def share(ratio: float) -> str:
        is_there = math.isfinite(ratio) and ratio > 0 and row.target > 0
        return f"{50 + 50 * min(max(math.log2(ratio / row.target), -1), 1):.0f}" if is_there else ""

    return {
        "rounds": [at for ratio in row.rounds if (at := share(ratio))],
        "median": share(row.ratio),
        "good": "50" if row.at_least else "0",
    }


def table(rows: list[dict[str, str]]) -> dict[str, Any]:
    columns = list(rows[0]) if rows else []
    return {"columns": columns, "rows": [figures(columns, list(row.values())) for row in rows]}


def figures(columns: Sequence[str], texts: list[str]) -> list[Figure]:
    return [Figure(column, text) for column, text in zip(columns, texts, strict=False)]
