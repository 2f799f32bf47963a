"""Fixtures of a one-machine cluster: three instances behind one load-balanced address, with the edge in front."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.crowd import Crowd
from tests.deploy.testbed import Testbed
from tests.faults.shop import PAGES, Answer, Shop, after_s
from tests.rehearsal.containers import why_not
from tests.rehearsal.testbed import RehearsalTestbed

TESTBEDS = {"prod": RehearsalTestbed, "laptop": Testbed}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what these tests need, and sort them by testbed: pytest groups them within a folder only, and a testbed is
    started once."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.needs_mariadb)
        item.add_marker(pytest.mark.needs_redis)
        item.add_marker(pytest.mark.needs_nginx)
    in_turn = iter(sorted(ours, key=_position_of_testbed))
    items[:] = [next(in_turn) if item in ours else item for item in items]


def _position_of_testbed(item: pytest.Item) -> int:
    parameters = getattr(item, "callspec", None)
    return [*TESTBEDS].index(parameters.params["testbed"]) if parameters and "testbed" in parameters.params else 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on the "prod" testbed; with --full also on "laptop", that of `bin/cluster`. Use "laptop" alone
    where no container can be made."""
    if "testbed" in metafunc.fixturenames:
        testbeds = [*TESTBEDS] if metafunc.config.option.full else ["prod"]
        if os.environ.get("CI") != "true" and why_not():
            testbeds = ["laptop"]
        metafunc.parametrize("testbed", testbeds, indirect=True, scope="package")


@pytest.fixture(scope="package", autouse=True)
def _a_crowd_is_as_large_as_the_run(full_size: bool) -> None:
    if full_size:
        Crowd.PAUSE_S = 0.03


@pytest.fixture(scope="package")
def testbed(request: pytest.FixtureRequest) -> Iterator[Testbed]:
    """The testbed that all tests of this folder share; each test restores it."""
    testbed = TESTBEDS[request.param](Path(os.environ["CAFE_DATA_DIR"]).parent / f"testbed-{request.param}")
    testbed.start()
    yield testbed
    testbed.stop()


class ShopBehindTheEdge(Shop):
    """The Shop of tests/faults in this testbed: one changing price; all requests go through the edge."""

    def __init__(self, testbed: Testbed) -> None:
        self.mariadb, self.redis, self.cafe = testbed.mariadb, testbed.redis, testbed.edge
        self.prices = []
        self.change_price()
        self.until_current()

    def is_current(self, answer: Answer) -> bool:
        return super().is_current(answer) and answer.headers["X-Cache-Status"] != "STALE"

    def until_current(self) -> float:
        """Wait until each path returns a page with the current price that is no stale copy; return the seconds."""
        return after_s(lambda: all(self.is_current(self.get(path)) for path in PAGES))


@pytest.fixture(scope="module")
def shop(testbed: Testbed) -> Iterator[ShopBehindTheEdge]:
    yield ShopBehindTheEdge(testbed)
    testbed.instances[0].manage("load_sample_menu")  # sets the price back


@pytest.fixture(scope="package", autouse=True)
def _the_books_agree(testbed: Testbed) -> Iterator[None]:
    yield
    assert testbed.check_books() == "The books agree.\n"
