"""Compare ways to serve the menu page: `.venv/bin/python -m bench.cache [--quick]`.

The same menu (the sample, 40 items), view, template, middleware and queries, under no cache, Django's `cache_page`,
django-cachalot, django-cacheops and ours. Each runs as one gunicorn process of eight threads on one core; MariaDB,
Redis, the readers and the writer have the other. It also measures how stale each gets when readers and a writer race,
and the order list with and without its cache. It prints Markdown for docs/performance.md; bench/out/cache.json holds
every figure.

The full run takes about seven minutes; --quick, under two, shows that it works, not how fast. How each figure is
taken is documented in bench/cache_comparison/measure.py. All addresses are local, and every load has a time limit.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.cache_comparison import libraries, report
from bench.cache_comparison.late_database import LateDatabase
from bench.cache_comparison.measure import Figures, Served, changing, colliding, colliding_surely, peak, updating
from bench.cache_comparison.testbed import Testbed
from bench.cache_comparison.variants import BARE, COLLIDING, EVERY, OURS, SERVING, Variant
from bench.harness import load, machine
from bench.harness.servers import PAGE, ROOT, keep_answer, stand_apart
from bench.harness.watch import warm

OUT = ROOT / "bench" / "out" / "cache.json"
AS_BROWSERS_ASK = "br, gzip"
ORDERS = 10_000
NO_REDIS = {"REDIS_HOST": "", "REDIS_PASSWORD": ""}


@dataclass(frozen=True)
class Plan:
    """The number of rounds, and the duration of each measurement (s)."""

    rounds: int
    peak_s: int
    change_s: int
    update_s: int
    collide_s: int
    sure_s: int
    besides_s: int


FULL = Plan(rounds=3, peak_s=3, change_s=5, update_s=4, collide_s=14, sure_s=14, besides_s=3)
QUICK = Plan(rounds=2, peak_s=1, change_s=2, update_s=1, collide_s=0, sure_s=4, besides_s=1)


class Comparison:
    def __init__(self, testbed: Testbed, plan: Plan) -> None:
        self.found: list[Figures] = []
        self.errors: dict[str, str] = {}
        self._house, self._plan = testbed, plan
        self._served: dict[Variant, Served] = {}

    def run(self) -> None:
        self._open_every()
        self._read_at_their_peak_and_while_prices_change()
        self._update_in_bulk()
        self._collide()
        self._read_as_browsers_ask()
        self._read_orders()

    def _open_every(self) -> None:
        self._open(OURS)
        ours = self._served[OURS]
        ours.manager.change()
        time.sleep(1.5)  # until the page shows the changed price
        keep_answer(ours.gunicorn.url, self._house.answer)
        for variant in EVERY:
            if variant is not OURS:
                self._open(variant)

    def _open(self, variant: Variant) -> None:
        """Start a variant. One that does not start is left out, with its error in its row; for ours it raises."""
        try:
            gunicorn = self._house.serve(variant, self._house.env(variant))
        except RuntimeError as error:
            if variant is OURS:
                raise
            self.errors[variant.name] = str(error)[-1500:]
        else:
            manager = self._house.employ(self._house.env(variant))
            self._served[variant] = Served(variant, gunicorn, manager, self._house.database)

    def _read_at_their_peak_and_while_prices_change(self) -> None:
        for number in self._rounds():
            for variant, served in self._those((BARE, *SERVING)):
                if variant is not BARE:
                    warm(served.gunicorn.url, PAGE)
                self._note("peak", variant, number, peak(served, seconds=self._plan.peak_s))
                if variant is not BARE:
                    self._note("changing", variant, number, changing(served, seconds=self._plan.change_s))

    def _update_in_bulk(self) -> None:
        for variant, served in self._those(COLLIDING):
            self._note("update", variant, 1, updating(served, seconds=self._plan.update_s))

    def _collide(self) -> None:
        """Race readers against a writer: once by chance, once with the database's answers to the readers delayed, not
        those to the writer."""
        if self._plan.collide_s:
            for variant, served in self._those(COLLIDING):
                self._note("collide", variant, 1, colliding(served, seconds=self._plan.collide_s))
        database = LateDatabase(self._house.database.port)
        for variant, _served in self._those(COLLIDING):
            with self._another(variant, self._house.env(variant, database_port=database.port)) as served:
                figures = colliding_surely(served, database, seconds=self._plan.sure_s)
                self._note("collide surely", variant, 1, figures)
        database.close()

    def _read_as_browsers_ask(self) -> None:
        """Measure compressed answers. Ours compresses a page once; the constant (BARE) sends the same bytes."""
        keep_answer(self._served[OURS].gunicorn.url, self._house.answer, AS_BROWSERS_ASK)
        headers = (f"Accept-Encoding: {AS_BROWSERS_ASK}",)
        with self._another(BARE, self._house.env(BARE)) as bare:
            for number in self._rounds():
                for served in (bare, self._served[OURS]):
                    figures = peak(served, seconds=self._plan.besides_s, headers=headers)
                    self._note("peak br", served.variant, number, figures)

    def _read_orders(self) -> None:
        self._house.fill_orders(ORDERS)
        with self._another(OURS, self._house.env(OURS) | NO_REDIS) as uncached:
            for number in self._rounds():
                for phase, served in (("orders uncached", uncached), ("orders", self._served[OURS])):
                    figures = peak(served, seconds=self._plan.besides_s, path="/orders")
                    self._note(phase, OURS, number, figures)

    @contextmanager
    def _another(self, variant: Variant, env: dict[str, str]) -> Iterator[Served]:
        """Run a second gunicorn of a variant, in another environment, while the block runs."""
        gunicorn = self._house.serve(variant, env)
        try:
            yield Served(variant, gunicorn, self._served[variant].manager, self._house.database)
        finally:
            gunicorn.kill()

    def _those(self, variants: Sequence[Variant]) -> Iterator[tuple[Variant, Served]]:
        """Yield each of these variants that has started, after emptying its library's cache: the managers of other
        variants have written without invalidating it."""
        for variant in variants:
            if variant in self._served:
                self._house.forget(variant)
                yield variant, self._served[variant]

    def _rounds(self) -> range:
        return range(1, self._plan.rounds + 1)

    def _note(self, phase: str, variant: Variant, number: int, figures: Figures) -> None:
        self.found.append({"phase": phase, "variant": variant.name, "round": number, **figures})
        machine.say(f"{phase}, {variant.name}, round {number}: {json.dumps(figures)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds, under two minutes")
    plan = QUICK if parser.parse_args().quick else FULL
    load.program()
    libraries.install("caches")
    stand_apart()
    began_at = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="cafe-bench-", dir=machine.roomy_folder()) as folder,
        Testbed(Path(folder)) as testbed,
    ):
        comparison = Comparison(testbed, plan)
        comparison.run()
    measured = {
        "plan": asdict(plan),
        "took_s": round(time.monotonic() - began_at),
        "machine": machine.facts(),
        "errors": comparison.errors,
        "found": comparison.found,
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(measured, indent=1))
    print(report.markdown(measured))


if __name__ == "__main__":
    main()
