"""Load tests: three instances of one process each, without an edge, on a separate MariaDB and Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rush.shop import Shop

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.needs_mariadb)
            item.add_marker(pytest.mark.needs_redis)


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("rush"))
    try:
        yield shop
    finally:
        shop.close()
