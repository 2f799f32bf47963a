"""Three programs behind one balancing address, with the edge in front: a cluster, as far as one machine goes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.edge import Edge, OneAddress, SharingProgram
from tests.faults.shop import PAGES, Answer, Shop, after_s
from tests.servers import MariaDB, Redis

# What one tester's address may do; the usual rate is for customers.
UNLIMITED = {"EDGE_ORDER_RATE": "10000r/s", "EDGE_ORDER_BURST": "10000"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("deploy"))
            item.add_marker(pytest.mark.needs_mariadb)
            item.add_marker(pytest.mark.needs_redis)
            item.add_marker(pytest.mark.needs_nginx)


class House:
    """MariaDB, Redis, programs and the edge, each to be harmed and started again."""

    def __init__(self, folder: Path, *, programs: int = 3, **values: str) -> None:
        self.mariadb, self.redis = MariaDB(folder / "mariadb"), Redis(folder / "redis")
        self.common = OneAddress()
        self.env = self.mariadb.env() | self.redis.env() | {"WEB_WORKERS": "2"}
        self.programs = [self.new_program(folder / f"program-{number}") for number in range(programs)]
        self.edge = Edge(folder / "edge", programs=self.common.address, **UNLIMITED | values)

    def new_program(self, folder: Path, **env: str) -> SharingProgram:
        return SharingProgram(folder, self.env | env, self.common)

    def start(self) -> None:
        self.mariadb.start()
        self.redis.start()
        self.programs[0].prepare()
        for program in self.programs:
            program.start()
        self.edge.start()

    def stop(self) -> None:
        for server in (self.edge, *self.programs, self.redis, self.mariadb):
            server.kill()

    def orders_by_key(self) -> dict[str, list[int]]:
        """Return the ids of the orders in the database under each key."""
        by_key: dict[str, list[int]] = {}
        for key, id_ in self.mariadb.execute("SELECT submission_key, id FROM cloudcafe.orders_order"):
            by_key.setdefault(key, []).append(id_)
        return by_key

    def check_books(self) -> str:
        return self.programs[0].manage("check_books")


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """What all tests of this folder share; each leaves it as it was."""
    house = House(Path(os.environ["CAFE_DATA_DIR"]).parent / "house")
    house.start()
    yield house
    house.stop()


class ShopBehindTheEdge(Shop):
    """The shop of tests/faults in this house: one price that changes, and everybody asks the edge."""

    def __init__(self, house: House) -> None:
        self.mariadb, self.redis, self.cafe = house.mariadb, house.redis, house.edge
        self.prices = []
        self.change_price()
        self.until_current()

    def is_current(self, answer: Answer) -> bool:
        return super().is_current(answer) and answer.headers["X-Cache-Status"] != "STALE"

    def until_current(self) -> float:
        """Wait until a program's page with the price of now comes at each address; return after how many seconds."""
        return after_s(lambda: all(self.is_current(self.get(path)) for path in PAGES))


@pytest.fixture(scope="module")
def shop(house: House) -> Iterator[ShopBehindTheEdge]:
    yield ShopBehindTheEdge(house)
    house.programs[0].manage("load_sample_menu")  # sets the price back


@pytest.fixture(scope="module", autouse=True)
def _the_books_agree(house: House) -> Iterator[None]:
    yield
    assert house.check_books() == "The books agree.\n"
