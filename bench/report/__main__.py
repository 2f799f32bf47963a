"""Render the page again from report.json, or print it as Markdown or plain text.

python -m bench.report [--markdown | --terminal] bench/out/report.json
"""

import argparse
from pathlib import Path

from bench.report import read
from bench.report.markdown import markdown
from bench.report.page import page
from bench.report.stored import replace
from bench.report.terminal import lines


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.report", description="Show what bin/bench has found out.")
    asked.add_argument("figures", type=Path, help="such as bench/out/report.json")
    how = asked.add_mutually_exclusive_group()
    how.add_argument("--markdown", action="store_true", help="print its tables for docs/performance.md")
    how.add_argument("--terminal", action="store_true", help="print the ratio table as text")
    given = asked.parse_args()
    report = read(given.figures)
    if given.markdown:
        print(markdown(report))
    elif given.terminal:
        print("\n".join(lines(report)))
    else:
        file = given.figures.with_suffix(".html")
        replace(file, page(report))
        print(file)


if __name__ == "__main__":
    main()
