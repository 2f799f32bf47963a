"""Facts about the pods' configuration: which ConfigMap or Secret each value comes from, and that a change rolls the
pods."""

import re

from tests.kustomize.cluster import Cluster, Pod
from tests.kustomize.facts.table import EVERYWHERE, RUNNING, fact


@fact(*EVERYWHERE)
def configuration_has_the_names_of_the_course(cluster: Cluster) -> None:
    app = cluster.env("app-config")
    assert (app["DB_HOST"], app["DB_PORT"]) == ("mysql-service", "3306")
    assert (app["REDIS_HOST"], app["REDIS_PORT"]) == ("redis-svc", "6379")
    assert app["LOG_LEVEL"] == "INFO"
    assert cluster.env("mysql-config") == {"MYSQL_USER": "cafeadmin", "MYSQL_DATABASE": "cloudcafe"}


@fact(*RUNNING, "all")
def everything_that_is_named_is_there(cluster: Cluster) -> None:
    for pod in cluster.pods:
        assert pod.spec["serviceAccountName"] in cluster.of("ServiceAccount")
        for reference in pod.references:
            found = cluster.of(reference.kind).get(reference.name, {"data": {}})["data"]
            assert reference.is_optional or found
            assert reference.is_optional or reference.key is None or reference.key in found, reference
        _volumes_are_there(cluster, pod)


def _volumes_are_there(cluster: Cluster, pod: Pod) -> None:
    volumes = {volume["name"]: volume for volume in pod.spec.get("volumes", [])}
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in cluster.of("PersistentVolumeClaim")
    for container in pod.containers:
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes.keys()


READS = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)|environ\[\"(\w+)\"\]")
BY_RUNTIME_AND_SHELL = {"HOSTNAME", "SECONDS"}


@fact(*EVERYWHERE)
def scripts_are_told_every_word_they_read(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            probes = [container.get(f"{probe}Probe", {}) for probe in ("startup", "liveness", "readiness")]
            text = str([container.get("command"), container.get("args"), *(probe.get("exec") for probe in probes)])
            read = {shell or python for shell, python in READS.findall(text)}
            assert read - BY_RUNTIME_AND_SHELL <= cluster.variables(container), f"{pod.name}/{container['name']}"


DATABASE = {
    "DB_NAME": {"configMapKeyRef": {"name": "mysql-config", "key": "MYSQL_DATABASE"}},
    "DB_USER": {"configMapKeyRef": {"name": "mysql-config", "key": "MYSQL_USER"}},
    "DB_PASSWORD": {"secretKeyRef": {"name": "mysql-secret", "key": "MYSQL_PASSWORD"}},
    "SECRET_KEY": {"secretKeyRef": {"name": "cafe-secret", "key": "SECRET_KEY"}},
}
ASKS_A_SCRATCH_SERVER = "check"
ASKS_FOR_A_PORT = "wait-for-mysql"


@fact(*EVERYWHERE)
def whatever_is_ours_knows_the_database_and_its_password(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            if "cloud-cafe" not in container["image"] or container["name"] == ASKS_A_SCRATCH_SERVER:
                continue
            assert container["envFrom"] == [{"configMapRef": {"name": "app-config"}}]
            told = {variable["name"]: variable.get("valueFrom") for variable in container.get("env", [])}
            assert container["name"] == ASKS_FOR_A_PORT or told | DATABASE == told, f"{pod.name}: {container['name']}"


@fact(*EVERYWHERE)
def what_an_older_key_signed_is_still_read(cluster: Cluster) -> None:
    older = {"name": "cafe-secret", "key": "SECRET_KEY_FALLBACKS", "optional": True}
    told = cluster.pod("order-backend").container("order-backend")["env"]
    assert {"name": "SECRET_KEY_FALLBACKS", "valueFrom": {"secretKeyRef": older}} in told


SECRETS = {  # variable: where it comes from
    ("DB_PASSWORD", "mysql-secret", "MYSQL_PASSWORD"),
    ("MYSQL_PASSWORD", "mysql-secret", "MYSQL_PASSWORD"),
    ("MYSQL_ROOT_PASSWORD", "mysql-secret", "MYSQL_ROOT_PASSWORD"),
    ("SECRET_KEY", "cafe-secret", "SECRET_KEY"),
    ("SECRET_KEY_FALLBACKS", "cafe-secret", "SECRET_KEY_FALLBACKS"),
}


@fact(*EVERYWHERE)
def passwords_come_from_secrets(cluster: Cluster) -> None:
    secret = re.compile("PASSWORD|SECRET")
    for config in cluster.of("ConfigMap").values():
        assert not list(filter(secret.search, config["data"]))
    for pod in cluster.pods:
        for variable in (variable for container in pod.containers for variable in container.get("env", [])):
            if secret.search(variable["name"]):
                ref = variable["valueFrom"]["secretKeyRef"]
                assert (variable["name"], ref["name"], ref["key"]) in SECRETS


# Each ConfigMap and Secret has a copy with a hash in its name; pods that read it name the copy in an annotation.


@fact(*EVERYWHERE)
def a_changed_value_rolls_the_pods_that_read_it(cluster: Cluster) -> None:
    for pod in _that_stay(cluster):
        for name in {reference.name for reference in pod.references if reference.kind == "ConfigMap"}:
            if not re.search("-[a-z0-9]{10}$", name):
                _has_twin(cluster, pod, "ConfigMap", name)


@fact(*RUNNING, "all")
def a_changed_secret_rolls_the_programs(cluster: Cluster) -> None:
    programs = cluster.pod("order-backend")  # not MariaDB, which reads its passwords at its first start only
    for name in {reference.name for reference in programs.references if reference.kind == "Secret"}:
        _has_twin(cluster, programs, "Secret", name)


def _that_stay(cluster: Cluster) -> list[Pod]:
    return [pod for pod in cluster.pods if pod.kind in ("Deployment", "StatefulSet")]


def _has_twin(cluster: Cluster, pod: Pod, kind: str, name: str) -> None:
    twin = pod.meta["annotations"][f"cloudcafe.local/{name}"]
    assert re.fullmatch(rf"{name}-rev-[a-z0-9]{{10}}", twin)
    assert cluster.get(kind, twin)["data"] == cluster.get(kind, name)["data"]
