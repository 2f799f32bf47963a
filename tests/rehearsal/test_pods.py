"""Pods of the rendered overlays, run with their own manifests: probes, permissions, start on an empty cluster,
migration, backup, restore, password rotation, termination."""

import contextlib
import gzip
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import MySQLdb
import pytest

from tests.deploy.crowd import Person
from tests.deploy.edge import OneAddress
from tests.deploy.test_faults_behind_the_edge import frozen, killed
from tests.harness.running_cafe import ROOT
from tests.harness.servers import Server
from tests.kustomize.cluster import Cluster, Workshop
from tests.rehearsal import cgroups
from tests.rehearsal.containers import Container, Node
from tests.rehearsal.pods import (
    Job,
    JobFailed,
    RehearsedEdge,
    RehearsedInstance,
    RehearsedMariaDB,
    RehearsedRedis,
    init_container,
    seconds_until,
)
from tests.rehearsal.testbed import RehearsalTestbed

FIGURES = "figures"
PATIENCE = 5
ACCESS_DENIED = 1045
PROBES = ("startup", "readiness", "liveness")
RUNBOOK = (ROOT / "docs/operations.md").read_text()


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


# An empty cluster


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


# Backups


@pytest.fixture
def backups(testbed: RehearsalTestbed) -> Path:
    return testbed.node.folder / "claims/mysql-backup"


def back_up(testbed: RehearsalTestbed, folder: Path, **values: str) -> dict[str, str]:
    return Job(testbed.node, "mysql-backup", folder / "backup", **values).run()


def kept(backups: Path) -> set[str]:
    return {file.name for file in backups.glob("cafe-*.sql.gz")}


def test_a_backup_gets_its_name_once_it_was_restored_and_its_books_agree(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    said = back_up(testbed, tmp_path)
    assert "The books agree." in said["check"]
    [name] = kept(backups)
    assert re.fullmatch(r"cafe-\d{8}T\d{6}Z\.sql\.gz", name)
    assert not list(backups.glob("unchecked*"))
    assert (backups / name).stat().st_mode & 0o077 == 0
    tables = re.findall(r"^CREATE TABLE `(\w+)`", gzip.decompress((backups / name).read_bytes()).decode(), re.M)
    assert {"orders_order", "menu_item"} < {*tables}
    assert tables[-1] == "django_migrations", "a restore that broke off must not pass for a database"


def test_a_backup_whose_books_do_not_agree_gets_no_name(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    Person(testbed.edge).order()
    before = kept(backups)
    testbed.mariadb.execute("UPDATE cloudcafe.orders_order SET total = total + 1 ORDER BY id LIMIT 1")
    try:
        with pytest.raises(JobFailed, match=r"check ended with 1"):
            back_up(testbed, tmp_path)
    finally:
        testbed.mariadb.execute("UPDATE cloudcafe.orders_order SET total = total - 1 ORDER BY id LIMIT 1")
    assert kept(backups) == before


def test_a_dump_that_breaks_off_gets_no_name(testbed: RehearsalTestbed, tmp_path: Path, backups: Path) -> None:
    before = kept(backups)
    with killed(testbed.mariadb), pytest.raises(JobFailed, match=r"dump ended with"):
        back_up(testbed, tmp_path, PATIENCE_S="1")
    assert kept(backups) == before


@contextlib.contextmanager
def no_programs(testbed: RehearsalTestbed) -> Iterator[None]:
    """Stop all instances, as `kubectl scale deployment/order-backend --replicas=0` does; restart them afterwards."""
    for program in testbed.instances:
        program.stop()
    try:
        yield
    finally:
        for program in testbed.instances:
            program.start()


def test_a_restore_brings_back_what_was_backed_up_and_begins_a_new_epoch_of_the_menu(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    person = Person(testbed.edge)
    assert person.get("/zh-hans/").status == 200
    backed_up = person.order().json
    back_up(testbed, tmp_path)
    newest = max(kept(backups))
    lost = person.order().json
    testbed.instances[0].manage("shell", "-c", CHANGE_PRICE)
    [(epoch,)] = testbed.mariadb.execute("SELECT epoch FROM cloudcafe.menu_menuversion")

    restore = Job(testbed.node, "mysql-restore", tmp_path / "restore", BACKUP=newest, PATIENCE_S="1")
    with pytest.raises(JobFailed, match="Connected besides this job: "):
        restore.run()
    assert Person(testbed.edge).get(f"/api/orders/{lost['token']}").status == 200

    with no_programs(testbed):
        assert Person(testbed.edge).get("/zh-hans/").status == 200
        said = restore.run()
    assert f"Restored /backup/{newest}." in said["restore"]
    assert "A new epoch of the menu has begun" in said["after"]
    assert said["after"].endswith("The books agree.\n")

    person = Person(testbed.edge)
    assert person.get(f"/api/orders/{backed_up['token']}").json["id"] == backed_up["order_id"]
    assert person.get(f"/api/orders/{lost['token']}").status == 404
    assert testbed.mariadb.execute("SELECT epoch FROM cloudcafe.menu_menuversion") != [(epoch,)]
    seconds_until(lambda: latte_costs(testbed) == [25.0] * len(testbed.instances), patience_s=2 * PATIENCE)


CHANGE_PRICE = "from menu.models import Item; item = Item.objects.get(slug='latte'); item.price = 99; item.save()"


def latte_costs(testbed: RehearsalTestbed) -> list[float]:
    """Return the price of a latte from each instance's menu."""
    menus = [Person(program).get("/api/menu").json for program in testbed.instances]
    items = [[item for category in menu["categories"] for item in category["items"]] for menu in menus]
    return [next(item["price"] for item in menu if item["slug"] == "latte") for menu in items]


# Passwords


@pytest.fixture
def rotated(testbed: RehearsalTestbed, tmp_path: Path) -> Node:
    """The node after `bin/secrets rotate` of SECRET_KEY and MYSQL_PASSWORD and another apply."""
    workshop = testbed.workshop.copy(tmp_path / "rotated")
    for name in ("SECRET_KEY", "SECRET_KEY", "MYSQL_PASSWORD"):
        workshop.make_secrets("rotate", name)
    return testbed.node.with_cluster(workshop.build("prod"))


def alter_user(number: int, *, old: str, new: str) -> str:
    """Return the runbook's ALTER USER statement number 0 or 1, with the shell variables filled in."""
    statements = re.findall(r'echo "(ALTER USER [^"]+)" \| sql', RUNBOOK)
    assert len(statements) == 2
    return str(statements[number].replace("$old", old).replace("$new", new))


def gets_in(testbed: RehearsalTestbed, password: str) -> bool:
    try:
        MySQLdb.connect(host="127.0.0.1", port=testbed.mariadb.port, user="cafeadmin", password=password).close()
    except MySQLdb.OperationalError as error:
        if error.args[0] != ACCESS_DENIED:
            raise
        return False
    return True


def test_passwords_are_rotated_while_old_and_new_programs_run(
    testbed: RehearsalTestbed, rotated: Node, tmp_path: Path
) -> None:
    old, new = (node.values("Secret", "mysql-secret")["MYSQL_PASSWORD"] for node in (testbed.node, rotated))
    assert old != new
    [(item,)] = testbed.mariadb.execute("SELECT id FROM cloudcafe.menu_item WHERE slug = 'butter-croissant'")
    cart = Person(testbed.instances[0]).ask("POST", "/en/cart/add/", f"item={item}&quantity=1".encode(), FORM)
    cookie = cart.headers["Set-Cookie"].partition(";")[0]
    program = RehearsedInstance(rotated, tmp_path / "program", OneAddress())
    try:
        testbed.mariadb.execute(alter_user(0, old=old, new=new))
        assert (gets_in(testbed, old), gets_in(testbed, new)) == (True, True)
        program.start()
        assert Person(program).order().status == 201
        assert Person(testbed.instances[0]).order().status == 201
        page = Person(program, Cookie=cookie).get("/en/cart/").body.decode()
        assert "Butter Croissant" in page, "what the old key signed is read with the new one"
        testbed.mariadb.execute(alter_user(1, old=old, new=new))
        assert (gets_in(testbed, old), gets_in(testbed, new)) == (False, True)
        assert Person(program).order().status == 201
    finally:
        program.kill()
        testbed.mariadb.execute(alter_user(1, old=new, new=old))
    assert gets_in(testbed, old)


FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
