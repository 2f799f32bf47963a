"""What an order costs beside the ceiling of a write: `python -m bench.orders [--rounds 3] [--seconds 8]`.

Two programs in turn (A/B/A/B), each one gunicorn process with gunicorn.conf.py in a cgroup of QUOTA of core 0: the
café, sent whole orders, and bench.peers.one_insert, sent the same bytes. Their MariaDB is on a disk, flushes
its log at every commit, and runs with the generator on the other core. Then, by the café alone, orders that all take
one counted row beside orders over all rows, without and with a binary log.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.house import House
from bench.load import read
from bench.machine import say
from bench.quota import Quoted, cpu_s_of
from bench.servers import ASKED_FROM, ROOT, stand_apart
from tests.servers import MariaDB

CONNECTIONS = (10, 32)
ROWS = 10_000
OURS, PEER, HOT = "orders over all rows", "one INSERT", "orders of one row"
A_DAY_LATER = "UPDATE cloudcafe.orders_order SET business_day = business_day - INTERVAL 1 DAY ORDER BY business_day"

# Each request is the next of these bodies; an order as the course posts it, at its right price.
SCRIPT = """
local bodies, at = {%s}, 0
wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
function request()
  at = at %% #bodies + 1
  return wrk.format(nil, "/api/orders", nil, bodies[at])
end
"""
# Counts every item, and prints an order of each.
COUNT_ALL = """
import json
import django; django.setup()
from menu import choices
from menu.models import Item
from orders.on_sale import items_with_ids
from orders.services import MOST_COUNTED, set_stock
for item in Item.objects.on_menu():
    sold = items_with_ids([item.pk])[item.pk]
    set_stock(item=item, available=%s, reason="bench")
    price = float(choices.unit_price(sold, choices.default_choice(sold)))
    order = {"customer_name": "缓存测试", "coffee_type": item.name_zh_hans, "quantity": 1, "total_price": price}
    print(json.dumps(order, ensure_ascii=False))
"""


class Flushing(MariaDB):
    """Flushes its log at every commit, as in production, and its binary log, if it has one."""

    binlog = False

    def command(self) -> list[str]:
        words = [word for word in super().command() if "flush-log" not in word and "skip-log-bin" not in word]
        binlog = [f"--log-bin={self.folder}/binlog", "--sync-binlog=1"] if self.binlog else ["--skip-log-bin"]
        pinned = ["taskset", "--cpu-list", str(ASKED_FROM)]
        return [*pinned, *words, "--innodb-flush-log-at-trx-commit=1", *binlog]


class BinlogFlushing(Flushing):
    binlog = True


@dataclass(frozen=True)
class Cost:
    """One run: answers a second; CPU time (µs) of program and database, and statements, for each answer."""

    a_second: float
    program_us: float
    database_us: float
    statements: float
    failed: int


class Yard:
    """A house whose database flushes, its scripts, and the programs: one of each kind."""

    def __init__(self, house: House, *, counted: bool = True) -> None:
        self.house = house
        bodies = self._python("-c", COUNT_ALL % ("MOST_COUNTED" if counted else "None")).splitlines()
        house.fill_orders(ROWS)
        peers = {"DJANGO_SETTINGS_MODULE": "bench.peers.one_insert_settings"}
        self._python("-m", "bench.peers.one_insert", str(ROWS), **peers)
        self.scripts = {OURS: self._script("all", bodies), HOT: self._script("hot", bodies[:1])}
        self.scripts[PEER] = self.scripts[OURS]
        env = house.env() | house.redis.env()
        self.cafe = Quoted(house.folder / "cafe-program", "cafe.wsgi:application", env).start()
        self.peer = Quoted(house.folder / "peer-program", "bench.peers.one_insert:application", env | peers).start()

    def close(self) -> None:
        self.cafe.stop()
        self.peer.stop()

    def cost(self, what: str, connections: int, seconds: int) -> Cost:
        """Let wrk post for `seconds`; then the day is over, for the numbers of a day are few."""
        program, database = (self.peer if what == PEER else self.cafe), self.house.database
        before = self._counters(program)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
        command += ["-s", str(self.scripts[what]), program.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
        load, after = read(done.stdout), self._counters(program)
        database.execute(A_DAY_LATER)
        program_s, database_s, statements = (end - start for start, end in zip(before, after, strict=True))
        us = 1e6 / load.answers
        return Cost(load.a_second, program_s * us, database_s * us, statements / load.answers, load.failed)

    def _counters(self, program: Quoted) -> tuple[float, float, int]:
        questions = self.house.database.execute("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1]
        return program.cpu_s(), cpu_s_of(self.house.database), int(questions)

    def _script(self, name: str, bodies: Iterable[str]) -> Path:
        file = self.house.folder / f"{name}.lua"
        file.write_text(SCRIPT % ", ".join(f"[==[{body}]==]" for body in bodies))
        return file

    def _python(self, *arguments: str, **env: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.house.env() | env, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout


def rounds(yard: Yard, pair: tuple[str, str], connections: int, count: int, seconds: int) -> float:
    """Run a pair in turn, print each run, and return the median of the ratios of the first's throughput."""
    ratios = []
    for what in pair:
        yard.cost(what, connections, 2)  # warm
    for number in range(count):
        one, other = (yard.cost(what, connections, seconds) for what in pair)
        ratios.append(one.a_second / other.a_second)
        for what, cost in zip(pair, (one, other), strict=True):
            print(
                f"{connections:3} connections, round {number + 1}: {what:20} {cost.a_second:7.1f}/s"
                f" {cost.program_us:6.0f} µs program {cost.database_us:6.0f} µs database"
                f" {cost.statements:5.2f} statements, {cost.failed} failed",
                flush=True,
            )
    print(
        f"{connections:3} connections: {pair[0]} ÷ {pair[1]}: {median(ratios):.3f} of {[round(r, 3) for r in ratios]}"
    )
    return median(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.orders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", choices=["peer", "uncounted", "hot", "binlog"])
    given = parser.parse_args()
    stand_apart()
    for name, pair, counted, kind in (
        ("peer", (OURS, PEER), True, Flushing),
        ("uncounted", (OURS, PEER), False, Flushing),
        ("hot", (HOT, OURS), True, Flushing),
        ("binlog", (HOT, OURS), True, BinlogFlushing),
    ):
        if given.only in (None, name):
            say(f"{name}: {pair[0]} beside {pair[1]}")
            with tempfile.TemporaryDirectory(prefix="cafe-bench-") as folder:
                house = House(Path(folder))
                house.database = kind(Path(folder) / "mariadb")
                with house:
                    yard = Yard(house, counted=counted)
                    try:
                        for connections in CONNECTIONS:
                            rounds(yard, pair, connections, given.rounds, given.seconds)
                    finally:
                        yard.close()
                    house.manage("check_books")


if __name__ == "__main__":
    main()
