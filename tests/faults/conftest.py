"""Fixtures: a MariaDB to harm, a proxy in front of it, a café and a client process behind the proxy, and a witness
that reads the database directly."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.client_process import Program
from tests.faults.proxy import Proxy, let_pass
from tests.faults.shop import Shop
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

START = 100_000  # the stock of each counted item before a test
# In the reduced size the client process stops retrying sooner (`hurried`); the café keeps its own limits.
HURRIED_S = 0.6


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.needs_mariadb)


@pytest.fixture(scope="package")
def mariadb() -> Iterator[MariaDB]:
    """A separate MariaDB for these tests, which flushes each commit to disk, as in production."""
    database = MariaDB(Path(os.environ["CAFE_DATA_DIR"]).parent / "mariadb-to-harm").start()
    database.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    yield database
    database.kill()


@pytest.fixture(scope="package")
def cafes_line(mariadb: MariaDB) -> Proxy:
    return Proxy(mariadb.port)


@pytest.fixture
def proxy(cafes_line: Proxy) -> Proxy:
    """The proxy that a test cuts: the café's, unless a module overrides this fixture."""
    return cafes_line


@pytest.fixture(scope="package")
def cafe(tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDB, cafes_line: Proxy) -> Iterator[RunningCafe]:
    """A café with the sample menu and two workers, behind the proxy."""
    env = mariadb.env() | {"DB_PORT": str(cafes_line.port), "WEB_WORKERS": "2", "WEB_THREADS": "4"}
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), env)
    cafe.prepare()
    cafe.start()
    yield cafe
    cafe.stop()


@pytest.fixture(scope="package")
def line(mariadb: MariaDB) -> Proxy:
    """A proxy for the client process alone: on the café's proxy its pollers' commands would be counted too."""
    return Proxy(mariadb.port)


@pytest.fixture(scope="package")
def program(cafe: RunningCafe, line: Proxy) -> Iterator[Program]:
    """The client process whose connection is cut."""
    with Program(cafe.env | {"DB_PORT": str(line.port)}) as program:
        program.do("load_menu")
        yield program


@pytest.fixture
def hurried(program: Program, full_size: bool) -> Iterator[None]:
    """Shorten the client process's retry limit, for a test that waits until it gives up. A test that expects the
    retry to succeed keeps the café's limit: on a busy machine the second attempt may begin late."""
    if not full_size:
        program.do("hurry", HURRIED_S)
    yield
    program.do("take_your_time")


@pytest.fixture(scope="package")
def witness(cafe: RunningCafe, mariadb: MariaDB) -> Iterator[Program]:
    """A client process with a direct connection to the database, which reads the true state."""
    with Program(cafe.env | mariadb.env()) as program:
        program.do("load_menu")
        yield program


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A café of three worker processes, with a separate MariaDB and Redis to harm."""
    folder = Path(os.environ["CAFE_DATA_DIR"]).parent / "shop"
    mariadb, redis = MariaDB(folder / "mariadb").start(), Redis(folder / "redis").start()
    shop = Shop(tmp_path_factory.mktemp("shop"), mariadb, redis)
    yield shop
    shop.close()
    redis.kill()
    mariadb.kill()


@pytest.fixture(autouse=True)
def _the_books_agree(proxy: Proxy, witness: Program) -> Iterator[None]:
    witness.do("count", START)
    yield
    proxy.decide = let_pass
    proxy.revive()
    proxy.land()
    assert witness.do("check_books") == []
