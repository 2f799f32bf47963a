"""Breaks of the load test."""

from tests.kustomize.breaks.table import Breaks, data, spec
from tests.kustomize.cluster import Cluster, Object


def people(cluster: Cluster) -> Object:
    return cluster.pod("load-test").container("people")


def told(cluster: Cluster) -> Object:
    return data(cluster, people(cluster)["envFrom"][0]["configMapRef"]["name"])


def files(cluster: Cluster) -> Object:
    return data(cluster, cluster.pod("load-test").spec["volumes"][0]["configMap"]["name"])


BREAKS: Breaks = {
    "nobody_tests_under_load_who_did_not_ask_for_it": {
        "left in an overlay": lambda c: c.add("Deployment", "frontend", "load-test"),
    },
    "a_load_test_ends_and_is_not_tried_again": {
        "no deadline": lambda c: spec(c, "Job", "load-test").pop("activeDeadlineSeconds"),
        "longer than the deadline": lambda c: told(c).update(LOCUST_RUN_TIME="15m"),
        "for ever": lambda c: told(c).pop("LOCUST_RUN_TIME"),
        "a crowd": lambda c: told(c).update(LOCUST_USERS="20000"),
        "again and again": lambda c: spec(c, "Job", "load-test").pop("backoffLimit"),
        "its result is deleted": lambda c: spec(c, "Job", "load-test").update(ttlSecondsAfterFinished=60),
    },
    "a_load_test_asks_the_edge_as_a_customer_does": {
        "the programs": lambda c: told(c).update(LOCUST_HOST="http://order-backend:5000"),
        "somebody else": lambda c: told(c).update(LOCUST_HOST="https://example.com"),
        "by a name that is refused": lambda c: data(c, "app-config").update(ALLOWED_HOSTS="cloudcafe.local"),
    },
    "a_load_test_has_the_people_of_the_bench": {
        "a file less": lambda c: files(c).pop("random_orders.py"),
        "others": lambda c: files(c).update({"locustfile.py": "print()"}),
        "another Locust": lambda c: people(c).update(image="locustio/locust:2.46.0"),
        "in another folder": lambda c: told(c).update(LOCUST_LOCUSTFILE="/home/locust/locustfile.py"),
        "nothing is run": lambda c: people(c).update(args=["true"]),
    },
}
