"""A simulated Kubernetes cluster on one machine: it stores the applied objects and runs their pods as processes.

It has what docs/operations.md uses: Deployments that roll and scale, a StatefulSet, Jobs that run once, CronJobs as
templates of Jobs, persistent volumes, Secrets. It has no scheduler, no network of its own and no metrics.
tests/rehearsal/kubectl.py is its command line.
"""

import contextlib
import copy
import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.deploy.edge import OneAddress
from tests.harness.servers import Server, free_port
from tests.kustomize.cluster import Cluster, Object
from tests.rehearsal.container_images import Image
from tests.rehearsal.containers import Container, Node
from tests.rehearsal.little_pod import PAUSE_S, LittlePod
from tests.rehearsal.pods import (
    Job,
    JobFailed,
    RehearsedEdge,
    RehearsedInstance,
    RehearsedMariaDB,
    RehearsedRedis,
)

Key = tuple[str, str]
WORKLOADS = ("StatefulSet", "Deployment")


class Refused(Exception):
    """The API server refuses a request; the message is for the operator."""


class LittleCluster:
    def __init__(self, folder: Path, images: dict[str, Image]) -> None:
        self.folder = folder
        self.objects: dict[Key, Object] = {}
        self.pods: dict[Key, list[tuple[str, LittlePod]]] = {}  # by workload: (hash of the pod template, pod)
        self.jobs: dict[str, Job] = {}
        self._services = {"mysql-service": free_port(), "redis-svc": free_port()}
        self._programs = OneAddress()
        self._doomed: set[str] = set()  # deleted volumes, removed once no pod mounts them
        self._images = images
        self._numbers = iter(range(1, 10_000))
        self._lock = threading.RLock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._control, daemon=True)
        self._thread.start()

    # Requests

    def apply(self, objects: list[Object]) -> list[str]:
        """Store these objects; return kubectl's line for each, such as "… created". Raises Refused."""
        with self._lock:
            said = [self._apply(each) for each in objects]
        time.sleep(2 * PAUSE_S)  # one round of the controllers before the next command
        return said

    def scale(self, name: str, replicas: int) -> None:
        with self._lock:
            self.get("Deployment", name)["spec"]["replicas"] = replicas

    def create_job(self, name: str, of: str) -> Object:
        """Return the Job object that `kubectl create job --from=` makes of this CronJob; it is not applied."""
        template = copy.deepcopy(self.get("CronJob", of)["spec"]["jobTemplate"])
        owner = [{"apiVersion": "batch/v1", "kind": "CronJob", "name": of, "controller": True}]
        meta = template.get("metadata", {}) | {"name": name, "ownerReferences": owner}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template["spec"]}

    def delete(self, kind: str, name: str) -> None:
        with self._lock:
            if kind == "Pod":
                self._pod_named(name).is_ended.set()
                return
            self.get(kind, name)
            if kind == "PersistentVolumeClaim":
                self._doomed.add(name)
                return
            del self.objects[kind, name]
            if kind == "Job":
                self.jobs.pop(name, None)

    def restart(self, kind: str, name: str) -> None:
        with self._lock:
            meta = self.get(kind, name)["spec"]["template"]["metadata"]
            meta.setdefault("annotations", {})["kubectl.kubernetes.io/restartedAt"] = str(time.time())

    def get(self, kind: str, name: str) -> Object:
        if (kind, name) not in self.objects:
            raise Refused(f'Error from server (NotFound): {kind.lower()}s "{name}" not found')
        return self.objects[kind, name]

    def names(self, kind: str) -> list[str]:
        return [name for each, name in self.objects if each == kind]

    def all_pods(self) -> list[LittlePod]:
        return [pod for pods in self.pods.values() for _hash, pod in pods]

    def pods_of(self, kind: str, name: str) -> list[LittlePod]:
        return [pod for _hash, pod in self.pods.get((kind, name), [])]

    @property
    def edge_port(self) -> int:
        """The port that the ingress forwards to: that of a ready edge. Raises Refused."""
        for pod in self.pods_of("Deployment", "frontend"):
            if pod.is_ready:
                return pod.port
        raise Refused("No edge is ready.")

    def is_rolled_out(self, kind: str, name: str) -> bool:
        with self._lock:
            wanted = self.get(kind, name)
            pods = self.pods.get((kind, name), [])
            now = _hash_of(wanted)
            is_all = len(pods) == wanted["spec"].get("replicas", 1)
        return is_all and all(hash_ == now and pod.is_ready for hash_, pod in pods)

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()
        for pod in self.all_pods():
            pod.is_ended.set()
        for pod in self.all_pods():
            pod.thread.join()

    # Controllers

    def _apply(self, wanted: Object) -> str:
        kind, name = wanted["kind"], wanted["metadata"]["name"]
        before = self.objects.get((kind, name))
        label = f"{kind.lower()}/{name}"
        if before and kind == "Job" and before["spec"]["template"] != wanted["spec"]["template"]:
            raise Refused(f'The Job "{name}" is invalid: spec.template: field is immutable')
        if before and kind == "Deployment":
            wanted["spec"].setdefault("replicas", before["spec"]["replicas"])
        if kind == "Deployment":
            wanted["spec"].setdefault("replicas", 1)
        if before and "status" in before:
            wanted["status"] = before["status"]
        self.objects[kind, name] = wanted
        if kind == "Job" and not before:
            self._start_job(name)
        return f"{label} {'unchanged' if before == wanted else 'configured' if before else 'created'}"

    def _start_job(self, name: str) -> None:
        job = Job(self._node(), name, self.folder / f"job-{name}")
        self.jobs[name] = job

        def run() -> None:
            owner = self.objects["Job", name]["metadata"].get("ownerReferences", [])
            with contextlib.suppress(JobFailed, Refused):
                job.run()
                now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                for each in owner:
                    self.get("CronJob", each["name"])["status"] = {"lastSuccessfulTime": now}

        threading.Thread(target=run, daemon=True).start()

    def _node(self) -> Node:
        node = Node(Cluster(list(self.objects.values())), self.folder / "node", self._images)
        node.ports |= self._services | {"order-backend": self._programs.port}
        return node

    def _control(self) -> None:
        while not self._is_over.wait(PAUSE_S):
            with self._lock:
                self._lift_to_the_autoscalers_least()
                turns = [(key, self.objects[key]) for key in self.objects if key[0] in WORKLOADS]
            for key, wanted in turns:
                self._turn(key, wanted)
            self._remove_doomed()

    def _remove_doomed(self) -> None:
        used = {name for pod in self.all_pods() for name in claims_of(pod.container.pod.spec)}
        with self._lock:
            for name in self._doomed - used:
                shutil.rmtree(self.folder / "node/claims" / name, ignore_errors=True)
                del self.objects["PersistentVolumeClaim", name]
                self._doomed.remove(name)

    def _has_its_volumes(self, wanted: Object) -> bool:
        claims = claims_of(wanted["spec"]["template"]["spec"])
        return all(("PersistentVolumeClaim", name) in self.objects and name not in self._doomed for name in claims)

    def _lift_to_the_autoscalers_least(self) -> None:
        for name in self.names("HorizontalPodAutoscaler"):
            spec = self.objects["HorizontalPodAutoscaler", name]["spec"]
            target = self.objects.get(("Deployment", spec["scaleTargetRef"]["name"]))
            if target and target["spec"]["replicas"]:  # at 0 replicas the autoscaler is inactive
                target["spec"]["replicas"] = max(target["spec"]["replicas"], spec["minReplicas"])

    def _turn(self, key: Key, wanted: Object) -> None:
        """Reconcile this workload by one step, as a controller does: start or end at most one pod."""
        pods = self.pods.setdefault(key, [])
        for pair in [pair for pair in pods if pair[1].is_ended.is_set()]:
            pair[1].end()
            pods.remove(pair)
        now, number = _hash_of(wanted), wanted["spec"].get("replicas", 1)
        old = [pair for pair in pods if pair[0] != now]
        is_single = key[0] == "StatefulSet" or wanted["spec"].get("strategy", {}).get("type") == "Recreate"
        new = [pair for pair in pods if pair[0] == now]
        if old and (is_single or len(new) >= number) and (is_single or all(pod.is_ready for _hash, pod in new)):
            old[0][1].is_ended.set()
        elif len(new) > number:
            new[-1][1].is_ended.set()
        elif len(new) < number and not (old and is_single) and self._has_its_volumes(wanted):
            pods.append((now, self._new_pod(key, wanted)))

    def _new_pod(self, key: Key, wanted: Object) -> LittlePod:
        with self._lock:
            node = self._node()
        kind, name = key
        number = next(self._numbers)
        pod_name = f"{name}-0" if kind == "StatefulSet" else f"{name}-{number}"
        place = self.folder / f"{name}-{number}"
        template = wanted["spec"]["template"]
        inits = [each["name"] for each in template["spec"].get("initContainers", [])]
        waits = [Container(node, node.cluster.pod(name), each, place) for each in inits]
        return LittlePod(pod_name, template["metadata"]["labels"], self._server(name, node, place), waits)

    def _server(self, name: str, node: Node, place: Path) -> Server:
        makers: dict[str, Callable[[], Server]] = {
            "mysql": lambda: RehearsedMariaDB(node, place, port=self._services["mysql-service"]),
            "redis": lambda: RehearsedRedis(node, place, port=self._services["redis-svc"]),
            "order-backend": lambda: RehearsedInstance(node, place, self._programs),
            "frontend": lambda: RehearsedEdge(node, place),
        }
        return makers[name]()

    def _pod_named(self, name: str) -> LittlePod:
        for pod in self.all_pods():
            if pod.name == name:
                return pod
        raise Refused(f'Error from server (NotFound): pods "{name}" not found')


def claims_of(spec: Object) -> list[str]:
    """Return the names of the PersistentVolumeClaims that a pod spec mounts."""
    volumes = [volume.get("persistentVolumeClaim") for volume in spec.get("volumes", [])]
    return [claim["claimName"] for claim in volumes if claim]


def _hash_of(workload: Object) -> str:
    template: Any = workload["spec"]["template"]
    return json.dumps(template, sort_keys=True)
