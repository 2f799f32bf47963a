"""Three instances that a test can address separately, and the queries they send to MariaDB and Redis."""

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

BOUND_S = 2.0  # the promise: an instance shows a change within this time; a test waits five times that
MARIADB_LOG = "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Query'"


class OpenCafe(RunningCafe):
    """An instance that counts as started once /health/live/ answers, before it has read the menu."""

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
        self.instances = [OpenCafe(folder / f"program-{number}", env) for number in range(3)]
        self.instances[0].prepare()
        for one in self.instances:
            one.start()
        self.wait_until(lambda one: len(self.menu(one)) == 40)

    def close(self) -> None:
        for server in [*self.instances, self.redis, self.database]:
            server.kill()

    def menu(self, one: RunningCafe) -> dict[str, dict[str, Any]]:
        """Return the items that an instance shows, by slug."""
        with urllib.request.urlopen(f"{one.url}/api/menu", timeout=30) as response:
            categories = json.load(response)["categories"]
        return {item["slug"]: item for category in categories for item in category["items"]}

    def stats(self, one: RunningCafe) -> dict[str, dict[str, float]]:
        with urllib.request.urlopen(f"{one.url}/api/cache/stats", timeout=30) as response:
            caches: dict[str, dict[str, float]] = json.load(response)["caches"]
        return caches

    def wait_until(self, is_so: Callable[[RunningCafe], bool]) -> float:
        """Block until `is_so` holds for every instance, at most 5 × BOUND_S; return the seconds it took."""
        started = time.monotonic()
        for one in self.instances:
            while not is_so(one):
                assert time.monotonic() - started < 5 * BOUND_S, f"{one.url} does not show it"
                time.sleep(0.02)
        return time.monotonic() - started

    def change(self, sql: str) -> None:
        """Change the menu by raw SQL: increment its version, then run `sql`, in one transaction."""
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
        """Yield a list that holds, after the block, the SQL that all instances sent to MariaDB (general log)."""
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
        """Return how often each command was sent to Redis (INFO commandstats)."""
        client = RedisClient(port=self.redis.port, password=self.redis.password)
        calls = {name.split("_", 1)[1]: int(row["calls"]) for name, row in client.info("commandstats").items()}
        client.close()
        return calls


def at_once(requests: Sequence[tuple[RunningCafe, str]], clients: int = 30) -> list[int]:
    """Send GET requests from `clients` concurrent clients over keep-alive connections; return the statuses."""

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
    """Return how often the menu's items were read: each build of a snapshot reads them once."""
    return sum(bool(re.search("FROM `menu_item` .*JOIN `menu_category`", text)) for text in statements)


def looks(statements: Sequence[str]) -> list[str]:
    return [text for text in statements if "FROM `menu_menuversion`" in text]
