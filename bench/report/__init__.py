"""The output of `bin/bench`: `report.html`, one file to read, and `report.json`, the same figures to parse."""

from pathlib import Path

from bench.figures import Report
from bench.report.page import page
from bench.report.stored import from_json, replace, to_json


def write(report: Report, folder: Path) -> None:
    """Write both files, the figures first: if the page fails, `python -m bench.report` renders it from them."""
    replace(folder / "report.json", to_json(report))
    replace(folder / "report.html", page(report))


def read(path: Path) -> Report:
    return from_json(path.read_text(encoding="utf-8"))
