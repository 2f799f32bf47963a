"""Fixtures of the race tests: one new database for all, a crowd of client processes, and a real gunicorn."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, commits_reach_the_disk, execute
from tests.race import books
from tests.race.crowd import Crowd

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.needs_mariadb)


@pytest.fixture(scope="package")
def env() -> Iterator[dict[str, str]]:
    """The environment variables of a new, empty database, on a MariaDB that flushes its log at every commit."""
    name = f"test_race_{secrets.token_hex(4)}"
    execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    with commits_reach_the_disk():
        yield {key: os.environ[key] for key in MariaDB(HERE).env()} | {"DB_NAME": name}
    execute(f"DROP DATABASE {name}")


@pytest.fixture(scope="package")
def everybody(env: dict[str, str]) -> Iterator[Crowd]:
    """The processes of the crowd, with the sample menu in their database."""
    crowd = Crowd(env)
    crowd.ask(migrate)
    yield crowd
    crowd.go_home()


def migrate() -> None:
    call_command("migrate", database="maintenance", verbosity=0)
    call_command("load_sample_menu", verbosity=0)


@pytest.fixture
def crowd(everybody: Crowd) -> Crowd:
    """The crowd, with the sample menu, no orders and no stock."""
    everybody.ask(books.begin_new)
    return everybody


@pytest.fixture(scope="package")
def cafe(env: dict[str, str], everybody: Crowd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCafe]:
    """The running café on the crowd's database: three gunicorn workers of eight threads."""
    cafe = RunningCafe(tmp_path_factory.mktemp("cafe"), env | {"WEB_WORKERS": "3"}).start()
    yield cafe
    cafe.stop()


@pytest.fixture
def unique_index_dropped(crowd: Crowd) -> Iterator[Callable[..., None]]:
    """Return a function that drops a unique index: `unique_index_dropped("submission_key")`.

    After the test all orders are deleted, since some violate the index, and the index is added again.
    """
    dropped: list[tuple[str, ...]] = []

    def drop(*columns: str) -> None:
        crowd.ask(books.drop_unique_index, columns)
        dropped.append(columns)

    yield drop
    crowd.ask(books.begin_new)
    for columns in dropped:
        crowd.ask(books.add_unique_index, columns)


@pytest.fixture
def figures(
    request: pytest.FixtureRequest, crowd: Crowd, record_property: Callable[[str, object], None]
) -> Callable[..., None]:
    """Return a function that records counts of the last crowd, for pytest to print: `figures(sold=9, refused=41)`."""

    def note(**numbers: int) -> None:
        words = [f"{number:,} {name.replace('_', ' ')}" for name, number in numbers.items()]
        if "cafe" not in request.fixturenames:  # else gunicorn's workers retry, and do not count
            again = ", ".join(f"{times} {reason}" for reason, times in crowd.retries.items())
            words.append(f"retries: {again or 'none'}")
        record_property("figures", f"{', '.join(words)}, in {crowd.seconds:.1f} s")

    return note
