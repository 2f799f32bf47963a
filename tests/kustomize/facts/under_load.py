"""Facts about the load test Job inside the cluster: it is opt-in, runs once, and has a time limit."""

import re

from tests.kustomize.cluster import ROOT, Cluster
from tests.kustomize.facts.table import fact

SECONDS = {"s": 1, "m": 60, "h": 3600}


@fact("base", "dev", "prod")
def nobody_tests_under_load_who_did_not_ask_for_it(cluster: Cluster) -> None:
    assert "load-test" not in {pod.name for pod in cluster.pods}


@fact("all")
def a_load_test_ends_and_is_not_tried_again(cluster: Cluster) -> None:
    told = cluster.env(_config(cluster))
    [(number, unit)] = re.findall(r"^(\d+)([smh])$", told["LOCUST_RUN_TIME"])
    spec = cluster.get("Job", "load-test")["spec"]
    assert int(number) * SECONDS[unit] + int(told["LOCUST_STOP_TIMEOUT"]) < spec["activeDeadlineSeconds"] <= 3600
    assert int(told["LOCUST_USERS"]) <= 1000, "more than one process of Locust can be"
    assert (spec["backoffLimit"], cluster.pod("load-test").spec["restartPolicy"]) == (0, "Never")
    assert "ttlSecondsAfterFinished" not in spec, "its log is the result, and an apply would run it again"


@fact("all")
def a_load_test_asks_the_edge_as_a_customer_does(cluster: Cluster) -> None:
    told = cluster.env(_config(cluster))
    assert told["LOCUST_HOST"] == "http://frontend"
    assert cluster.get("Service", "frontend")["spec"]["ports"][0]["port"] == 80
    assert "frontend" in cluster.env("app-config")["ALLOWED_HOSTS"].split(",")


@fact("all")
def a_load_test_has_the_people_of_the_bench(cluster: Cluster) -> None:
    pod = cluster.pod("load-test")
    [people] = pod.spec["containers"]
    folder, _, name = cluster.env(_config(cluster))["LOCUST_LOCUSTFILE"].rpartition("/")
    files = cluster.env(pod.volume_at(people, folder)["configMap"]["name"])
    assert name in files
    assert files == {name: (ROOT / "bench" / name).read_text() for name in ("locustfile.py", "random_orders.py")}
    assert people["image"] == "locustio/locust:" + _pin()
    assert people["args"][0].rstrip().endswith("exec locust")


def _config(cluster: Cluster) -> str:
    [people] = cluster.pod("load-test").spec["containers"]
    return str(people["envFrom"][0]["configMapRef"]["name"])


def _pin() -> str:
    found = re.search(r"locust==([\d.]+)", (ROOT / "bench/requirements/load.in").read_text())
    assert found
    return found[1]
