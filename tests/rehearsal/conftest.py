import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.containers import why_not
from tests.rehearsal.house import RehearsedHouse


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = "" if os.environ.get("CI") == "true" else why_not()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skipif(bool(reason), reason=reason))
            item.add_marker(pytest.mark.needs_mariadb)
            item.add_marker(pytest.mark.needs_redis)
            item.add_marker(pytest.mark.needs_nginx)


@pytest.fixture(scope="module")
def house() -> Iterator[RehearsedHouse]:
    """Two programs behind one address and the edge before them, as prod begins."""
    house = RehearsedHouse(Path(os.environ["CAFE_DATA_DIR"]).parent / "rehearsed-house", programs=2)
    house.start()
    yield house
    assert house.check_books() == "The books agree.\n"
    house.stop()
