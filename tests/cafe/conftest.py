"""A database and a Redis for each module that asks for one."""

from collections.abc import Iterator

import pytest

from tests.servers import MariaDB, Redis


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    database = MariaDB(tmp_path_factory.mktemp("mariadb")).start()
    yield database
    database.kill()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis")).start()
    yield redis
    redis.kill()
