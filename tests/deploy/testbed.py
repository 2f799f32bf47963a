"""A cluster on one machine: three instances behind one shared address, with the nginx edge in front."""

from pathlib import Path

from tests.deploy.edge import Edge, OneAddress, SharingInstance
from tests.harness.running_cafe import ROOT
from tests.harness.servers import MariaDB, Redis

# Rate limits for the tests, whose clients share one address; the default rate is for one customer.
UNLIMITED = {"EDGE_ORDER_RATE": "10000r/s", "EDGE_ORDER_BURST": "10000"}


class Testbed:
    """MariaDB, Redis, instances and the edge, as `bin/cluster` runs them; tests kill, freeze and restart each."""

    __test__ = False  # for pytest: this is no test class
    mariadb: MariaDB
    redis: Redis

    def __init__(self, folder: Path, *, instances: int = 3, **values: str) -> None:
        self.folder, self.common = folder, OneAddress()
        self._add_stores()
        self.instances = [self.new_instance(folder / f"program-{number}") for number in range(instances)]
        self.edge = self.new_edge(folder / "edge", **UNLIMITED | values)

    def _add_stores(self) -> None:
        self.mariadb, self.redis = MariaDB(self.folder / "mariadb"), Redis(self.folder / "redis")

    def new_instance(
        self, folder: Path, *arguments: str, common: OneAddress | None = None, source: Path = ROOT, **env: str
    ) -> SharingInstance:
        """Return one more instance, not started, at the common address. Another `source` has its static files in its
        var/static."""
        told = self.mariadb.env() | self.redis.env() | {"WEB_WORKERS": "2"} | env
        if source != ROOT:
            told |= {"CAFE_DATA_DIR": f"{source}/var", "PYTHONPATH": str(source), "PYTHONSAFEPATH": "1"}
        program = SharingInstance(folder, told, common or self.common, *arguments)
        program.root = source
        return program

    def new_edge(self, folder: Path, *, instances: str = "", **values: str) -> Edge:
        """Return one more edge, not started, for the instances at `instances` (host:port), or for the testbed's."""
        return Edge(folder, instances=instances or self.common.address, **values)

    def start(self) -> None:
        self.mariadb.start()
        self.redis.start()
        self.instances[0].prepare()
        for program in self.instances:
            program.start()
        self.edge.start()

    def stop(self) -> None:
        for server in (self.edge, *self.instances, self.redis, self.mariadb):
            server.kill()

    def orders_by_key(self) -> dict[str, list[int]]:
        """Return {idempotency key: ids of its orders in the database}."""
        by_key: dict[str, list[int]] = {}
        for key, id_ in self.mariadb.execute("SELECT submission_key, id FROM cloudcafe.orders_order"):
            by_key.setdefault(key, []).append(id_)
        return by_key

    def check_books(self) -> str:
        return self.instances[0].manage("check_books")
