"""Facts about the containers' resource requests and limits; the sums are in tests/kustomize/sizes.py."""

from tests.kustomize.cluster import Cluster, quantity
from tests.kustomize.facts.table import EVERYWHERE, fact


@fact(*EVERYWHERE)
def every_container_has_a_memory_limit_and_requests(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            resources = container["resources"]
            assert quantity(resources["limits"]["memory"]) >= quantity(resources["requests"]["memory"])
            assert quantity(resources["requests"]["cpu"]) > 0


@fact(*EVERYWHERE)
def a_pod_started_by_hand_gets_a_limit(cluster: Cluster) -> None:
    [limits] = cluster.of("LimitRange").values()
    [limit] = limits["spec"]["limits"]
    assert limit["type"] == "Container"
    assert quantity(limit["default"]["memory"]) >= quantity(limit["defaultRequest"]["memory"]) > 0
    assert quantity(limit["defaultRequest"]["cpu"]) > 0


@fact(*EVERYWHERE)
def nothing_customers_wait_for_is_throttled(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            assert "cpu" not in container["resources"]["limits"], f"{pod.name}/{container['name']}"
    for limits in cluster.of("LimitRange").values():
        assert all("cpu" not in limit["default"] for limit in limits["spec"]["limits"])


@fact(*EVERYWHERE)
def scratch_is_bounded(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for volume in pod.spec.get("volumes", []):
            [kind] = volume.keys() - {"name"}  # a volume without a kind is an emptyDir without a limit
            assert kind != "emptyDir" or quantity(volume["emptyDir"]["sizeLimit"]) > 0, volume["name"]


WRITES_NOTHING = {"redis", "wait-for-mysql"}  # except to its persistent volume
WRITES = {"edge": ["/var/lib/edge"], "mysql": ["/tmp", "/run/mysqld"]}


@fact(*EVERYWHERE)
def what_writes_to_its_root_has_a_folder_there(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            if container["name"] not in WRITES_NOTHING:
                for path in WRITES.get(container["name"], ["/tmp"]):
                    assert list(pod.volume_at(container, path)) == ["emptyDir"]
