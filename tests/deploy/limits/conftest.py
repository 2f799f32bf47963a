import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.edge import Edge, OneAddress
from tests.deploy.limits.edges import NewEdge
from tests.deploy.testbed import Testbed
from tests.harness.running_cafe import RunningCafe


@pytest.fixture(autouse=True, scope="module")
def _the_books_agree(testbed: Testbed) -> Iterator[None]:
    """Check once per module: its tests place few orders."""
    yield
    assert testbed.check_books() == "The books agree.\n"


@pytest.fixture
def new_edge(testbed: Testbed, tmp_path: Path) -> Iterator[NewEdge]:
    """Return a function that starts an edge with these values, in front of the testbed's instances or of others."""
    with ExitStack() as started:

        def start(instances: str = "", **values: str) -> Edge:
            edge = testbed.new_edge(tmp_path / secrets.token_hex(4), instances=instances, **values).start()
            started.callback(edge.kill)
            return edge

        yield start


@pytest.fixture(scope="module")
def program(testbed: Testbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCafe]:
    """One instance; its log has exactly the requests that an edge in front of it passed on."""
    env = {"WEB_WORKERS": "1", "HEALTH_FULL_FROM": "127.0.0.1"}
    program = testbed.new_instance(tmp_path_factory.mktemp("program"), common=OneAddress(), **env)
    program.start()
    yield program
    program.kill()
