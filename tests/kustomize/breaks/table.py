"""The type of a break, and helpers to find and change parts of a cluster."""

from collections.abc import Callable
from typing import Any

from tests.kustomize.cluster import Cluster, Object, Pod

# {name of the fact that must fail: {description of the mistake: function that makes it}}
Breaks = dict[str, dict[str, Callable[[Cluster], Any]]]


def backend(cluster: Cluster) -> Object:
    return cluster.pod("order-backend").container("order-backend")


def edge(cluster: Cluster) -> Object:
    return cluster.pod("frontend").container("edge")


def migrations(cluster: Cluster) -> Pod:
    return cluster.pod(cluster.job["metadata"]["name"])


def context(cluster: Cluster) -> Object:
    """Return the securityContext of the order-backend container."""
    found: Object = backend(cluster)["securityContext"]
    return found


def data(cluster: Cluster, config: str) -> Object:
    found: Object = cluster.get("ConfigMap", config)["data"]
    return found


def spec(cluster: Cluster, kind: str, name: str) -> Object:
    found: Object = cluster.get(kind, name)["spec"]
    return found


def scaling(cluster: Cluster, direction: str) -> Object:
    found: Object = spec(cluster, "HorizontalPodAutoscaler", "order-backend")["behavior"][direction]
    return found


def metric(cluster: Cluster) -> Object:
    found: Object = spec(cluster, "HorizontalPodAutoscaler", "order-backend")["metrics"][0]["resource"]
    return found


def variable(container: Object, name: str) -> Object:
    return next(v for v in container["env"] if v["name"] == name)


def file(cluster: Cluster, config: str, name: str, old: str, new: str) -> None:
    text = data(cluster, config)
    assert old in text[name]
    text[name] = text[name].replace(old, new)


def script(cluster: Cluster, pod: str, container: str, old: str, new: str = "") -> None:
    replace_last(cluster.pod(pod).container(container)["args"], old, new)


def replace_last(words: list[str], old: str, new: str) -> None:
    assert old in words[-1]
    words[-1] = words[-1].replace(old, new)


def scratch(cluster: Cluster, pod: str, volume: str) -> None:
    """Replace a pod's persistent volume by an emptyDir, which is deleted with the pod."""
    found = next(one for one in cluster.pod(pod).spec["volumes"] if one["name"] == volume)
    del found["persistentVolumeClaim"]
    found["emptyDir"] = {"sizeLimit": "1Gi"}


def drop_step(cluster: Cluster, pod: str, container: str) -> None:
    cluster.pod(pod).spec["initContainers"].remove(cluster.pod(pod).container(container))
