"""Facts that are sums: connections to MariaDB, and the quota."""

import math
import re

from tests.kustomize.cluster import Cluster, Pod, quantity
from tests.kustomize.facts.table import fact

OWN_THREADS = 2  # cafe.serving.poller, and the one that cafe.health.dependencies asks from
CONNECTIONS_OF_JOBS = 2  # the migrations, or a restore; the nightly dump
# Threads that were asked whether the books agree (orders/admin/orders.py): each has one more connection from then on,
# which Django closes at the thread's next request, if it is a minute old.
CONNECTIONS_OF_STAFF = 10
CONNECTIONS_OF_OPERATORS = 8  # manage.py by hand, programs that wait for migrations, MariaDB's own for root


def most_pods(cluster: Cluster, name: str) -> int:
    """Return how many pods of a Deployment there may be at once: at full scale, in a rollout.

    Old ones that are leaving count neither as replicas nor as surge, but live on for up to the grace period; each
    `minReadySeconds` one of them begins to leave.
    """
    spec = cluster.get("Deployment", name)["spec"]
    hpa = cluster.of("HorizontalPodAutoscaler").get(name)
    replicas = hpa["spec"]["maxReplicas"] if hpa else spec["replicas"]
    leaving = math.ceil(spec["template"]["spec"]["terminationGracePeriodSeconds"] / spec["minReadySeconds"])
    return int(replicas + spec["strategy"]["rollingUpdate"]["maxSurge"] + min(leaving, replicas))


def connections(cluster: Cluster) -> dict[str, int]:
    """Return the sum of docs/operations.md, line by line."""
    env = cluster.env("app-config")
    a_program = int(env["WEB_WORKERS"]) * (int(env["WEB_THREADS"]) + OWN_THREADS)
    return {
        "programs": most_pods(cluster, "order-backend") * a_program,
        "staff": CONNECTIONS_OF_STAFF,
        "jobs": CONNECTIONS_OF_JOBS,
        "operators": CONNECTIONS_OF_OPERATORS,
    }


def allowed_connections(cluster: Cluster) -> int:
    found = re.search(r"^max_connections = (\d+)$", cluster.env("mysql-server")["cafe.cnf"], re.M)
    assert found
    return int(found[1])


@fact("dev", "prod")
def all_connections_fit_into_the_database(cluster: Cluster) -> None:
    assert sum(connections(cluster).values()) <= allowed_connections(cluster)


def _of_a_pod(pod: Pod, part: str, unit: str) -> float:
    """Return what the quota counts for a pod: its containers and sidecars, or its hungriest step before them."""

    def wanted(container: dict) -> float:  # type: ignore[type-arg]
        return quantity(container["resources"][part][unit])

    beside, hungriest = 0.0, 0.0
    for container in pod.spec.get("initContainers", []):
        if container.get("restartPolicy") == "Always":
            beside += wanted(container)
        hungriest = max(hungriest, beside + (0 if container.get("restartPolicy") else wanted(container)))
    return max(beside + sum(wanted(container) for container in pod.spec["containers"]), hungriest)


@fact("dev", "prod")
def the_largest_scale_fits_into_the_quota(cluster: Cluster) -> None:
    hard = cluster.get("ResourceQuota", "cloud-cafe")["spec"]["hard"]
    many = {name: most_pods(cluster, name) for name in ("order-backend", "frontend")}
    pods = [(pod, many.get(pod.name, 1)) for pod in cluster.pods]
    for part, unit in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
        needed = sum(_of_a_pod(pod, part, unit) * number for pod, number in pods)
        assert needed <= quantity(hard[f"{part}.{unit}"]), f"{part}.{unit}: {needed}"
    assert sum(number for _, number in pods) <= int(hard["pods"])
    assert len(cluster.of("PersistentVolumeClaim")) <= int(hard["persistentvolumeclaims"])
