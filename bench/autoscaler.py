"""Compute the replicas of a HorizontalPodAutoscaler by its documented algorithm, with the numbers of our manifest.

Sources: Kubernetes, "Horizontal Pod Autoscaling" (Algorithm details; Configurable scaling behavior). Times are in
seconds of the caller's clock.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

COMPONENTS = Path(__file__).resolve().parent.parent / "deploy" / "kustomize"
TOLERANCE = 0.1  # kube-controller-manager's --horizontal-pod-autoscaler-tolerance
SYNC_S = 15  # … --horizontal-pod-autoscaler-sync-period


@dataclass(frozen=True)
class Policy:
    kind: str  # "Percent" or "Pods"
    value: int
    period_s: float


@dataclass(frozen=True)
class Manifest:
    """The autoscaler's settings; `quicker(times)` returns them with every wait divided by `times`."""

    least: int
    most: int
    target_percent: float  # of the CPU that a pod requests
    request_cores: float
    up: tuple[Policy, ...]
    up_window_s: float
    down: tuple[Policy, ...]
    down_window_s: float
    readiness_period_s: float
    sync_s: float = SYNC_S

    def quicker(self, times: float) -> "Manifest":
        def each(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
            return tuple(Policy(one.kind, one.value, one.period_s / times) for one in policies)

        return Manifest(
            self.least,
            self.most,
            self.target_percent,
            self.request_cores,
            each(self.up),
            self.up_window_s / times,
            each(self.down),
            self.down_window_s / times,
            self.readiness_period_s / times,
            self.sync_s / times,
        )


def manifest(folder: Path = COMPONENTS) -> Manifest:
    """Read hpa.yaml and the order-backend's Deployment."""
    documents = yaml.safe_load_all((folder / "components/hpa/hpa.yaml").read_text())
    spec = next(one["spec"] for one in documents if one["metadata"]["name"] == "order-backend")
    (deployment,) = yaml.safe_load_all((folder / "base/order-backend/deployment.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    up, down = spec["behavior"]["scaleUp"], spec["behavior"]["scaleDown"]
    assert up["selectPolicy"] == down["selectPolicy"] == "Max", "only the widest policy is known here"
    return Manifest(
        least=spec["minReplicas"],
        most=spec["maxReplicas"],
        target_percent=spec["metrics"][0]["resource"]["target"]["averageUtilization"],
        request_cores=_cores(container["resources"]["requests"]["cpu"]),
        up=_policies(up),
        up_window_s=up["stabilizationWindowSeconds"],
        down=_policies(down),
        down_window_s=down["stabilizationWindowSeconds"],
        readiness_period_s=container["readinessProbe"]["periodSeconds"],
    )


@dataclass
class Autoscaler:
    numbers: Manifest
    replicas: int
    _wanted: deque[tuple[float, int]] = field(default_factory=deque)  # recommendations, oldest first
    _steps: deque[tuple[float, int]] = field(default_factory=deque)  # changes of replicas

    def decide(self, now_s: float, used_cores: list[float], *, unready: int = 0) -> int:
        """Return the desired replicas, given the CPU (cores) that each ready pod uses."""
        wanted = self._stabilized(now_s, self._recommended(used_cores, unready))
        allowed = self._within_policies(now_s, wanted)
        decided = max(self.numbers.least, min(self.numbers.most, allowed))
        if decided != self.replicas:
            self._steps.append((now_s, decided - self.replicas))
            self.replicas = decided
        return decided

    def _recommended(self, used: list[float], unready: int) -> int:
        """Return ceil(pods × usage / target). On a scale-up a pod that is not ready counts as idle."""
        if not used:
            return self.replicas
        target = self.numbers.request_cores * self.numbers.target_percent / 100
        pods, ratio = len(used), sum(used) / len(used) / target
        if ratio > 1 and unready:
            pods += unready
            ratio = sum(used) / pods / target
            if ratio < 1:
                return self.replicas
        if abs(ratio - 1) <= TOLERANCE:
            return self.replicas
        return math.ceil(pods * ratio)

    def _stabilized(self, now_s: float, wanted: int) -> int:
        """Scale up to the lowest, down to the highest recommendation of its stabilization window."""
        numbers = self.numbers
        self._wanted.append((now_s, wanted))
        while self._wanted[0][0] < now_s - max(numbers.up_window_s, numbers.down_window_s):
            self._wanted.popleft()
        up = min(one for at_s, one in self._wanted if at_s >= now_s - numbers.up_window_s)
        down = max(one for at_s, one in self._wanted if at_s >= now_s - numbers.down_window_s)
        return max(min(self.replicas, down), up)

    def _within_policies(self, now_s: float, wanted: int) -> int:
        if wanted > self.replicas:
            return min(wanted, max(self._most_by(policy, now_s) for policy in self.numbers.up))
        if wanted < self.replicas:
            return max(wanted, min(self._least_by(policy, now_s) for policy in self.numbers.down))
        return wanted

    def _most_by(self, policy: Policy, now_s: float) -> int:
        before = self.replicas - self._changed(policy, now_s, up=True)
        return before + policy.value if policy.kind == "Pods" else math.ceil(before * (1 + policy.value / 100))

    def _least_by(self, policy: Policy, now_s: float) -> int:
        before = self.replicas - self._changed(policy, now_s, up=False)
        return before - policy.value if policy.kind == "Pods" else int(before * (1 - policy.value / 100))

    def _changed(self, policy: Policy, now_s: float, *, up: bool) -> int:
        """Return the sum of the changes of replicas in this direction within the policy's period."""
        return sum(change for at_s, change in self._steps if at_s > now_s - policy.period_s and (change > 0) is up)


def _policies(rules: dict[str, Any]) -> tuple[Policy, ...]:
    return tuple(Policy(one["type"], one["value"], one["periodSeconds"]) for one in rules["policies"])


def _cores(quantity: str) -> float:
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
