import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.containers import why_not
from tests.rehearsal.testbed import RehearsalTestbed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = "" if os.environ.get("CI") == "true" else why_not()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skipif(bool(reason), reason=reason))
            item.add_marker(pytest.mark.needs_mariadb)
            item.add_marker(pytest.mark.needs_redis)
            item.add_marker(pytest.mark.needs_nginx)


@pytest.fixture(scope="package")
def testbed() -> Iterator[RehearsalTestbed]:
    """Two instances behind one address with the edge in front: the smallest scale of the prod overlay."""
    testbed = RehearsalTestbed(Path(os.environ["CAFE_DATA_DIR"]).parent / "rehearsed-testbed", instances=2)
    testbed.start()
    yield testbed
    assert testbed.check_books() == "The books agree.\n"
    testbed.stop()
