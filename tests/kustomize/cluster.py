"""Render the kustomizations, and query the rendered objects: pods, containers, references, environment."""

import copy
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = {
    "base": "base",
    "dev": "overlays/dev",
    "prod": "overlays/prod",
    "all": "tests/all-components",
}
Object = dict[str, Any]


class Workshop:
    """A copy of deploy/kustomize and what it reads, with its own secrets: tests need no real secret and change no
    file of the project."""

    def __init__(self, folder: Path) -> None:
        self.kustomize = folder / "deploy/kustomize"
        ignored = shutil.ignore_patterns("run-bin-secrets-*", "__pycache__")
        for part in ("deploy/kustomize", "deploy/nginx"):
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        (folder / "bench").mkdir()
        for name in ("kustomization.yaml", "locustfile.py", "random_orders.py"):
            shutil.copy(ROOT / "bench" / name, folder / "bench")
        (folder / "bin").mkdir()
        self.secrets = Path(shutil.copy(ROOT / "bin/secrets", folder / "bin"))

    def copy(self, folder: Path) -> "Workshop":
        """Return another Workshop with the same secrets."""
        other = Workshop(folder)
        place = "components/generated-secret"
        shutil.copytree(self.kustomize / place, other.kustomize / place, dirs_exist_ok=True)
        return other

    def make_secrets(self, *arguments: str) -> None:
        subprocess.run([self.secrets, *arguments], check=True, capture_output=True)

    def build(self, name: str) -> "Cluster":
        done = self.try_build(name)
        assert done.returncode == 0, done.stderr
        return Cluster(list(yaml.load_all(done.stdout, yaml.CSafeLoader)))  # the C loader is ten times as fast

    def try_build(self, name: str) -> "subprocess.CompletedProcess[str]":
        command = [ROOT / "bin/kustomize", "build", self.kustomize / FOLDERS[name]]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ.copy())


class Reference(NamedTuple):
    """A reference of a pod to a ConfigMap or Secret, or to one key of it."""

    kind: str
    name: str
    key: str | None = None
    is_optional: bool = False


class Pod(NamedTuple):
    kind: str
    name: str
    meta: Object
    spec: Object

    @property
    def containers(self) -> list[Object]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    def container(self, name: str) -> Object:
        return next(container for container in self.containers if container["name"] == name)

    def script(self, container: str) -> str:
        """Return the shell script of a container: its only argument."""
        [text] = self.container(container)["args"]
        return str(text)

    def volume_at(self, container: Object, path: str) -> Object:
        """Return the volume mounted at a path of a container, without its name. Asserts that it has no subPath."""
        [mount] = [mount for mount in container["volumeMounts"] if mount["mountPath"] == path]
        assert "subPath" not in mount
        [volume] = [volume for volume in self.spec["volumes"] if volume["name"] == mount["name"]]
        return {key: value for key, value in volume.items() if key != "name"}

    @property
    def references(self) -> Iterator[Reference]:
        for volume in self.spec.get("volumes", []):
            if "configMap" in volume:
                yield Reference("ConfigMap", volume["configMap"]["name"])
            if "secret" in volume:
                yield Reference("Secret", volume["secret"]["secretName"])
        for container in self.containers:
            yield from _references(container)


def _references(container: Object) -> Iterator[Reference]:
    for word, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
        for source in container.get("envFrom", []):
            if ref := source.get(f"{word}Ref"):
                yield Reference(kind, ref["name"])
        for variable in container.get("env", []):
            if ref := variable.get("valueFrom", {}).get(f"{word}KeyRef"):
                yield Reference(kind, ref["name"], ref["key"], ref.get("optional", False))


class Cluster:
    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects

    def copy(self) -> "Cluster":
        return Cluster(copy.deepcopy(self.objects))

    def of(self, kind: str) -> dict[str, Object]:
        return {o["metadata"]["name"]: o for o in self.objects if o["kind"] == kind}

    def get(self, kind: str, name: str) -> Object:
        return self.of(kind)[name]

    def add(self, kind: str, like: str, name: str) -> Object:
        new = copy.deepcopy(self.get(kind, like))
        new["metadata"]["name"] = name
        self.objects.append(new)
        return new

    def remove(self, kind: str, name: str) -> None:
        self.objects.remove(self.get(kind, name))

    @property
    def pods(self) -> Iterator[Pod]:
        for o in self.objects:
            spec = o.get("spec", {})
            template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
            if template:
                yield Pod(o["kind"], o["metadata"]["name"], template["metadata"], template["spec"])

    def pod(self, name: str) -> Pod:
        return next(pod for pod in self.pods if pod.name == name)

    @property
    def job(self) -> Object:
        """Return the migration Job of the release."""
        return next(job for job in self.of("Job").values() if job["metadata"]["labels"]["app"] == "migrate")

    def variables(self, container: Object) -> set[str]:
        """Return the names of all environment variables of a container."""
        named = {variable["name"] for variable in container.get("env", [])}
        return named.union(*(self.env(source["configMapRef"]["name"]) for source in container.get("envFrom", [])))

    def env(self, config: str) -> dict[str, str]:
        return dict(self.get("ConfigMap", config)["data"])

    @property
    def policies(self) -> dict[str, Object]:
        return {name: policy["spec"] for name, policy in self.of("NetworkPolicy").items()}


def quantity(text: Any) -> float:
    """Return a Kubernetes quantity as a number: "250m" as 0.25, "1Gi" in bytes."""
    found = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))
    assert found, text
    unit = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    return float(found[1]) * unit[found[2]]
