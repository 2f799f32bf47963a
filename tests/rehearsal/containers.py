"""Run a container of a rendered pod as a kubelet does: with its command, environment, files, user and limits.

All settings come from the manifest. This machine has no cluster network and no images; only these are replaced:

- a Service's port, and the port that a container listens at, is a free port of this machine;
- the files of an image are this machine's own executables, our source tree for our own image, and for the
  entrypoints of the official images those parts that the manifests rely on (`images/`).
"""

import copy
import http.client
import json
import re
import socket
import subprocess
import sys
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from tests.kustomize.cluster import Cluster, Object, Pod, quantity
from tests.rehearsal import cgroups
from tests.rehearsal.container_images import Image, Mount

HERE = Path(__file__).resolve().parent
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@cache
def why_not() -> str:
    """Return why no container can be made on this machine; an empty string when it can."""
    tried = subprocess.run(["unshare", "--user", "--mount", "true"], capture_output=True, text=True)
    return f"this kernel lets nobody make namespaces: {tried.stderr.strip()}" if tried.returncode else ""


@dataclass(frozen=True)
class Description:
    """The JSON input of tests/rehearsal/container_exec.py."""

    root: str
    folder: str
    command: list[str]
    mounts: list[Mount]
    uid: int
    gid: int
    read_only_root: bool
    cgroups: list[str]


class Node:
    """This machine as a cluster node: its images, its persistent volumes, and the port of each Service."""

    def __init__(self, cluster: Cluster, folder: Path, images: Mapping[str, Image]) -> None:
        self.cluster, self.folder, self.images = cluster, folder, images
        self.ports: dict[str, int] = {}  # by Service
        folder.mkdir(parents=True, exist_ok=True)
        names = " ".join(cluster.of("Service"))
        (folder / "hosts").write_text(f"127.0.0.1 localhost {names}\n")

    def with_image(self, name: str, image: Image) -> "Node":
        """Return a copy of the node in which `name` is another image."""
        other = copy.copy(self)
        other.images = {**self.images, name: image}
        return other

    def with_cluster(self, cluster: Cluster) -> "Node":
        """Return a copy of the node with other manifests, as after another `kubectl apply`."""
        other = copy.copy(self)
        other.cluster = cluster
        return other

    def image(self, name: str) -> Image:
        plain = re.sub(r"(@sha256:[0-9a-f]+)|(:[\w.-]+)$", "", name)
        return self.images.get(plain) or self.images[plain.rpartition("/")[2]]

    def volume(self, pod: Pod, place: Path, volume: Object) -> Path:
        """Return the folder of this volume; create it, and write a ConfigMap's files into it."""
        if claim := volume.get("persistentVolumeClaim"):
            folder = self.folder / "claims" / claim["claimName"]
        else:
            folder = place / "volumes" / volume["name"]
        folder.mkdir(parents=True, exist_ok=True)
        if config := volume.get("configMap"):
            for name, text in self.cluster.get("ConfigMap", config["name"])["data"].items():
                (folder / name).write_text(text)
        return folder

    def value(self, source: Object) -> str | None:
        """Return the value of a `valueFrom`; None if it is optional and missing. Raises KeyError if it must exist."""
        (kind, wanted), *_none = source.items()
        found = self.values("Secret" if kind == "secretKeyRef" else "ConfigMap", wanted["name"])
        if wanted["key"] not in found and wanted.get("optional"):
            return None
        return found[wanted["key"]]

    def values(self, kind: str, name: str) -> dict[str, str]:
        data = self.cluster.get(kind, name)["data"]
        return {key: b64decode(text).decode() for key, text in data.items()} if kind == "Secret" else dict(data)


class Container:
    """One container of a pod on a node; the folder `place` holds the pod's own files.

    `port` is the port that it listens at on this machine. `ports` maps the ports at which the pod's containers call
    each other to ports of this machine; they are replaced in commands and values. `values` override environment
    variables, as a patch of the manifest would.
    """

    def __init__(
        self,
        node: Node,
        pod: Pod,
        name: str,
        place: Path,
        *,
        port: int = 0,
        ports: dict[int, int] | None = None,
        **values: str,
    ) -> None:
        self.node, self.pod, self.place, self.port = node, pod, place, port
        self.spec = pod.container(name)
        self.image = node.image(self.spec["image"])
        self.own_values, self._ports = values, ports or {}
        self.held_to_request = False
        place.mkdir(parents=True, exist_ok=True)
        self.volumes = {v["name"]: node.volume(pod, place, v) for v in pod.spec.get("volumes", [])}

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def group(self) -> str:
        return f"{self.place.name}-{self.name}"

    def environment(self) -> dict[str, str]:
        env = {"HOSTNAME": self.place.name, **self.image.env}
        for source in self.spec.get("envFrom", []):
            (kind, wanted), *_none = source.items()
            env |= self.node.values("Secret" if kind == "secretRef" else "ConfigMap", wanted["name"])
        for each in self.spec.get("env", []):
            value = self.node.value(each["valueFrom"]) if "valueFrom" in each else self._here(each["value"])
            if value is not None:
                env[each["name"]] = value
        return env | self._ports_of_services(env) | self.own_values

    def command(self, *more: str) -> list[str]:
        """Return the command line that starts the container; `more` are appended arguments."""
        entrypoint = self.spec.get("command", self.image.entrypoint)
        return self._enter([*entrypoint, *self.spec.get("args", []), *more])

    def run(self, *command: str, timeout_s: float = 120, typed: str = "") -> "subprocess.CompletedProcess[str]":
        """Run another command in the container, as `kubectl exec` does; `typed` is its stdin."""
        return subprocess.run(
            self._enter(list(command)),
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    # Probes, as a kubelet runs them

    def passes(self, probe: str) -> bool:
        """Run the "startup", "readiness" or "liveness" probe once, as a kubelet does; True if there is none."""
        said = self.spec.get(f"{probe}Probe")
        if said is None:
            return True
        timeout_s = said.get("timeoutSeconds", 1)
        if asked := said.get("httpGet"):
            return self._answers(asked, timeout_s)
        if "tcpSocket" in said:
            return self._is_open(timeout_s)
        try:
            return self.run(*said["exec"]["command"], timeout_s=timeout_s).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def _answers(self, asked: Object, timeout_s: float) -> bool:
        headers = {each["name"]: each["value"] for each in asked.get("httpHeaders", [])}
        connection = http.client.HTTPConnection("127.0.0.1", self._port_named(asked["port"]), timeout=timeout_s)
        try:
            connection.request("GET", asked["path"], headers=headers)
            return 200 <= connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _is_open(self, timeout_s: float) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s).close()
        except OSError:
            return False
        return True

    def _port_named(self, name: str) -> int:
        assert name in [port["name"] for port in self.spec["ports"]], f"{self.name} has no port {name}"
        return self.port

    # Replacements for the cluster's network and images

    def _here(self, text: str) -> str:
        for said, ours in self._ports.items():
            text = re.sub(rf"\b{said}\b", str(ours), text)
        return text

    def _ports_of_services(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment variables that name a port, with this machine's ports."""
        ports = self.node.ports
        known = {
            "DB_PORT": ("3306", ports.get("mysql-service")),
            "REDIS_PORT": ("6379", ports.get("redis-svc")),
            "PORT": ("5000", self.port),
            "EDGE_LISTEN": ("8080", self.port and f"127.0.0.1:{self.port}"),
            "EDGE_PROGRAMS": ("order-backend:5000", f"order-backend:{ports.get('order-backend')}"),
        }
        found = {name: str(ours) for name, (said, ours) in known.items() if ours and env.get(name) == said}
        # MariaDB's client programs use this variable where no port is given.
        return found | {"MYSQL_TCP_PORT": str(ports["mysql-service"])}

    def _enter(self, command: list[str]) -> list[str]:
        context = {**self.pod.spec["securityContext"], **self.spec["securityContext"]}
        assert context["runAsNonRoot"]
        root = self.place / "roots" / self.name
        root.mkdir(parents=True, exist_ok=True)
        description = Description(
            root=str(root),
            folder=self.spec.get("workingDir", self.image.folder),
            command=[self._here(word) for word in command],
            mounts=self._mounts(),
            uid=context["runAsUser"],
            gid=context["runAsGroup"],
            read_only_root=context["readOnlyRootFilesystem"],
            cgroups=cgroups.make(self.group, self._limits()),
        )
        text = json.dumps(asdict(description))
        file = self.place / f"{self.name}-{crc32(text.encode()):x}.json"
        file.write_text(text)
        return [sys.executable, "-I", str(HERE / "container_exec.py"), str(file)]

    def _mounts(self) -> list[Mount]:
        hosts = Mount(str(self.node.folder / "hosts"), "/etc/hosts", True)
        return [*self.image.mounts, hosts, *(self._mount(each) for each in self.spec.get("volumeMounts", []))]

    def _mount(self, each: Object) -> Mount:
        source = self.volumes[each["name"]] / each.get("subPath", "")
        return Mount(str(source), each["mountPath"], each.get("readOnly", False))

    def _limits(self) -> cgroups.Limits:
        resources = self.spec["resources"]
        requests, limits = resources["requests"], resources["limits"]
        quota = requests["cpu"] if self.held_to_request else limits.get("cpu")
        return cgroups.Limits(
            memory_bytes=int(quantity(limits["memory"])),
            cpu_quota=quantity(quota) if quota else None,
        )
