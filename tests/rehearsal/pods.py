"""Pods that run: the servers of the rendered prod overlay, each a process to be harmed, and whole jobs."""

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

from tests.deploy.edge import DiesAsAWhole, Edge, OneAddress, SharingProgram
from tests.harness.servers import MariaDB, Redis, Server, free_port
from tests.kustomize.cluster import Pod
from tests.rehearsal.containers import Container, Node

JOB_TIMEOUT_S = 180
PAUSE_S = 0.2


class InPod:
    """What a server of a pod adds to one of tests/servers: its command and its words come from the manifest."""

    container: Container
    more: tuple[str, ...] = ()  # arguments after the manifest's own

    def command(self) -> list[str]:
        return self.container.command(*self.more)

    def environment(self) -> dict[str, str]:
        return self.container.environment()

    def answers(self) -> bool:
        """Whether a kubelet would send people here. It asks again after a while, for each time costs a process."""
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
        """Run one statement as root, for good."""
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
        ports = {6379: self.port}  # said by the probe
        self.container = Container(node, node.cluster.pod("redis"), "redis", folder, port=self.port, ports=ports)
        self.more = ("--port", str(self.port), "--bind", "127.0.0.1")
        node.ports["redis-svc"] = self.port


class RehearsedProgram(InPod, SharingProgram):
    """A pod of order-backend. All listen at the Service's one address, and each at one of its own."""

    def __init__(self, node: Node, folder: Path, common: OneAddress, *more: str, **values: str) -> None:
        super().__init__(folder, {}, common, *more)
        pod = node.cluster.pod("order-backend")
        self.container = Container(node, pod, "order-backend", folder, port=self.port, **values)
        self.more = self.arguments

    def prepare(self) -> None:
        """The Job of this release migrates; then somebody fills the menu."""
        Job(self.container.node, self.container.node.cluster.job["metadata"]["name"], self.folder / "migrate").run()
        self.manage("load_sample_menu")

    def manage(self, *arguments: str) -> str:
        done = self.container.run("python", "manage.py", *arguments)
        assert done.returncode == 0, f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout


class RehearsedEdge(InPod, Edge):
    """A pod of frontend, before the programs at `programs` (host:port), or before the Service."""

    def __init__(self, node: Node, folder: Path, *, programs: str = "", **values: str) -> None:
        super().__init__(folder, programs=programs, **values)
        told = values | ({"EDGE_PROGRAMS": programs} if programs else {})
        self.container = Container(node, node.cluster.pod("frontend"), "edge", folder, port=self.port, **told)
        self.home = self.container.volumes["home"]
        self.values = self.container.environment()

    def start(self) -> Self:
        return Server.start(self)

    def check_configuration(self) -> "subprocess.CompletedProcess[str]":
        return self.container.run("nginx", "-c", "/var/lib/edge/conf/nginx.conf", "-t")


class Sidecar(DiesAsAWhole):
    """A container beside the others of its pod, until they have ended."""

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
    """A container of the job ended with something else than 0; says which, and its words."""


class Job:
    """A Job, or one made of a CronJob (`kubectl create job --from=`), with all the containers of its pod in order."""

    def __init__(self, node: Node, name: str, place: Path, **values: str) -> None:
        self.node, self.pod, self.place, self.values = node, node.cluster.pod(name), place, values
        self.said: dict[str, str] = {}  # by container
        self.phase = "Running"  # then "Complete" or "Failed"
        self._ports = {3307: free_port()}  # at which containers of this pod talk among themselves

    def run(self) -> dict[str, str]:
        """Return what each container said. Raises JobFailed."""
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
    """Return after how many seconds it holds. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience_s:
            raise TimeoutError(f"not within {patience_s} s")
        time.sleep(0.05)
    return time.monotonic() - began


def wait_in_turn(container: Container, is_over: threading.Event) -> bool:
    """Run an init container until it ends; return whether it ended well, False if it is over before."""
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
    """Return what a pod of this Deployment waits for before it starts."""
    pod: Pod = node.cluster.pod(deployment)
    [spec] = pod.spec["initContainers"]
    return Container(node, pod, spec["name"], place)
