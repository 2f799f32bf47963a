"""The testbed of all rows: one shop with 10,000 orders in each table, and the peers, each started on first access."""

import json
import subprocess
import sys
import urllib.request
from functools import cached_property
from typing import Any

from bench.baselines.nginx_file import FileServer
from bench.cache_comparison import libraries
from bench.harness.groups import Group
from bench.harness.servers import ROOT, keep_answer
from bench.harness.testbed import Instance, Peer, Shop, on_every_core
from tests.harness.servers import Server

QUOTA = 0.5  # of a core, for each side of a comparison
ORDERS = 10_000


class Testbed:
    quota = QUOTA

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.answers = shop.folder / "answers"
        self.answers.mkdir()
        self._days = 0
        self.run("bench.data.fill_orders", str(ORDERS))
        self.run("bench.data.count_items")

    @cached_property
    def cafe(self) -> Instance:
        """Our instance on QUOTA, without an edge; every item's stock is counted, and there are 10,000 orders."""
        return self.shop.program("ours", QUOTA)

    @cached_property
    def items(self) -> list[tuple[str, float]]:
        """The slugs and prices of the menu's items."""
        with urllib.request.urlopen(self.cafe.url + "/api/menu", timeout=10) as answer:
            menu = json.load(answer)
        return [(item["slug"], item["price"]) for category in menu["categories"] for item in category["items"]]

    @cached_property
    def bare(self) -> Instance:
        """A bare WSGI callable that returns the bytes of our menu page, under the same gunicorn."""
        answer = self.answers / "menu.json"
        keep_answer(self.cafe.url, answer)
        env = self.shop.env(BENCH_ANSWER=str(answer))
        made = Instance(
            self.shop.room("bare"),
            env,
            Group("bare WSGI", quota=QUOTA),
            application="bench.cache_comparison.variants.bare:application",
        )
        return self._start(made)

    @cached_property
    def course(self) -> Peer:
        """The course's program, with 10,000 orders in its table."""
        env = self.shop.env(PYTHONPATH=str(libraries.install("course")))
        self.run("bench.baselines.flask_course", "fill", env=env)  # with 10,000 orders, as ours
        words = [sys.executable, "-m", "bench.baselines.flask_course"]
        return self._start(Peer(self.shop.room("course"), words, env, Group("course", quota=QUOTA), ready="/health"))

    @cached_property
    def one_insert(self) -> Instance:
        """A bare Django view that runs one INSERT, into a table of 10,000 rows."""
        env = self.shop.env(DJANGO_SETTINGS_MODULE="bench.baselines.one_insert_settings")
        self.run("bench.baselines.one_insert", str(ORDERS), env=env)
        made = Instance(
            self.shop.room("one-insert"),
            env,
            Group("one INSERT", quota=QUOTA),
            application="bench.baselines.one_insert:application",
            ready="/health/ready/",
        )
        return self._start(made)

    @cached_property
    def edge(self) -> Any:
        return self.shop.edge(QUOTA, f"127.0.0.1:{self.cafe.port}")

    @cached_property
    def file_server(self) -> FileServer:
        """nginx that serves the bytes of our menu page from a file."""
        answer = self.answers / "edge.json"
        keep_answer(self.edge.url, answer)
        return self._start(FileServer(self.shop.room_in_memory("file"), Group("nginx file", quota=QUOTA), answer))

    def copy_database(self, name: str) -> None:
        """Create the database `name`: every table of the café, and every row except those of orders."""
        self.run("bench.data.copy_database", name)

    def next_day(self) -> None:
        """Move today's orders to a day long ago: each round starts with all order numbers free, as in a morning."""
        self._days += 1
        self.run("bench.data.next_day", str(self._days))

    def rows_read(self) -> int:
        """Return the sum of MariaDB's `Handler_read%` counters: the rows that its storage engines have read."""
        told = self.shop.mariadb.execute("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _name, value in told)

    @staticmethod
    def size_of(url: str) -> int:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return len(answer.read())

    def run(self, module: str, *arguments: str, env: dict[str, str] | None = None) -> str:
        """Run one of the bench's modules in the shop's environment and return its stdout. Raises RuntimeError."""
        done = subprocess.run(
            [*on_every_core(), sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=env or self.shop.env(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{module} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def close(self) -> None:
        """Kill every server started for the rows."""
        for made in vars(self).values():
            if isinstance(made, Server):
                made.kill()

    def _start(self, server: Any) -> Any:
        return self.shop.start(server)
