"""Everything that is measured, in one run: `bin/bench [--quick] [--soak [MINUTES]] [--only PART …]`.

A full run takes half an hour; --quick, under five minutes, shows that all of it works, and roughly what it gives.
It writes bench/out/report.html and report.json, runs `check_books` and prints the table of ratios. The exit status is
1 when the books do not agree or something could not be measured, whatever the ratios are.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

from bench import capacity, elastic, scenarios
from bench.cache_comparison import libraries
from bench.figures import Report
from bench.harness import groups, machine, mix, stages
from bench.harness.groups import ASKED_FROM, SERVED_ON
from bench.harness.servers import ROOT
from bench.harness.testbed import Shop
from bench.report import read, terminal, write
from bench.rows import FULL, QUICK, footprint, large, overload, reads, scaling, writes
from bench.rows.testbed import Testbed

OUT = ROOT / "bench" / "out"
ROWS = {
    **{"reads": reads, "writes": writes, "scaling": scaling},
    **{"overload": overload, "footprint": footprint, "large": large},
}
PARTS = (*ROWS, "stages", "scenarios", "elastic")
QUICKER = 10  # divides the elastic stage's waits with --quick


class Run:
    def __init__(self, options: argparse.Namespace) -> None:
        self.is_quick, self.soak_minutes = options.quick, options.soak
        self.last = read(OUT / "report.json") if options.again is not None else None
        self.parts = (options.only or PARTS) if self.last is None else options.again
        self.problems: list[str] = []
        self._began = time.monotonic()
        self.report = Report(
            mode=", ".join(["quick" if self.is_quick else "full", *["soak"][: bool(self.soak_minutes)]]),
            began=datetime.now().astimezone().isoformat(timespec="seconds"),
            took_s=0,
            machine=machine.facts(),
            said=list(self._said()),
        )

    def run(self, folder: Path) -> None:
        with ThreadPoolExecutor() as pool, ExitStack() as stack:
            installing = [pool.submit(install) for install in self._installs()]
            shop = stack.enter_context(Shop(folder / "shop"))
            wait(installing)  # a failed install raises in the part that needs it
            self._rows(shop)
            for part in self.parts:
                if part not in ROWS:
                    self._part(part, lambda part=part: getattr(self, f"_{part}")(shop))
            if self.soak_minutes:
                self._part("soak", lambda: self._soak(shop))
            self._part("books", lambda: self._check_books(shop))
        if self.last is not None:
            self.report = joined(self.last, self.report, self.parts)
        self.report.capacity = capacity.table(self.report)
        self.report.took_s = round(self.report.took_s + time.monotonic() - self._began, 1)

    def _installs(self) -> Iterator[Callable[[], Path]]:
        """Yield the installers of third-party packages that these parts need; each installs only on the first run."""
        if set(self.parts) & {"reads", "writes"}:
            yield partial(libraries.install, "course")
        if "stages" in self.parts:
            yield mix.install

    def _part(self, name: str, work: Callable[[], None]) -> None:
        """Run one part. An error is recorded in `problems` and in the report, and the other parts still run."""
        self._say(f"{name}:")
        try:
            work()
        except (RuntimeError, OSError, AssertionError, subprocess.SubprocessError) as problem:
            self.problems.append(f"{name}: {problem}")
            self.report.said.append(f"NOT MEASURED, {name}: {str(problem)[-600:]}")
            self._say(f"  NOT MEASURED: {problem}")

    def _rows(self, shop: Shop) -> None:
        wanted = [name for name in ROWS if name in self.parts]
        if wanted:
            plan, testbed = QUICK if self.is_quick else FULL, Testbed(shop)
            for name in wanted:
                self._part(name, lambda name=name: self._some_rows(ROWS[name], testbed, plan))
            testbed.close()

    def _some_rows(self, module, testbed: Testbed, plan) -> None:
        for row in module.rows(testbed, plan):
            self.report.rows.append(row)
            self._say(f"  {row.verdict}: {row.work}: {row.ratio} {row.unit} (wanted {row.target})")

    def _stages(self, shop: Shop) -> None:
        for stage in stages.stages(shop, stages.QUICK if self.is_quick else stages.FULL, self._say):
            self.report.stages.append(stage)

    def _scenarios(self, shop: Shop) -> None:
        plan = scenarios.QUICK if self.is_quick else scenarios.FULL
        for scenario in scenarios.scenarios(shop, plan, self._say):
            self.report.scenarios.append(scenario)
            self._say(f"  {scenario.name}: {scenario.found}")

    def _elastic(self, shop: Shop) -> None:
        self.report.elastic = elastic.run(shop, quicker=QUICKER if self.is_quick else 1, say=self._say)
        self._say(f"  {self.report.elastic.found}")

    def _soak(self, shop: Shop) -> None:
        known = [*self.report.scenarios, *(self.last.scenarios if self.last else [])]
        reads_of = [one for one in known if one.name == "capacity: reads in turn"]
        assert reads_of, "stability needs the knee: run it with the scenarios"
        rate = scenarios.STEADY_SHARE * scenarios.knee(reads_of[0].cells).table.throughput
        self.report.scenarios.append(scenarios.soak(shop, rate, self._say, 60 * self.soak_minutes))

    def _check_books(self, shop: Shop) -> None:
        self.report.books = shop.manage("check_books").strip().splitlines()[-1]
        self._say(f"  {self.report.books}")

    def _say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.0f} s  {line}", file=sys.stderr, flush=True)

    def _said(self) -> Iterator[str]:
        yield (
            "Generator and servers share this machine: the programs have one core, with a quota, the load the other."
            " Ratios and CPU time per answer mean something; answers a second are those of a fraction of a core."
        )
        yield "No network, no TLS, no second machine: everything is asked over the loopback."
        if why := groups.why_not():
            yield f"NOT ALLOWED HERE: control groups ({why}). No quotas; CPU time is of living processes."
        if SERVED_ON == ASKED_FROM:
            yield "NOT ALLOWED HERE: a core for the programs and one for the load. There is one; nothing compares"
        if self.is_quick:
            yield (
                f"SHORTENED (--quick): rounds of a second, {QUICK.orders:,} orders for ten million,"
                f" {QUICK.requests:,} requests for {FULL.requests:,}, the elastic stage's waits divided by {QUICKER}."
            )
        if not self.soak_minutes:
            yield "LEFT OUT: half an hour at a steady load (bin/bench --soak)."


def joined(last: Report, report: Report, parts: Sequence[str]) -> Report:
    """Return the last report with the repeated measurements in place of the old ones, and a remark that says so."""
    new = {row.key: row for row in report.rows}
    last.rows = [new.get(row.key, row) for row in last.rows]
    last.stages = report.stages or last.stages
    names = {scenario.name for scenario in report.scenarios}
    last.scenarios = [*(one for one in last.scenarios if one.name not in names), *report.scenarios]
    last.elastic = report.elastic or last.elastic
    last.books = report.books
    again = ", ".join(parts) or "the steady load"
    last.said = [line for line in last.said if not (line.startswith("LEFT OUT") and names & {"stability"})]
    last.said.append(f"MEASURED AGAIN at {report.began}, on commit {report.machine['commit']}: {again}.")
    return last


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="at most five minutes: shorter, and it says so")
    parser.add_argument(
        "--soak",
        type=float,
        nargs="?",
        const=30,
        default=0,
        metavar="MINUTES",
        help="and half an hour, or so many minutes, at a steady load",
    )
    some = parser.add_mutually_exclusive_group()
    some.add_argument("--only", choices=PARTS, nargs="+", help="these parts alone")
    some.add_argument("--again", choices=PARTS, nargs="*", help="these parts again, the others from the last report")
    run = Run(parser.parse_args(arguments))
    os.sched_setaffinity(0, {ASKED_FROM})
    with tempfile.TemporaryDirectory(prefix="cafe-bench-") as folder:
        try:
            run.run(Path(folder))
        finally:
            OUT.mkdir(exist_ok=True)
            write(run.report, OUT)
    print(*terminal.lines(run.report), f"\nThe report: {(OUT / 'report.html').relative_to(ROOT)}", sep="\n")
    for problem in run.problems:
        print(f"NOT MEASURED: {problem}", file=sys.stderr)
    return 1 if run.problems or "agree" not in run.report.books else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
