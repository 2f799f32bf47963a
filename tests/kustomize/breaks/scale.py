"""Breaks of replicas and autoscaling."""

from tests.kustomize.breaks.table import Breaks, backend, metric, scaling, spec

BREAKS: Breaks = {
    "the_autoscalers_are_those_of_the_course": {
        "fewer at most": lambda c: spec(c, "HorizontalPodAutoscaler", "order-backend").update(maxReplicas=8),
        "it scales another": lambda c: spec(c, "HorizontalPodAutoscaler", "frontend")["scaleTargetRef"].update(
            name="order-backend"
        ),
        "by memory, which never falls": lambda c: metric(c).update(name="memory"),
        "by so many millicores": lambda c: metric(c)["target"].update(type="AverageValue"),
        "one is gone": lambda c: c.remove("HorizontalPodAutoscaler", "frontend"),
    },
    "it_scales_up_quickly_and_down_slowly": {
        "down at once": lambda c: scaling(c, "scaleDown").update(stabilizationWindowSeconds=0),
        "up after a while": lambda c: scaling(c, "scaleUp").update(stabilizationWindowSeconds=60),
        "never up": lambda c: scaling(c, "scaleUp").update(selectPolicy="Disabled"),
        "never down": lambda c: scaling(c, "scaleDown").update(selectPolicy="Disabled"),
        "all down in one step": lambda c: scaling(c, "scaleDown").pop("policies"),
    },
    "the_autoscaler_owns_the_replicas": {
        "replicas in the manifest": lambda c: spec(c, "Deployment", "order-backend").update(replicas=2),
    },
    "a_laptop_runs_one_of_each": {
        "five on a laptop": lambda c: spec(c, "Deployment", "order-backend").update(replicas=5),
        "nothing is said": lambda c: spec(c, "Deployment", "frontend").pop("replicas"),
    },
    "what_is_scaled_requests_cpu_in_every_container": {
        "no request": lambda c: backend(c)["resources"]["requests"].pop("cpu"),
    },
    "a_drain_takes_one_and_is_never_blocked": {
        "a budget over MariaDB": lambda c: c.add("PodDisruptionBudget", "frontend", "mysql"),
        "unhealthy pods hold a node": lambda c: spec(c, "PodDisruptionBudget", "frontend").pop(
            "unhealthyPodEvictionPolicy"
        ),
        "minAvailable": lambda c: spec(c, "PodDisruptionBudget", "frontend").update(minAvailable=2),
    },
    "the_pods_of_a_release_are_spread": {
        "old pods are counted": lambda c: (
            c.pod("frontend").spec["topologySpreadConstraints"][0].pop("matchLabelKeys")
        ),
        "over zones, of which there is one": lambda c: (
            c.pod("frontend").spec["topologySpreadConstraints"][0].update(topologyKey="topology.kubernetes.io/zone")
        ),
    },
}
