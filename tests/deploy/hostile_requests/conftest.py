from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.edge import Edge
from tests.deploy.hostile_requests.requests import NewEdge
from tests.deploy.testbed import UNLIMITED, Testbed


@pytest.fixture(autouse=True, scope="module")
def _the_books_agree(testbed: Testbed) -> Iterator[None]:
    """Check once per module: its tests place few orders."""
    yield
    assert testbed.check_books() == "The books agree.\n"


@pytest.fixture
def new_edge(testbed: Testbed, tmp_path: Path) -> Iterator[NewEdge]:
    """Return a function that starts another edge, with an empty cache, in front of the testbed's instances."""
    with ExitStack() as started:

        def start() -> Edge:
            number = len(list(tmp_path.iterdir()))
            edge = testbed.new_edge(tmp_path / f"edge-{number}", **UNLIMITED).start()
            started.callback(edge.kill)
            return edge

        yield start


@pytest.fixture
def edge(new_edge: NewEdge) -> Edge:
    return new_edge()
