"""Facts about the life of order-backend and frontend pods: start, probes, termination."""

from tests.kustomize.cluster import Cluster
from tests.kustomize.facts.table import EVERYWHERE, fact

HOST = [{"name": "Host", "value": "cloudcafe.local"}]


@fact(*EVERYWHERE)
def whoever_serves_is_asked_whether_it_started_lives_and_is_ready(cluster: Cluster) -> None:
    for pod in cluster.pods:
        if pod.kind in ("Deployment", "StatefulSet"):
            for container in pod.spec["containers"]:
                assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys(), pod.name


@fact(*EVERYWHERE)
def programs_are_asked_what_design_16_says(cluster: Cluster) -> None:
    container = cluster.pod("order-backend").container("order-backend")
    for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        asked = container[f"{probe}Probe"]["httpGet"]
        assert asked == {"path": f"/health/{path}/?format=json", "port": "http", "httpHeaders": HOST}


@fact(*EVERYWHERE)
def the_edge_is_asked_about_itself_alone(cluster: Cluster) -> None:
    container = cluster.pod("frontend").container("edge")
    for probe in ("startup", "liveness", "readiness"):
        asked = container[f"{probe}Probe"]["httpGet"]
        assert asked == {"path": "/edge/health?format=json", "port": "http", "httpHeaders": HOST}


@fact(*EVERYWHERE)
def nothing_is_restarted_for_an_outage_of_another(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            probe = container.get("livenessProbe", {})
            assert "exec" not in probe, f"{pod.name}: a liveness probe that starts a program fails under load"
            assert probe.get("failureThreshold", 3) * probe.get("periodSeconds", 10) >= 30
            assert "ready" not in probe.get("httpGet", {}).get("path", "")


@fact(*EVERYWHERE)
def probes_notice_soon_and_bear_a_slow_answer(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in (one for one in pod.containers if "livenessProbe" in one):
            starts, lives, ready = (container[f"{name}Probe"] for name in ("startup", "liveness", "readiness"))
            assert 30 <= starts["periodSeconds"] * starts["failureThreshold"] <= 600, pod.name
            assert 30 <= lives["periodSeconds"] * lives["failureThreshold"] <= 120, pod.name
            assert 5 <= ready["periodSeconds"] * ready["failureThreshold"] <= 20, pod.name
            assert 5 <= lives["timeoutSeconds"] <= lives["periodSeconds"], pod.name
            assert all(1 <= probe["timeoutSeconds"] <= probe["periodSeconds"] for probe in (starts, ready)), pod.name


@fact(*EVERYWHERE)
def a_dns_that_is_away_holds_no_thread_for_long(cluster: Cluster) -> None:
    options = cluster.pod("order-backend").spec["dnsConfig"]["options"]
    found = {option["name"]: int(option["value"]) for option in options}
    assert found["timeout"] * found["attempts"] <= 2


@fact(*EVERYWHERE)
def there_is_time_to_leave(cluster: Cluster) -> None:
    for name, own in (("order-backend", 30), ("frontend", 35)):  # gunicorn.conf.py, worker_shutdown_timeout
        pod = cluster.pod(name)
        sleep = pod.spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert sleep >= 5
        assert pod.spec["terminationGracePeriodSeconds"] >= sleep + own + 5


@fact(*EVERYWHERE)
def a_rollout_takes_nothing_away(cluster: Cluster) -> None:
    for name in ("order-backend", "frontend"):
        spec = cluster.get("Deployment", name)["spec"]
        one_more = {"maxUnavailable": 0, "maxSurge": 1}
        assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": one_more}
        assert spec["minReadySeconds"] >= 10


@fact(*EVERYWHERE)
def a_rollout_that_waits_for_its_migrations_has_not_failed(cluster: Cluster) -> None:
    assert cluster.get("Deployment", "order-backend")["spec"]["progressDeadlineSeconds"] >= 600


@fact(*EVERYWHERE)
def workers_and_threads_come_from_the_environment(cluster: Cluster) -> None:
    assert {"WEB_WORKERS", "WEB_THREADS", "PORT", "HOST"} <= cluster.env("app-config").keys()
    program = cluster.pod("order-backend").container("order-backend")
    assert program["command"] == ["gunicorn", "cafe.wsgi:application"]
    assert "args" not in program
    assert cluster.env("edge-config")["EDGE_WORKERS"].isdigit()  # `auto` would count the node's cores
