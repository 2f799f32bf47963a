"""Facts about replicas and autoscaling."""

from tests.kustomize.cluster import Cluster, quantity
from tests.kustomize.facts.table import fact

GROWS = {"order-backend": (50, 2, 10), "frontend": (70, 2, 5)}  # % of requested CPU, min, max replicas


@fact("prod", "all")
def the_autoscalers_are_those_of_the_course(cluster: Cluster) -> None:
    autoscalers = cluster.of("HorizontalPodAutoscaler")
    assert autoscalers.keys() == GROWS.keys()
    for name, (percent, least, most) in GROWS.items():
        spec = autoscalers[name]["spec"]
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        assert (spec["minReplicas"], spec["maxReplicas"]) == (least, most)
        target = {"type": "Utilization", "averageUtilization": percent}
        assert spec["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


@fact("prod", "all")
def it_scales_up_quickly_and_down_slowly(cluster: Cluster) -> None:
    for hpa in cluster.of("HorizontalPodAutoscaler").values():
        up, down = (hpa["spec"]["behavior"][direction] for direction in ("scaleUp", "scaleDown"))
        assert (up["stabilizationWindowSeconds"], up.get("selectPolicy", "Max")) == (0, "Max")
        assert {"type": "Percent", "value": 100, "periodSeconds": 15} in up["policies"]
        assert (down["stabilizationWindowSeconds"], down.get("selectPolicy", "Max")) == (300, "Max")
        assert down["policies"] == [{"type": "Percent", "value": 50, "periodSeconds": 60}]


@fact("prod", "all", "base")
def the_autoscaler_owns_the_replicas(cluster: Cluster) -> None:
    for name in ("order-backend", "frontend"):
        assert "replicas" not in cluster.get("Deployment", name)["spec"]


@fact("dev")
def a_laptop_runs_one_of_each(cluster: Cluster) -> None:
    spec = {name: o["spec"] for kind in ("Deployment", "StatefulSet") for name, o in cluster.of(kind).items()}
    assert {name: of["replicas"] for name, of in spec.items()} == dict.fromkeys(spec, 1)
    assert cluster.of("HorizontalPodAutoscaler") == {}


@fact("prod", "all")
def what_is_scaled_requests_cpu_in_every_container(cluster: Cluster) -> None:
    for hpa in cluster.of("HorizontalPodAutoscaler").values():
        pod = cluster.pod(hpa["spec"]["scaleTargetRef"]["name"])
        for container in pod.containers:
            assert quantity(container["resources"]["requests"]["cpu"]) > 0


@fact("prod", "all")
def a_drain_takes_one_and_is_never_blocked(cluster: Cluster) -> None:
    budgets = cluster.of("PodDisruptionBudget")
    assert budgets.keys() == {"order-backend", "frontend"}, "a budget over a single pod blocks every drain"
    for name, budget in budgets.items():
        spec = budget["spec"]
        assert spec["maxUnavailable"] == 1
        assert "minAvailable" not in spec
        assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        assert spec["selector"] == {"matchLabels": {"app": name}}


@fact("prod", "all")
def the_pods_of_a_release_are_spread(cluster: Cluster) -> None:
    for name in ("order-backend", "frontend"):
        [spread] = cluster.pod(name).spec["topologySpreadConstraints"]
        assert (spread["topologyKey"], spread["maxSkew"]) == ("kubernetes.io/hostname", 1)
        assert spread["matchLabelKeys"] == ["pod-template-hash"]
        assert spread["labelSelector"] == {"matchLabels": {"app": name}}
        assert spread["whenUnsatisfiable"] == "ScheduleAnyway"
