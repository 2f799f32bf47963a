"""A MariaDB to harm, a proxy in front of it, a café and a program behind the proxy, and a witness of what is true."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.program import Program
from tests.faults.proxy import Proxy, let_pass
from tests.faults.shop import Shop
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, Redis

START = 100_000  # of each counted item
# The reduced size waits less long for a database that stays away (`hurried`); the café has its own limits.
HURRIED_S = 0.6


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.needs_mariadb)


@pytest.fixture(scope="package")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB of these tests' own, whose commits reach the disk, as in production."""
    database = MariaDB(Path(os.environ["CAFE_DATA_DIR"]).parent / "mariadb-to-harm").start()
    database.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    yield database
    database.kill()


@pytest.fixture(scope="package")
def cafes_line(mariadb: MariaDB) -> Proxy:
    return Proxy(mariadb.port)


@pytest.fixture
def proxy(cafes_line: Proxy) -> Proxy:
    """The proxy to harm: the café's, if a module says nothing else."""
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
    """A proxy for one program alone: the café's pollers speak through the other, and would be counted."""
    return Proxy(mariadb.port)


@pytest.fixture(scope="package")
def program(cafe: RunningCafe, line: Proxy) -> Iterator[Program]:
    """The program whose connection is cut."""
    with Program(cafe.env | {"DB_PORT": str(line.port)}) as program:
        program.do("load_menu")
        yield program


@pytest.fixture
def hurried(program: Program, full_size: bool) -> Iterator[None]:
    """For a test that waits until the program gives up. One that expects it to mend what was cut leaves it the café's
    own time: on a busy machine the second attempt may begin late."""
    if not full_size:
        program.do("hurry", HURRIED_S)
    yield
    program.do("take_your_time")


@pytest.fixture(scope="package")
def witness(cafe: RunningCafe, mariadb: MariaDB) -> Iterator[Program]:
    """A program on the database itself, which says what is true."""
    with Program(cafe.env | mariadb.env()) as program:
        program.do("load_menu")
        yield program


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A busy café in three processes, with a MariaDB and a Redis of its own to harm."""
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
