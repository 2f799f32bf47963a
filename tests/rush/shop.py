"""Three programs that can be asked one by one, and what they asked of MariaDB and Redis meanwhile."""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis as RedisClient

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis
from tests.race.web import program

BOUND_S = 2.0  # what is promised; a test waits five times that
MARIADB_LOG = "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Query'"


class OpenCafe(RunningCafe):
    """A program that counts as started once it listens, with nothing read yet."""

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/live/", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False


class Shop:
    def __init__(self, folder: Path) -> None:
        self.database = MariaDB(folder / "mariadb").start()
        self.redis = Redis(folder / "redis").start()
        env = self.database.env() | self.redis.env() | {"WEB_WORKERS": "1"}
        self.programs = [OpenCafe(folder / f"program-{number}", env) for number in range(3)]
        self.programs[0].prepare()
        for one in self.programs:
            one.start()
        self.wait_until(lambda one: len(self.menu(one)) == 40)

    def close(self) -> None:
        for server in [*self.programs, self.redis, self.database]:
            server.kill()

    def menu(self, one: RunningCafe) -> dict[str, dict[str, Any]]:
        """Return the items that a program shows, by slug."""
        with urllib.request.urlopen(f"{one.url}/api/menu", timeout=30) as response:
            categories = json.load(response)["categories"]
        return {item["slug"]: item for category in categories for item in category["items"]}

    def stats(self, one: RunningCafe) -> dict[str, dict[str, float]]:
        with urllib.request.urlopen(f"{one.url}/api/cache/stats", timeout=30) as response:
            caches: dict[str, dict[str, float]] = json.load(response)["caches"]
        return caches

    def wait_until(self, is_so: Callable[[RunningCafe], bool]) -> float:
        """Wait until it is so at every program, five times the bound at most; return how long that took (s)."""
        started = time.monotonic()
        for one in self.programs:
            while not is_so(one):
                assert time.monotonic() - started < 5 * BOUND_S, f"{one.url} does not show it"
                time.sleep(0.02)
        return time.monotonic() - started

    def change(self, sql: str) -> None:
        """Change the menu as a manager's raw SQL has to: the version first, in one transaction."""
        moved = "UPDATE cloudcafe.menu_menuversion SET version = version + 1 WHERE id = 1"
        import MySQLdb

        env = self.database.env()
        connection = MySQLdb.connect(
            host=env["DB_HOST"],
            port=int(env["DB_PORT"]),
            user="operator",
            password=env["DB_PASSWORD"],
            database="cloudcafe",
            charset="utf8mb4",
        )
        with connection.cursor() as cursor:
            for statement in (moved, sql):
                cursor.execute(statement)
        connection.commit()
        connection.close()

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Gather what all programs ask of MariaDB in the block, complete after it."""
        gathered: list[str] = []
        self.database.execute("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON")
        self.database.execute("TRUNCATE mysql.general_log")
        try:
            yield gathered
        finally:
            self.database.execute("SET GLOBAL general_log = OFF")
            own = re.compile("general_log|SET GLOBAL|^SET |^commit|^rollback|@@|^SELECT 1$", re.IGNORECASE)
            gathered += [text for (text,) in self.database.execute(MARIADB_LOG) if not own.search(text)]

    def redis_calls(self) -> dict[str, int]:
        """Return how often each command was sent to Redis."""
        client = RedisClient(port=self.redis.port, password=self.redis.password)
        calls = {name.split("_", 1)[1]: int(row["calls"]) for name, row in client.info("commandstats").items()}
        client.close()
        return calls


def at_once(requests: Sequence[tuple[RunningCafe, str]], clients: int = 30) -> list[int]:
    """Send GET requests from as many clients, each on connections that it keeps; return the statuses."""

    def walk(own: Sequence[tuple[RunningCafe, str]]) -> list[int]:
        statuses = []
        for one in {one.url: one for one, _path in own}.values():
            with program(one.url) as client:
                for _one, path in [request for request in own if request[0] is one]:
                    client.connection.request("GET", path, headers={"Accept-Encoding": "br"})
                    response = client.connection.getresponse()
                    response.read()
                    statuses.append(response.status)
        return statuses

    shares = [requests[number::clients] for number in range(clients)]
    with ThreadPoolExecutor(clients) as crowd:
        return [status for statuses in crowd.map(walk, shares) for status in statuses]


def reads_of_items(statements: Sequence[str]) -> int:
    """Return how often the menu's rows were read: each build reads the items once."""
    return sum(bool(re.search("FROM `menu_item` .*JOIN `menu_category`", text)) for text in statements)


def looks(statements: Sequence[str]) -> list[str]:
    return [text for text in statements if "FROM `menu_menuversion`" in text]
