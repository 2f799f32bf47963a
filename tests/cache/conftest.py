"""Three instances of one process each on one database and one Redis, so that a test can address each instance."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cache import changes
from tests.cache.manager_process import ManagerProcess
from tests.cache.watch import Readers, Watcher
from tests.cache.workspace import Workspace
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

INSTANCES = 3
READS_A_SECOND = 30  # from each instance


@pytest.fixture(scope="package")
def mariadb() -> Iterator[MariaDB]:
    """A separate MariaDB for these tests, which flushes each commit to disk, as in production."""
    database = MariaDB(_folder("mariadb")).start()
    database.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    yield database
    database.kill()


@pytest.fixture(scope="package")
def redis() -> Iterator[Redis]:
    redis = Redis(_folder("redis")).start()
    yield redis
    redis.kill()


@pytest.fixture(scope="package")
def cafes(mariadb: MariaDB, redis: Redis) -> Iterator[list[RunningCafe]]:
    """The three instances, with the sample menu."""
    env = mariadb.env() | redis.env() | {"WEB_WORKERS": "1", "WEB_THREADS": "4"}
    cafes = [RunningCafe(_folder(f"cafe-{number}"), env) for number in range(INSTANCES)]
    cafes[0].prepare()
    for cafe in cafes:
        cafe.start()
    yield cafes
    for cafe in cafes:
        cafe.stop()


@pytest.fixture(scope="package")
def manager_process(cafes: list[RunningCafe]) -> Iterator[ManagerProcess]:
    """The process that changes the menu, with the instances' environment."""
    manager_process = ManagerProcess(cafes[0].env | {"LOG_LEVEL": "WARNING"})
    yield manager_process
    manager_process.close()


@pytest.fixture(scope="module")
def workspace(cafes: list[RunningCafe], manager_process: ManagerProcess) -> Iterator[Workspace]:
    """The instances under watchers and load. At teardown it asserts that no request failed and the books agree."""
    readers = Readers([cafe.url for cafe in cafes], READS_A_SECOND)
    watchers = [Watcher(cafe.url) for cafe in cafes]
    for watcher in watchers:
        watcher.start()
    yield Workspace(cafes, watchers, manager_process)
    for watcher in watchers:
        watcher.stop()
    readers.stop()
    assert [watcher.problems for watcher in watchers] == [[], [], []]
    assert readers.read.value > 0
    assert readers.failed.value == 0
    assert manager_process.ask(changes.check_books) == []


def _folder(name: str) -> Path:
    return Path(os.environ["CAFE_DATA_DIR"]).parent / f"cache-{name}"
