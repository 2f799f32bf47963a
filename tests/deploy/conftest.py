"""Three programs behind one balancing address, with the edge in front: a cluster, as far as one machine goes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.edge import Edge, OneAddress, SharingProgram
from tests.faults.shop import PAGES, Answer, Shop, after_s
from tests.kustomize.cluster import Workshop
from tests.rehearsal.containers import Node, official_images, our_image
from tests.rehearsal.pods import RehearsedEdge, RehearsedMariaDB, RehearsedProgram, RehearsedRedis
from tests.running_cafe import ROOT
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
    """MariaDB, Redis, programs and the edge, each to be harmed and started again: as `bin/cluster` runs them."""

    mariadb: MariaDB
    redis: Redis

    def __init__(self, folder: Path, *, programs: int = 3, **values: str) -> None:
        self.folder, self.common = folder, OneAddress()
        self._add_stores()
        self.programs = [self.new_program(folder / f"program-{number}") for number in range(programs)]
        self.edge = self.new_edge(folder / "edge", **UNLIMITED | values)

    def _add_stores(self) -> None:
        self.mariadb, self.redis = MariaDB(self.folder / "mariadb"), Redis(self.folder / "redis")

    def new_program(
        self, folder: Path, *arguments: str, common: OneAddress | None = None, source: Path = ROOT, **env: str
    ) -> SharingProgram:
        """Return one more program, at the common address; of another `source`, whose files are in its var/static."""
        told = self.mariadb.env() | self.redis.env() | {"WEB_WORKERS": "2"} | env
        if source != ROOT:
            told |= {"CAFE_DATA_DIR": f"{source}/var", "PYTHONPATH": str(source), "PYTHONSAFEPATH": "1"}
        program = SharingProgram(folder, told, common or self.common, *arguments)
        program.root = source
        return program

    def new_edge(self, folder: Path, *, programs: str = "", **values: str) -> Edge:
        """Return one more edge, before the programs at `programs` (host:port), or before all of this house."""
        return Edge(folder, programs=programs or self.common.address, **values)

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


class RehearsedHouse(House):
    """The same, each part with command, environment, files, user, limits and probes of the rendered prod overlay."""

    mariadb: RehearsedMariaDB
    redis: RehearsedRedis
    programs: list[RehearsedProgram]
    edge: RehearsedEdge

    def __init__(self, folder: Path, *, programs: int = 3, **values: str) -> None:
        self.workshop = Workshop(folder / "workshop")
        self.workshop.make_secrets()
        collected = Path(os.environ["CAFE_DATA_DIR"]) / "static"
        self.images = official_images() | {"cloud-cafe": our_image(ROOT, collected, folder / "image")}
        self.node = Node(self.workshop.build("prod"), folder / "node", self.images)
        super().__init__(folder, programs=programs, **values)

    def _add_stores(self) -> None:
        self.node.ports["order-backend"] = self.common.port
        self.mariadb = RehearsedMariaDB(self.node, self.folder / "mariadb")
        self.redis = RehearsedRedis(self.node, self.folder / "redis")

    def new_program(
        self, folder: Path, *arguments: str, common: OneAddress | None = None, source: Path = ROOT, **env: str
    ) -> RehearsedProgram:
        node = self.node
        if source != ROOT:
            image = our_image(source, source / "var/static", folder / "image")
            node = self.node.with_image("cloud-cafe", image)
        return RehearsedProgram(node, folder, common or self.common, *arguments, **env)

    def new_edge(self, folder: Path, *, programs: str = "", **values: str) -> RehearsedEdge:
        return RehearsedEdge(self.node, folder, programs=programs, **values)


HOUSES = {"prod": RehearsedHouse, "laptop": House}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The cluster's house in every run; with --full that of `bin/cluster` too, unless the test is of the cluster."""
    if "house" in metafunc.fixturenames:
        both = metafunc.config.option.full and metafunc.module.__name__.rpartition(".")[2] != "test_rehearsal"
        metafunc.parametrize("house", [*HOUSES] if both else ["prod"], indirect=True, scope="package")


@pytest.fixture(scope="package")
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """What all tests of this folder share; each leaves it as it was."""
    house = HOUSES[request.param](Path(os.environ["CAFE_DATA_DIR"]).parent / f"house-{request.param}")
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
