"""Render the report as one HTML page without external resources or scripts."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from bench.figures import Cell, Elastic, Report, Scenario, Stage, Verdict
from bench.report import published_results
from bench.report.charts import curves
from bench.report.charts.axes import of_time
from bench.report.number_format import NONE, duration, figure, measured, moment, title
from bench.report.ratios import SIGNS, figures, in_words, table
from bench.report.tables import (
    COLUMNS,
    RATIO_COLUMNS,
    at_a_glance,
    counts,
    part_columns,
    part_figures,
    reported_figures,
    table_figures,
    verdict,
    why_not_valid,
)

HERE = Path(__file__).parent
GLASS = 100  # the height of the drawn drink beside the verdict


def page(report: Report) -> str:
    shown = {
        "css": mark_safe((HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S308 - our own file
        "report": report,
        "machine": [(title(name), value) for name, value in report.machine.items()],
        "verdict": verdict(report),
        "headline": re.sub(r"(\d) (?=missed|not)", "\\1\u00a0", verdict(report)),
        "began": moment(report.began),
        "took": duration(report.took_s),
        "glass": _glass(report),
        "not_met": [in_words(row) for row in report.rows if row.verdict != Verdict.PASS],
        "ratio_columns": RATIO_COLUMNS,
        "rows": [in_words(row) for row in report.rows],
        "glance": table(at_a_glance(report.stages)),
        "stages": [_stage(stage) for stage in report.stages],
        "scenarios": [_scenario(scenario) for scenario in report.scenarios],
        "elastic": _elastic(report.elastic) if report.elastic else None,
        "capacity": table(report.capacity),
    }
    # Rendered without Django settings: localisation is off. Figures are formatted strings already.
    return _engine().get_template("report.html").render(Context(shown, use_l10n=False, use_tz=False))


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(HERE / "templates")], string_if_invalid="‹%s is missing›")


def _glass(report: Report) -> list[dict[str, str]]:
    """Return the verdicts as layers of the drawn drink, from the top down; the height is a verdict's share."""
    found = counts(report)
    layers, top = [], 0.0
    for each in (Verdict.INCONCLUSIVE, Verdict.MISS, Verdict.PASS):
        height = GLASS * found[each] / max(len(report.rows), 1)
        layers.append({"verdict": each, "sign": SIGNS[each], "count": str(found[each])})
        layers[-1] |= {"top": f"{top:.1f}", "height": f"{height:.1f}"}
        top += height
    return layers


def _stage(stage: Stage) -> dict[str, Any]:
    return {"stage": stage, "reported": _reported(stage.name), "groups": curves.of_cells(stage.cells)} | _cells(
        stage.cells
    )


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {"scenario": scenario, "groups": curves.of_scenario(scenario)} | _cells(scenario.cells)


def _cells(cells: list[Cell]) -> dict[str, Any]:
    columns = part_columns(cells)
    titles = [title(name) for name in columns]
    return {
        "columns": COLUMNS,
        "part_columns": titles,
        "cells": [
            {
                "cell": cell,
                "why_not": why_not_valid(cell),
                "figures": figures(COLUMNS, table_figures(cell.table)),
                "cpu": measured(cell.cpu_us, "µs"),
                "parts": figures(titles, part_figures(cell, columns)),
                "generator": f"{cell.generator}, {measured(cell.generator_percent, '%')}",
            }
            for cell in cells
        ],
    }


def _reported(stage: str) -> dict[str, Any] | None:
    found = published_results.reported(stage)
    if found is None:
        return None
    return {
        "title": published_results.TITLE,
        "figures": figures(COLUMNS, reported_figures(found)),
        "besides": found.besides,
    }


def _elastic(elastic: Elastic) -> dict[str, Any]:
    asked, errors = sum(elastic.asked), sum(elastic.errors)
    facts = {
        "Replicas": f"{min(elastic.replicas, default=0)} to {max(elastic.replicas, default=0)}",
        "Load at its highest": measured(max(elastic.asked, default=None), "/s"),
        "Errors": f"{figure(100 * errors / asked if asked else None)} %",
        "Took": duration(of_time(elastic.at_s).high - of_time(elastic.at_s).low) if elastic.at_s else NONE,
    }
    reported = published_results.ELASTIC
    return {"elastic": elastic, "facts": facts, "group": curves.of_elastic(elastic), "reported": reported}
