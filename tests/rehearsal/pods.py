"""Running pods of the rendered prod overlay: servers as processes that a test can kill or freeze, and Jobs."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import MySQLdb

from tests.deploy.edge import DiesAsAWhole, Edge, OneAddress, SharingInstance
from tests.harness.servers import MariaDB, Redis, Server, free_port
from tests.kustomize.cluster import Pod
from tests.rehearsal.containers import Container, Node

JOB_TIMEOUT_S = 180
PAUSE_S = 0.2


class InPod:
    """Mixin for a server of tests/harness: takes the command and the environment from the pod's manifest."""

    container: Container
    more: tuple[str, ...] = ()  # arguments after the manifest's own

    def command(self) -> list[str]:
        return self.container.command(*self.more)

    def environment(self) -> dict[str, str]:
        return self.container.environment()

    def answers(self) -> bool:
        """Whether the startup and readiness probes pass. It pauses if they fail, for each probe costs a process."""
        if self.container.passes("startup") and self.container.passes("readiness"):
            return True
        time.sleep(PAUSE_S)
        return False


class RehearsedMariaDB(InPod, MariaDB):
    def __init__(self, node: Node, folder: Path, *, port: int = 0) -> None:
        super().__init__(folder)
        self.port = port or self.port
        self.container = Container(node, node.cluster.pod("mysql"), "mysql", folder, port=self.port)
        self.password = node.values("Secret", "mysql-secret")["MYSQL_PASSWORD"]
        self.more = (f"--port={self.port}", "--bind-address=127.0.0.1")
        node.ports["mysql-service"] = self.port

    def start(self) -> Self:
        return Server.start(self)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement as root with autocommit; return its rows."""
        password = self.environment()["MYSQL_ROOT_PASSWORD"]
        address = {"host": "127.0.0.1", "port": self.port, "user": "root", "charset": "utf8mb4"}
        connection = MySQLdb.connect(password=password, **address)
        with contextlib.closing(connection), connection.cursor() as cursor:
            connection.autocommit(True)
            cursor.execute(sql)
            return list(cursor.fetchall())


class RehearsedRedis(InPod, Redis):
    def __init__(self, node: Node, folder: Path, *, port: int = 0) -> None:
        super().__init__(folder)
        self.port = port or self.port
        ports = {6379: self.port}  # the probe's command names this port
        self.container = Container(node, node.cluster.pod("redis"), "redis", folder, port=self.port, ports=ports)
        self.more = ("--port", str(self.port), "--bind", "127.0.0.1")
        node.ports["redis-svc"] = self.port


class RehearsedInstance(InPod, SharingInstance):
    """A pod of order-backend, one instance. All instances share the Service's address; each has its own as well."""

    def __init__(self, node: Node, folder: Path, common: OneAddress, *more: str, **values: str) -> None:
        super().__init__(folder, {}, common, *more)
        pod = node.cluster.pod("order-backend")
        self.container = Container(node, pod, "order-backend", folder, port=self.port, **values)
        self.more = self.arguments

    def prepare(self) -> None:
        """Run the migration Job of this release, then load the sample menu."""
        Job(self.container.node, self.container.node.cluster.job["metadata"]["name"], self.folder / "migrate").run()
        self.manage("load_sample_menu")

    def manage(self, *arguments: str) -> str:
        done = self.container.run("python", "manage.py", *arguments)
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout


class RehearsedEdge(InPod, Edge):
    """A pod of frontend: the edge in front of the instances at `instances` (host:port), or of the Service."""

    def __init__(self, node: Node, folder: Path, *, instances: str = "", **values: str) -> None:
        super().__init__(folder, instances=instances, **values)
        told = values | ({"EDGE_PROGRAMS": instances} if instances else {})
        self.container = Container(node, node.cluster.pod("frontend"), "edge", folder, port=self.port, **told)
        self.home = self.container.volumes["home"]
        self.values = self.container.environment()

    def start(self) -> Self:
        return Server.start(self)

    def check_configuration(self) -> "subprocess.CompletedProcess[str]":
        return self.container.run("nginx", "-c", "/var/lib/edge/conf/nginx.conf", "-t")


class Sidecar(DiesAsAWhole):
    """A sidecar container: it runs until the other containers of its pod have ended."""

    def __init__(self, container: Container) -> None:
        self.program = container.name
        super().__init__(container.place)
        self.container = container

    def command(self) -> list[str]:
        return self.container.command()

    def environment(self) -> dict[str, str]:
        return self.container.environment()

    def answers(self) -> bool:
        return self.container.passes("startup")


class JobFailed(Exception):
    """A container of the Job exited with a status other than 0; the message has its name, status and output."""


class Job:
    """A run of a Job or a CronJob (`kubectl create job --from=`): all containers of its pod, in order."""

    def __init__(self, node: Node, name: str, place: Path, **values: str) -> None:
        self.node, self.pod, self.place, self.values = node, node.cluster.pod(name), place, values
        self.said: dict[str, str] = {}  # output by container
        self.phase = "Running"  # then "Complete" or "Failed"
        self._ports = {3307: free_port()}  # ports at which containers of this pod call each other

    def run(self) -> dict[str, str]:
        """Run the containers; return their outputs by name. Raises JobFailed."""
        try:
            return self._run_all()
        except JobFailed:
            self.phase = "Failed"
            raise

    def _run_all(self) -> dict[str, str]:
        shutil.rmtree(self.place, ignore_errors=True)
        with contextlib.ExitStack() as sidecars:
            for spec in self.pod.containers:
                container = self.container(spec["name"])
                if spec.get("restartPolicy") == "Always":
                    sidecars.enter_context(beside(Sidecar(container)))
                else:
                    self._run(container)
        self.phase = "Complete"
        return self.said

    def container(self, name: str) -> Container:
        values = {key: value for key, value in self.values.items() if self._is_told(name, key)}
        return Container(self.node, self.pod, name, self.place, ports=self._ports, **values)

    def _is_told(self, name: str, key: str) -> bool:
        return key in [each["name"] for each in self.pod.container(name).get("env", [])]

    def _run(self, container: Container) -> None:
        done = subprocess.run(
            container.command(),
            env=container.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=JOB_TIMEOUT_S,
        )
        self.said[container.name] = done.stdout
        if done.returncode:
            raise JobFailed(f"{container.name} ended with {done.returncode}:\n{done.stdout}")


@contextlib.contextmanager
def beside(sidecar: Sidecar) -> Iterator[None]:
    sidecar.start()
    try:
        yield
    finally:
        sidecar.kill()


def seconds_until(holds: Callable[[], bool], *, patience_s: float) -> float:
    """Poll until `holds()`; return the seconds waited. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience_s:
            raise TimeoutError(f"not within {patience_s} s")
        time.sleep(0.05)
    return time.monotonic() - began


def wait_in_turn(container: Container, is_over: threading.Event) -> bool:
    """Run an init container until it exits; return whether with status 0. Once `is_over` is set, kill it: False."""
    log = container.place / f"{container.name}.log"
    with log.open("ab") as file:
        process = subprocess.Popen(
            container.command(),
            env=container.environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    while process.poll() is None:
        if is_over.wait(0.05):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return False
    return process.returncode == 0


def init_container(node: Node, deployment: str, place: Path) -> Container:
    """Return the one init container of this Deployment's pod."""
    pod: Pod = node.cluster.pod(deployment)
    [spec] = pod.spec["initContainers"]
    return Container(node, pod, spec["name"], place)
