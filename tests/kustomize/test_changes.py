"""A changed value rolls the pods that read it, in each overlay. prod does not build without its secrets."""

import re
from collections.abc import Callable

import pytest

from tests.kustomize import sizes  # noqa: F401 - more facts
from tests.kustomize.cluster import Cluster, Workshop
from tests.kustomize.facts import FACTS

# (file of values, old text, new text, the pods that must roll); OWN has those of single overlays.
FILES = [
    ("base/order-backend/app.env", "WEB_THREADS=8", "WEB_THREADS=9", {"order-backend"}),
    ("base/frontend/edge.env", "EDGE_ORDER_CAP=16", "EDGE_ORDER_CAP=17", {"frontend"}),
    ("../nginx/limits.env", "EDGE_ORDER_RATE=20r/s", "EDGE_ORDER_RATE=21r/s", {"frontend"}),
    ("base/mysql/mysql.env", "MYSQL_USER=cafeadmin", "MYSQL_USER=somebody", {"order-backend", "mysql"}),
    ("base/mysql/cafe.cnf", "max_connections = 400", "max_connections = 500", {"mysql"}),
    ("base/redis/redis.conf", "maxmemory 256mb", "maxmemory 200mb", {"redis"}),
    ("../nginx/nginx.conf", "send_timeout 10s", "send_timeout 11s", {"frontend"}),
    ("../nginx/pages/types.conf", "charset utf-8", "charset  utf-8", {"frontend"}),
    ("../nginx/pages/edge/busy.json", "{", "{ ", {"frontend"}),
]
OWN = {
    "dev": [
        ("overlays/dev/app.env", "CAFE_ENV=local", "CAFE_ENV=production", {"order-backend"}),
        ("components/dev-secrets/mysql.env", "MYSQL_PASSWORD=dev", "MYSQL_PASSWORD=ved", {"order-backend"}),
        ("components/dev-secrets/cafe.env", "SECRET_KEY=dev", "SECRET_KEY=ved", {"order-backend"}),
    ],
    "prod": [
        ("overlays/prod/app.env", "CAFE_ENV=production", "CAFE_ENV=local", {"order-backend"}),
        (
            "components/generated-secret/run-bin-secrets-to-make-this.mysql.env",
            "MYSQL_PASSWORD=",
            "MYSQL_PASSWORD=x",
            {"order-backend"},
        ),
        (
            "components/generated-secret/run-bin-secrets-to-make-this.cafe.env",
            "SECRET_KEY=",
            "SECRET_KEY=x",
            {"order-backend"},
        ),
    ],
    "all": [
        ("components/tls/app.env", "=https", "=http", {"order-backend"}),
        ("components/tls/edge.env", "=https", "=http", {"frontend"}),
        ("components/load-test/load-test.env", "USERS=200", "USERS=300", set()),
    ],
}
CASES = [(overlay, *case) for overlay in ("dev", "prod") for case in FILES + OWN[overlay]]
CASES += [("all", *case) for case in OWN["all"]]


def templates(cluster: Cluster) -> dict[str, object]:
    return {pod.name: (pod.meta, pod.spec) for pod in cluster.pods if pod.kind in ("Deployment", "StatefulSet")}


@pytest.mark.few_cases(2)
@pytest.mark.parametrize(("overlay", "file", "old", "new", "rolled"), CASES)
def test_a_changed_value_makes_new_pods_where_it_is_read_and_nowhere_else(
    workshop: Workshop, clusters: dict[str, Cluster], overlay: str, file: str, old: str, new: str, rolled: set[str]
) -> None:
    path = workshop.kustomize / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    try:
        changed = workshop.build(overlay)
    finally:
        path.write_text(before)
    old_pods, new_pods = templates(clusters[overlay]), templates(changed)
    assert {name for name in new_pods if new_pods[name] != old_pods[name]} == rolled


def test_every_file_of_values_is_in_the_table(workshop: Workshop) -> None:
    read = {file for _, file, *_ in CASES}
    there = {str(path.relative_to(workshop.kustomize)) for path in workshop.kustomize.rglob("*.env")}
    assert there - read == set()


def test_nothing_changed_is_the_same_bytes(workshop: Workshop) -> None:
    assert workshop.try_build("prod").stdout == workshop.try_build("prod").stdout


def test_another_release_makes_another_job_and_new_programs(workshop: Workshop, clusters: dict[str, Cluster]) -> None:
    path = workshop.kustomize / "overlays/prod/release/kustomization.yaml"
    before = path.read_text()
    path.write_text(re.sub(r"(newTag: |TAG=)[-\w]+", r"\1r9-9-9", before))
    try:
        next_release = workshop.build("prod")
    finally:
        path.write_text(before)
    assert next_release.job["metadata"]["name"] == "migrate-r9-9-9"
    old, new = templates(clusters["prod"]), templates(next_release)
    assert {name for name in new if new[name] != old[name]} == {"order-backend"}


def test_prod_does_not_build_without_secrets_and_says_what_makes_them(own_workshop: Callable[[], Workshop]) -> None:
    workshop = own_workshop()
    done = workshop.try_build("prod")
    assert done.returncode != 0
    assert "run-bin-secrets-to-make-this.mysql.env" in done.stderr
    workshop.make_secrets()
    assert workshop.try_build("prod").returncode == 0


def test_who_brings_secrets_swaps_one_component(own_workshop: Callable[[], Workshop]) -> None:
    workshop = own_workshop()
    path = workshop.kustomize / "overlays/prod/kustomization.yaml"
    path.write_text(path.read_text().replace("components/generated-secret", "components/existing-secret"))
    cluster = workshop.build("prod")
    assert cluster.of("Secret") == {}
    annotations = cluster.pod("order-backend").meta["annotations"]
    assert not [name for name in annotations if "secret" in name]


def test_prod_with_a_load_test_is_still_all_that_prod_is(own_workshop: Callable[[], Workshop]) -> None:
    workshop = own_workshop()
    workshop.make_secrets()
    path = workshop.kustomize / "overlays/prod/kustomization.yaml"
    path.write_text(re.sub(r"(?m)^(  - release.*\n)", r"\1  - ../../components/load-test\n", path.read_text()))
    cluster = workshop.build("prod")
    assert cluster.pod("load-test")
    asked = {name for name, fact in FACTS.items() if "prod" in fact.builds}
    for name in asked - {"nobody_tests_under_load_who_did_not_ask_for_it"}:
        FACTS[name].check(cluster)
