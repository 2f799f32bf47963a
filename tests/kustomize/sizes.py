"""Facts about capacity: the sum of connections to MariaDB, and the sum of resources against the quota."""

import math
import re

from tests.kustomize.cluster import Cluster, Pod, quantity
from tests.kustomize.facts.table import fact

OWN_THREADS = 2  # in each worker: cafe.serving.menu_poller, and the thread of cafe.health.dependencies
CONNECTIONS_OF_JOBS = 2  # one for the migrations or a restore, one for the nightly dump
# Each thread that served check_books in the admin (orders/admin/orders.py) has one more connection from then on.
# Django closes it at the thread's next request, if it is a minute old.
CONNECTIONS_OF_STAFF = 10
CONNECTIONS_OF_OPERATORS = 8  # manage.py by hand, pods that wait for migrations, MariaDB's own for root


def most_pods(cluster: Cluster, name: str) -> int:
    """Return the largest number of pods that a Deployment can have: at full scale, during a rollout.

    Terminating pods count neither as replicas nor as surge, but live for up to the grace period; a rollout terminates
    one every `minReadySeconds`.
    """
    spec = cluster.get("Deployment", name)["spec"]
    hpa = cluster.of("HorizontalPodAutoscaler").get(name)
    replicas = hpa["spec"]["maxReplicas"] if hpa else spec["replicas"]
    leaving = math.ceil(spec["template"]["spec"]["terminationGracePeriodSeconds"] / spec["minReadySeconds"])
    return int(replicas + spec["strategy"]["rollingUpdate"]["maxSurge"] + min(leaving, replicas))


def connections(cluster: Cluster) -> dict[str, int]:
    """Return the lines of the table of connections in docs/operations.md: maximum number by user of MariaDB."""
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
    """Return what the quota counts for a pod: the sum of its containers and sidecars, or the largest init step if
    that is more."""

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
