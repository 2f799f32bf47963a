"""Pods of the rendered overlays: probes, permissions, and the start on an empty cluster."""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.crowd import Person
from tests.deploy.edge import OneAddress
from tests.deploy.test_faults_behind_the_edge import frozen, killed
from tests.harness.servers import Server
from tests.kustomize.cluster import Cluster, Workshop
from tests.rehearsal import cgroups
from tests.rehearsal.containers import Container, Node
from tests.rehearsal.pods import (
    Job,
    RehearsedEdge,
    RehearsedInstance,
    RehearsedMariaDB,
    RehearsedRedis,
    init_container,
)
from tests.rehearsal.testbed import RehearsalTestbed

pytestmark = pytest.mark.only_full

FIGURES = "figures"


PROBES = ("startup", "readiness", "liveness")


def containers(testbed: RehearsalTestbed) -> list[Container]:
    servers = (testbed.mariadb, testbed.redis, testbed.edge, *testbed.instances)
    return [server.container for server in servers]


# Probes


def test_every_probe_of_every_pod_passes(testbed: RehearsalTestbed) -> None:
    asked = {c.name: [probe for probe in PROBES if f"{probe}Probe" in c.spec] for c in containers(testbed)}
    assert asked == {name: [*PROBES] for name in ("mysql", "redis", "edge", "order-backend")}
    for container in containers(testbed):
        assert {probe: container.passes(probe) for probe in PROBES} == dict.fromkeys(PROBES, True), container.name


@pytest.mark.parametrize("fault", [killed, frozen])
@pytest.mark.parametrize("store", ["mariadb", "redis"])
def test_an_outage_restarts_no_pod_and_takes_none_out_of_the_service(
    testbed: RehearsalTestbed, store: str, fault: Callable[[Server], contextlib.AbstractContextManager[None]]
) -> None:
    asked = [testbed.edge.container, *(program.container for program in testbed.instances)]
    with fault(getattr(testbed, store)):
        for _ in range(4):  # one more failure than makes a kubelet act
            assert [c.passes("readiness") and c.passes("liveness") for c in asked] == [True] * len(asked)
            time.sleep(0.5)


@pytest.mark.parametrize("store", ["mariadb", "redis"])
def test_a_store_that_is_gone_fails_its_own_probes(testbed: RehearsalTestbed, store: str) -> None:
    """Control: the probes of the tests above can fail."""
    server = getattr(testbed, store)
    with killed(server):
        assert [server.container.passes(probe) for probe in PROBES] == [False] * len(PROBES)


# Permissions and resources of a container


def test_a_container_may_do_nothing_but_its_work(testbed: RehearsalTestbed) -> None:
    tried = "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status; touch /etc/changed /usr/changed 2>&1"
    for container in containers(testbed):
        uid = {**container.pod.spec["securityContext"], **container.spec["securityContext"]}["runAsUser"]
        told = container.run("sh", "-c", tried).stdout.split("\n")
        assert told[0] == str(uid)
        may = {name: int(value, 16) for name, value in (line.split() for line in told[1:4])}
        assert may == {"CapEff:": 0, "CapBnd:": 0, "NoNewPrivs:": 1}
        assert "\n".join(told).count("Read-only file system") == 2


def test_pods_that_get_no_more_than_they_request_start_within_their_time(
    testbed: RehearsalTestbed, tmp_path: Path, record_property
) -> None:
    """On a full node a pod gets only its CPU request."""
    took = {}
    for server in (
        testbed.new_instance(tmp_path / "program", common=OneAddress()),
        testbed.new_edge(tmp_path / "edge"),
    ):
        container = server.container
        container.held_to_request = True
        probe = container.spec["startupProbe"]
        began = time.monotonic()
        server.start()
        took[container.name] = time.monotonic() - began
        try:
            assert took[container.name] < probe["periodSeconds"] * probe["failureThreshold"]
            assert container.passes("liveness")
        finally:
            server.kill()
    held = "held to it" if cgroups.are_allowed() else "control groups are not allowed here"
    record_property(FIGURES, f"ready after (s): { {name: round(s, 1) for name, s in took.items()} }, {held}")


def test_a_program_ends_within_its_grace(testbed: RehearsalTestbed) -> None:
    program = testbed.instances[0]
    container = program.container
    asleep_s = container.spec["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace_s = container.pod.spec["terminationGracePeriodSeconds"] - asleep_s
    process = program.process
    assert process
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=grace_s) == 0
    program.process = None
    program.start()


class Whole:
    """All pods of an overlay, on a new node without data."""

    def __init__(self, testbed: RehearsalTestbed, cluster: Cluster, folder: Path) -> None:
        self.node = Node(cluster, folder / "node", testbed.images)
        common = OneAddress()
        self.node.ports["order-backend"] = common.port
        self.mariadb = RehearsedMariaDB(self.node, folder / "mariadb")
        self.redis = RehearsedRedis(self.node, folder / "redis")
        self.program = RehearsedInstance(self.node, folder / "program", common)
        self.edge = RehearsedEdge(self.node, folder / "edge")
        self.waits = init_container(self.node, "order-backend", folder / "program")
        self.job = Job(self.node, cluster.job["metadata"]["name"], folder / "migrate")

    def kill(self) -> None:
        for server in (self.edge, self.program, self.redis, self.mariadb):
            server.kill()


# An empty cluster


def test_on_an_empty_cluster_all_starts_at_once_and_finds_its_order(
    testbed: RehearsalTestbed, tmp_path: Path
) -> None:
    """The pods start before the Job, and both before the database. Overlay: dev; test_runbook.py installs prod."""
    whole = Whole(testbed, Workshop(tmp_path / "workshop").build("dev"), tmp_path)
    said = {}
    job = threading.Thread(target=lambda: said.update(whole.job.run()))
    waits = subprocess.Popen(
        whole.waits.command(),
        env=whole.waits.environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        job.start()
        assert waits.stdout
        assert "are not applied yet" in waits.stdout.readline()
        assert waits.poll() is None
        whole.mariadb.start()
        job.join(timeout=120)
        assert "Applying orders.0001_initial... OK" in said["migrate"]
        assert "does not answer yet" in said["wait-for-mysql"]
        assert waits.wait(timeout=60) == 0
        for server in (whole.redis, whole.program, whole.edge):
            server.start()
        person = Person(whole.edge, Host="cloudcafe.local")
        assert person.get("/api/health").json == {"status": "healthy", "redis": "connected"}
        assert person.get("/zh-hans/").status == 200
        assert person.order(coffee_type="拿铁").status == 201
        assert "No migrations to apply" in Job(whole.node, whole.job.pod.name, tmp_path / "again").run()["migrate"]
    finally:
        with contextlib.suppress(ProcessLookupError):
            waits.kill()
        waits.communicate()
        whole.kill()


def test_a_pod_of_an_older_release_starts_on_a_newer_database(testbed: RehearsalTestbed, tmp_path: Path) -> None:
    """A rollback of the release does not undo migrations."""
    newer = "INSERT INTO cloudcafe.django_migrations (app, name, applied) VALUES ('orders', '9999_newer', NOW())"
    testbed.mariadb.execute(newer)
    try:
        waits = init_container(testbed.node, "order-backend", tmp_path)
        done = subprocess.run(waits.command(), env=waits.environment(), timeout=60)
        assert done.returncode == 0
    finally:
        testbed.mariadb.execute("DELETE FROM cloudcafe.django_migrations WHERE name = '9999_newer'")
