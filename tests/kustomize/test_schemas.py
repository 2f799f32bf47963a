"""Validate every object strictly against the schemas of Kubernetes 1.30 and of the newest in kubernetes-validate."""

import json
from collections import Counter
from functools import cache

import jsonschema
import kubernetes_validate
import pytest

from tests.kustomize.cluster import FOLDERS, Cluster, Object
from tests.kustomize.gateway_api import GATEWAY_API

VERSIONS = ["1.30", kubernetes_validate.latest_version()]

# The exact number of objects of each kind: a lost or duplicate object is a failure.
PROGRAMS = {"Namespace": 1, "ResourceQuota": 1, "LimitRange": 1, "ServiceAccount": 1, "Service": 6}
STORES = {"Deployment": 3, "StatefulSet": 1, "PersistentVolumeClaim": 2, "ConfigMap": 13}
SCALE = {"HorizontalPodAutoscaler": 2, "PodDisruptionBudget": 2, "Ingress": 1, "Secret": 4, "Job": 1, "CronJob": 2}
COUNTS = {
    "base": PROGRAMS | STORES,
    "dev": PROGRAMS | STORES | {"Secret": 4, "Job": 1, "Ingress": 1},
    "prod": PROGRAMS | STORES | SCALE | {"PersistentVolumeClaim": 3, "NetworkPolicy": 13},
    "all": PROGRAMS
    | SCALE
    | {"Deployment": 2, "PersistentVolumeClaim": 1, "ConfigMap": 11, "Job": 2}
    | {"NetworkPolicy": 11, "Gateway": 1, "HTTPRoute": 1},
}


def problem(thing: Object, version: str) -> str:
    """Return the first validation error of an object; an empty string if it is valid."""
    return _problem(json.dumps(thing, sort_keys=True), version)


@cache
def _problem(text: str, version: str) -> str:
    thing = json.loads(text)
    kind, api = thing["kind"], thing["apiVersion"]
    try:
        if api.partition("/")[0] == "gateway.networking.k8s.io":
            jsonschema.validate(thing, GATEWAY_API[api, kind])
        else:
            # kubernetes-validate ignores the API group's domain and the kind's case when it finds a schema.
            group = api.rpartition("/")[0]
            assert group in GROUPS, f"{api} is not built in"
            kubernetes_validate.validate(thing, version, strict=True)
            assert kind in KINDS, f"{kind} is not spelled so"
    except (KeyError, kubernetes_validate.SchemaNotFoundError):
        return f"Kubernetes {version} has no {kind} in {api}"
    except (jsonschema.ValidationError, AssertionError) as error:
        return str(error).partition("\n")[0]
    return ""


GROUPS = {"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io"}
KINDS = {kind for count in COUNTS.values() for kind in count}


@pytest.mark.few_cases(2)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("build", FOLDERS)
def test_every_object_is_valid(clusters: dict[str, Cluster], build: str, version: str) -> None:
    problems = {f"{o['kind']}/{o['metadata']['name']}": problem(o, version) for o in clusters[build].objects}
    assert {name: wrong for name, wrong in problems.items() if wrong} == {}


@pytest.mark.parametrize("build", FOLDERS)
def test_there_are_as_many_of_each_kind_as_we_mean(clusters: dict[str, Cluster], build: str) -> None:
    objects = clusters[build].objects
    assert Counter(o["kind"] for o in objects) == COUNTS[build]
    assert len({(o["kind"], o["metadata"]["name"]) for o in objects}) == len(objects)


BROKEN = {
    "an unknown field": ("Deployment", "order-backend", lambda o: o["spec"].update(replica=2)),
    "an unknown field deep inside": (
        "Deployment",
        "order-backend",
        lambda o: o["spec"]["template"]["spec"]["containers"][0]["livenessProbe"].update(timeout=3),
    ),
    "a wrong type": ("Deployment", "frontend", lambda o: o["spec"].update(minReadySeconds="10")),
    "an unknown kind": ("Deployment", "redis", lambda o: o.update(kind="Deploymint")),
    "a kind in other letters": ("Deployment", "redis", lambda o: o.update(kind="deployment")),
    "a removed version": (
        "HorizontalPodAutoscaler",
        "frontend",
        lambda o: o.update(apiVersion="autoscaling/v2beta2"),
    ),
    "somebody else's group": ("NetworkPolicy", "to-dns", lambda o: o.update(apiVersion="networking.example.com/v1")),
    "a route to nowhere": ("HTTPRoute", "cloud-cafe", lambda o: o["spec"].update(backends=[])),
    "another version of the gateway": (
        "Gateway",
        "cloud-cafe",
        lambda o: o.update(apiVersion="gateway.networking.k8s.io/v1alpha2"),
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_object_is_seen(clusters: dict[str, Cluster], broken: str, version: str) -> None:
    kind, name, break_it = BROKEN[broken]
    build = "all" if kind in ("HTTPRoute", "Gateway") else "prod"
    thing = clusters[build].copy().get(kind, name)
    assert problem(thing, version) == ""
    break_it(thing)
    assert problem(thing, version) != ""
