"""What `kubectl` of the little cluster parses: options, kinds, patches and jsonpath; and what a command returns."""

import argparse
import re
import time
from collections.abc import Callable
from typing import NamedTuple

from tests.kustomize.cluster import Object
from tests.rehearsal.little_cluster import Refused

KINDS = {
    "cm": "ConfigMap",
    "cronjob": "CronJob",
    "deployment": "Deployment",
    "hpa": "HorizontalPodAutoscaler",
    "ingress": "Ingress",
    "job": "Job",
    "namespace": "Namespace",
    "pod": "Pod",
    "pvc": "PersistentVolumeClaim",
    "replicaset": "ReplicaSet",
    "secret": "Secret",
    "statefulset": "StatefulSet",
    "svc": "Service",
}
UNKNOWN = 2


class Done(NamedTuple):
    status: int
    said: str
    error: str = ""


class Unknown(Exception):
    """A command or option that this kubectl does not implement."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise Unknown(message)


def kind_of(word: str) -> str:
    for short, kind in KINDS.items():
        if word.lower() in (short, f"{short}s", kind.lower(), f"{kind.lower()}s"):
            return kind
    raise Unknown(f"a resource type {word}")


def merge(into: Object, patch: Object) -> None:
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def jsonpath(thing: Object, path: str) -> str:
    """Return the text that a path such as {.data.KEY}{"\\n"} selects."""

    def found(part: re.Match[str]) -> str:
        value: object = thing
        for word in part[1].split(".")[1:]:
            value = value.get(word, "") if isinstance(value, dict) else ""
        return str(value)

    return re.sub(r"\{((?:\.[\w-]+)+)\}", found, path).replace('{"\\n"}', "\n")


def until(holds: Callable[[], bool], patience_s: float, what: str) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            raise Refused(f"error: timed out waiting for {what}")
        time.sleep(0.1)
