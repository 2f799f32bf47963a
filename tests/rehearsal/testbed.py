"""The testbed of tests/deploy, with its servers run as pods of the rendered prod overlay."""

import os
from pathlib import Path

from tests.deploy.edge import OneAddress
from tests.deploy.testbed import Testbed
from tests.harness.running_cafe import ROOT
from tests.kustomize.cluster import Workshop
from tests.rehearsal import cgroups
from tests.rehearsal.container_images import make_tree, official_images, our_image
from tests.rehearsal.containers import Node
from tests.rehearsal.pods import RehearsedEdge, RehearsedInstance, RehearsedMariaDB, RehearsedRedis


class RehearsalTestbed(Testbed):
    """A Testbed whose servers have the command, environment, files, user, limits and probes of the prod overlay."""

    mariadb: RehearsedMariaDB
    redis: RehearsedRedis
    instances: list[RehearsedInstance]
    edge: RehearsedEdge

    def __init__(self, folder: Path, *, instances: int = 3, **values: str) -> None:
        self.workshop = Workshop(folder / "workshop")
        self.workshop.make_secrets()
        collected = Path(os.environ["CAFE_DATA_DIR"]) / "static"
        self.images = official_images() | {"cloud-cafe": our_image(make_tree(folder / "image", collected))}
        self.node = Node(self.workshop.build("prod"), folder / "node", self.images)
        super().__init__(folder, instances=instances, **values)

    def _add_stores(self) -> None:
        self.node.ports["order-backend"] = self.common.port
        self.mariadb = RehearsedMariaDB(self.node, self.folder / "mariadb")
        self.redis = RehearsedRedis(self.node, self.folder / "redis")

    def new_instance(
        self, folder: Path, *arguments: str, common: OneAddress | None = None, source: Path = ROOT, **env: str
    ) -> RehearsedInstance:
        node = self.node
        if source != ROOT:
            node = self.node.with_image("cloud-cafe", our_image(source))
        return RehearsedInstance(node, folder, common or self.common, *arguments, **env)

    def new_edge(self, folder: Path, *, instances: str = "", **values: str) -> RehearsedEdge:
        return RehearsedEdge(self.node, folder, instances=instances, **values)

    def stop(self) -> None:
        """Stop all servers; assert that the kernel killed no pod for its memory limit during the tests."""
        super().stop()
        servers = (self.mariadb, self.redis, self.edge, *self.instances)
        assert {server.container.group: cgroups.killed_for_memory(server.container.group) for server in servers} == {
            server.container.group: 0 for server in servers
        }
