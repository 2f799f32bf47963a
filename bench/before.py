"""Compare the CPU time of a request with an older revision: bin/bench before REVISION [--rounds 15]

Both revisions run as one gunicorn process each, on one MariaDB, and answer in turns: what else the machine does slows
both. Exits with 1 when a request takes over 1.05 times the CPU time of before.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis, execute

ROOT = Path(__file__).resolve().parent.parent
MAX_RATIO = 1.05
JSON = {"Content-Type": "application/json"}
ORDER = json.dumps(
    {"customer_name": "缓存测试", "coffee_type": "美式咖啡", "quantity": 1, "total_price": 18.0}
).encode()
REQUESTS = {"menu page": 600, "order list": 400, "order page": 60, "POST order": 40}  # of one round


class Revision:
    """A café of one revision: a process with a database and a Redis of its own."""

    def __init__(self, name: str, root: Path, folder: Path, mariadb: MariaDB) -> None:
        redis = Redis(folder / "redis").start()
        execute(f"CREATE DATABASE test_{name} CHARACTER SET utf8mb4", env=mariadb.env())
        self.cafe = RunningCafe(folder / "cafe", mariadb.env(f"test_{name}") | redis.env())
        self.cafe.root = root
        self.cafe.env |= {"CAFE_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(root), "LOG_LEVEL": "WARNING"}
        self.cafe.env |= {"WEB_WORKERS": "1", "WEB_THREADS": "8"}
        self.cafe.manage("migrate", "--database", "maintenance", "--verbosity", "0")
        self.cafe.manage("load_sample_menu")
        self.cafe.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.cafe.start()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.cafe.port)
        self.token = json.loads(self.ask("POST", "/api/orders"))["token"]

    def ask(self, method: str, path: str) -> bytes:
        self.connection.request(method, path, ORDER if method == "POST" else None, JSON if method == "POST" else {})
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 201), (path, answer.status)
        return body

    def ask_for(self, what: str) -> None:
        paths = {"menu page": "/zh-hans/", "order list": "/orders", "order page": f"/zh-hans/order/{self.token}/"}
        self.ask("GET", paths[what]) if what in paths else self.ask("POST", "/api/orders")

    def cpu_us(self, what: str) -> float:
        """Return the CPU microseconds of one request, as the mean of a round."""
        before = self._cpu_ns()
        for _request in range(REQUESTS[what]):
            self.ask_for(what)
        return (self._cpu_ns() - before) / 1000 / REQUESTS[what]

    def _cpu_ns(self) -> int:
        assert self.cafe.process
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.cafe.process.pid)], capture_output=True)
        processes = [str(self.cafe.process.pid), *children.stdout.decode().split()]
        threads = [thread for pid in processes for thread in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)


def compare(before: Revision, now: Revision, rounds: int) -> bool:
    """Print a row for each kind of request; return whether none takes over MAX_RATIO."""
    is_fine = True
    for what in REQUESTS:
        before.cpu_us(what), now.cpu_us(what)  # both warm
        taken: dict[Revision, list[float]] = {before: [], now: []}
        for number in range(rounds):
            for revision in (before, now) if number % 2 else (now, before):
                taken[revision].append(revision.cpu_us(what))
        us = [statistics.median(taken[revision]) for revision in (before, now)]
        is_fine &= us[1] <= MAX_RATIO * us[0]
        print(f"{what}: {us[0]:.0f} µs before, {us[1]:.0f} µs now, {us[1] / us[0]:.2f} ×", flush=True)
    return is_fine


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench before", description="CPU time per request against a revision")
    parser.add_argument("revision", help="a git revision, such as the last release's tag")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["CAFE_DATA_DIR"] = str(folder / "data")
        tree = subprocess.run(["git", "archive", given.revision], cwd=ROOT, capture_output=True)
        if tree.returncode:
            sys.exit(tree.stderr.decode().strip())
        (folder / "before").mkdir()
        subprocess.run(["tar", "-x", "-C", folder / "before"], input=tree.stdout, check=True)
        os.chdir(folder)  # `python -m gunicorn` imports from its working folder first
        mariadb = MariaDB(folder / "mariadb").start()
        before = Revision("before", folder / "before", folder / "of-before", mariadb)
        now = Revision("now", ROOT, folder / "of-now", mariadb)
        is_fine = compare(before, now, given.rounds)
        before.cafe.stop(), now.cafe.stop()
    sys.exit(0 if is_fine else 1)


if __name__ == "__main__":
    main()
