"""The facts that a rendered cluster must hold, each a function that asserts; `FACTS` knows where each is asked."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.kustomize.cluster import Cluster, Object, quantity

Check = Callable[[Cluster], None]
EVERYWHERE = ("base", "dev", "prod", "all")
RUNNING = ("dev", "prod")


class Fact(NamedTuple):
    check: Check
    builds: tuple[str, ...]


FACTS: dict[str, Fact] = {}


def fact(*builds: str) -> Callable[[Check], Check]:
    def remember(check: Check) -> Check:
        FACTS[check.__name__] = Fact(check, builds)
        return check

    return remember


# The contract's names


@fact(*RUNNING)
def services_have_the_names_of_the_course(cluster: Cluster) -> None:
    ports = {name: service["spec"]["ports"][0]["port"] for name, service in cluster.of("Service").items()}
    assert ports == {
        "frontend": 80,
        "frontend-svc": 80,
        "order-backend": 5000,
        "order-backend-svc": 5000,
        "redis-svc": 6379,
        "mysql-service": 3306,
    }


@fact("base", *RUNNING)
def configuration_has_the_names_of_the_course(cluster: Cluster) -> None:
    app = cluster.env("app-config")
    assert (app["DB_HOST"], app["DB_PORT"]) == ("mysql-service", "3306")
    assert (app["REDIS_HOST"], app["REDIS_PORT"]) == ("redis-svc", "6379")
    assert app["LOG_LEVEL"] == "INFO"
    assert cluster.env("mysql-config") == {"MYSQL_USER": "cafeadmin", "MYSQL_DATABASE": "cloudcafe"}


@fact("base", *RUNNING)
def redis_is_configured_as_in_the_course(cluster: Cluster) -> None:
    lines = cluster.env("redis-config")["redis.conf"].splitlines()
    wanted = {"maxmemory 256mb", "maxmemory-policy allkeys-lru", "appendonly yes"}
    assert wanted | {"save 900 1", "save 300 10", "save 60 10000"} <= set(lines)


@fact(*RUNNING)
def secrets_have_the_names_of_the_course(cluster: Cluster) -> None:
    assert cluster.get("Secret", "mysql-secret")["data"].keys() == {"MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"}


@fact("base", *RUNNING)
def volumes_have_the_names_of_the_course(cluster: Cluster) -> None:
    claims = cluster.of("PersistentVolumeClaim")
    assert {"redis-pvc", "mysql-pvc"} <= claims.keys()
    assert claims["redis-pvc"]["spec"]["resources"]["requests"]["storage"] == "1Gi"
    assert {claim["spec"]["storageClassName"] for claim in claims.values()} == {"local-path"}


@fact(*EVERYWHERE)
def everything_is_in_the_one_namespace(cluster: Cluster) -> None:
    spaces = {o["metadata"].get("namespace") for o in cluster.objects if o["kind"] != "Namespace"}
    assert spaces == {"cloud-cafe"}
    assert list(cluster.of("Namespace")) == ["cloud-cafe"]


@fact(*RUNNING)
def one_host_leads_to_the_edge(cluster: Cluster) -> None:
    ingress = cluster.get("Ingress", "cloud-cafe")["spec"]
    assert ingress["ingressClassName"] == "traefik"
    [rule] = ingress["rules"]
    assert rule["host"] == "cloudcafe.local"
    backends = [path["backend"]["service"]["name"] for path in rule["http"]["paths"]]
    assert backends == ["frontend-svc"]


@fact("prod")
def the_autoscalers_are_those_of_the_course(cluster: Cluster) -> None:
    seen = {
        name: (
            hpa["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"],
            hpa["spec"]["minReplicas"],
            hpa["spec"]["maxReplicas"],
        )
        for name, hpa in cluster.of("HorizontalPodAutoscaler").items()
    }
    assert seen == {"order-backend": (50, 2, 10), "frontend": (70, 2, 5)}


@fact(*RUNNING)
def the_program_answers_to_every_name_of_the_course(cluster: Cluster) -> None:
    allowed = cluster.env("app-config")["ALLOWED_HOSTS"].split(",")
    names = ["order-backend", "order-backend-svc", "frontend", "frontend-svc"]
    wanted = {"cloudcafe.local", "localhost", *names, *(f"{name}.cloud-cafe" for name in names)}
    assert wanted | {".cloud-cafe.svc.cluster.local"} <= set(allowed)


# Probes, starts and ends


@fact(*EVERYWHERE)
def programs_are_asked_what_design_16_says(cluster: Cluster) -> None:
    container = cluster.pod("order-backend").container("order-backend")
    for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        asked = container[f"{probe}Probe"]["httpGet"]
        assert asked["path"] == f"/health/{path}/?format=json"
        assert asked["port"] == "http"
        assert asked["httpHeaders"] == [{"name": "Host", "value": "cloudcafe.local"}]


@fact(*EVERYWHERE)
def the_edge_is_asked_about_itself_alone(cluster: Cluster) -> None:
    container = cluster.pod("frontend").container("edge")
    paths = {container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert paths == {"/edge/health?format=json"}


@fact(*EVERYWHERE)
def nothing_is_restarted_for_an_outage_of_another(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            probe = container.get("livenessProbe", {})
            assert "exec" not in probe, f"{pod.name}: a liveness probe that starts a program fails under load"
            assert probe.get("failureThreshold", 3) * probe.get("periodSeconds", 10) >= 30
            assert "ready" not in probe.get("httpGet", {}).get("path", "")


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
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert spec["minReadySeconds"] >= 10


@fact("dev", "prod", "base")
def one_redis_writes_one_file(cluster: Cluster) -> None:
    assert cluster.get("Deployment", "redis")["spec"]["strategy"] == {"type": "Recreate"}
    assert cluster.get("StatefulSet", "mysql")["spec"]["replicas"] == 1


# Scale


@fact("prod", "all", "base")
def the_autoscaler_owns_the_replicas(cluster: Cluster) -> None:
    for name in ("order-backend", "frontend"):
        assert "replicas" not in cluster.get("Deployment", name)["spec"]


@fact("prod", "all")
def it_scales_up_quickly_and_down_slowly(cluster: Cluster) -> None:
    for hpa in cluster.of("HorizontalPodAutoscaler").values():
        behavior = hpa["spec"]["behavior"]
        assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0
        assert {"type": "Percent", "value": 100, "periodSeconds": 15} in behavior["scaleUp"]["policies"]
        assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 300


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
        assert spread["matchLabelKeys"] == ["pod-template-hash"]
        assert spread["labelSelector"] == {"matchLabels": {"app": name}}
        assert spread["whenUnsatisfiable"] == "ScheduleAnyway"


# Resources


@fact(*EVERYWHERE)
def every_container_has_a_memory_limit_and_requests(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            resources = container["resources"]
            assert quantity(resources["limits"]["memory"]) >= quantity(resources["requests"]["memory"])
            assert quantity(resources["requests"]["cpu"]) > 0


@fact(*EVERYWHERE)
def nothing_customers_wait_for_is_throttled(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            assert "cpu" not in container["resources"]["limits"], f"{pod.name}/{container['name']}"
    for limits in cluster.of("LimitRange").values():
        assert all("cpu" not in limit["default"] for limit in limits["spec"]["limits"])


@fact("base", *RUNNING)
def redis_has_room_to_write_its_snapshot(cluster: Cluster) -> None:
    found = re.search(r"^maxmemory (\d+)mb$", cluster.env("redis-config")["redis.conf"], re.M)
    assert found
    limit = quantity(cluster.pod("redis").container("redis")["resources"]["limits"]["memory"])
    assert limit >= 2 * int(found[1]) * 2**20


@fact(*EVERYWHERE)
def workers_and_threads_come_from_the_environment(cluster: Cluster) -> None:
    assert {"WEB_WORKERS", "WEB_THREADS", "PORT", "HOST"} <= cluster.env("app-config").keys()
    command = cluster.pod("order-backend").container("order-backend")["command"]
    assert command == ["gunicorn", "cafe.wsgi:application"]
    assert cluster.env("edge-config")["EDGE_WORKERS"].isdigit()  # `auto` counts the node's


# Names that hang together


@fact(*EVERYWHERE)
def selectors_hold_one_label_that_never_changes(cluster: Cluster) -> None:
    for kind in ("Deployment", "StatefulSet"):
        for name, o in cluster.of(kind).items():
            assert o["spec"]["selector"] == {"matchLabels": {"app": name}}
    for pod in cluster.pods:
        assert pod.meta["labels"]["app.kubernetes.io/part-of"] == "cloud-cafe"


@fact(*EVERYWHERE)
def every_service_leads_to_a_port_of_a_pod(cluster: Cluster) -> None:
    for service in cluster.of("Service").values():
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            continue
        [pod] = [pod for pod in cluster.pods if spec["selector"].items() <= pod.meta["labels"].items()]
        names = {port["name"] for container in pod.containers for port in container.get("ports", [])}
        for port in spec["ports"]:
            assert port["targetPort"] in names
            assert port["protocol"] == "TCP"


@fact(*RUNNING)
def everything_that_is_named_is_there(cluster: Cluster) -> None:
    for pod in cluster.pods:
        assert pod.spec["serviceAccountName"] in cluster.of("ServiceAccount")
        for volume in pod.spec.get("volumes", []):
            if "configMap" in volume:
                assert volume["configMap"]["name"] in cluster.of("ConfigMap")
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in cluster.of("PersistentVolumeClaim")
        volumes = {volume["name"] for volume in pod.spec.get("volumes", [])}
        for container in pod.containers:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
            for source in container.get("envFrom", []):
                assert source["configMapRef"]["name"] in cluster.of("ConfigMap")
            for variable in container.get("env", []):
                _is_there(cluster, variable.get("valueFrom", {}))


def _is_there(cluster: Cluster, source: Object) -> None:
    if key := source.get("configMapKeyRef"):
        assert key["key"] in cluster.get("ConfigMap", key["name"])["data"]
    if (key := source.get("secretKeyRef")) and not key.get("optional"):
        assert key["key"] in cluster.get("Secret", key["name"])["data"]


@fact(*RUNNING)
def the_program_gets_its_passwords_from_secrets(cluster: Cluster) -> None:
    variables = {v["name"]: v for v in cluster.pod("order-backend").container("order-backend")["env"]}
    refs = {name: v["valueFrom"]["secretKeyRef"] for name, v in variables.items() if "secretKeyRef" in v["valueFrom"]}
    assert refs["DB_PASSWORD"] == {"name": "mysql-secret", "key": "MYSQL_PASSWORD"}
    assert refs["SECRET_KEY"] == {"name": "cafe-secret", "key": "SECRET_KEY"}
    assert not {"DB_PASSWORD", "SECRET_KEY"} & cluster.env("app-config").keys()


TWINS = {
    "order-backend": ["app-config", "mysql-config"],
    "frontend": ["edge-config"],
    "redis": ["redis-config"],
    "mysql": ["mysql-config", "mysql-server"],
}


@fact("base", *RUNNING)
def a_changed_value_rolls_the_pods_that_read_it(cluster: Cluster) -> None:
    for name, configs in TWINS.items():
        for config in configs:
            _has_twin(cluster, name, "ConfigMap", config)


@fact(*RUNNING)
def a_changed_secret_rolls_the_programs(cluster: Cluster) -> None:
    for secret in ("mysql-secret", "cafe-secret"):
        _has_twin(cluster, "order-backend", "Secret", secret)


def _has_twin(cluster: Cluster, pod: str, kind: str, name: str) -> None:
    twin = cluster.pod(pod).meta["annotations"][f"cloudcafe.local/{name}"]
    assert re.fullmatch(rf"{name}-rev-[a-z0-9]{{10}}", twin)
    assert cluster.get(kind, twin)["data"] == cluster.get(kind, name)["data"]


# Releases

WAITS = "until python manage.py migrate --check --database maintenance"


@fact("dev", "prod", "all")
def the_migrations_job_carries_the_tag(cluster: Cluster) -> None:
    image = cluster.pod("order-backend").container("order-backend")["image"]
    tag = image.partition("@")[0].rpartition(":")[2]
    assert cluster.job["metadata"]["name"] == f"migrate-{tag}"
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?", tag), "no dots: a pod's host name has the Job's"
    assert "ttlSecondsAfterFinished" not in cluster.job["spec"], "an apply would run it again"


@fact("dev", "prod", "all")
def programs_wait_for_their_migrations(cluster: Cluster) -> None:
    [wait] = cluster.pod("order-backend").spec["initContainers"]
    assert WAITS in wait["args"][0]
    migrate = cluster.job["spec"]["template"]["spec"]["containers"][0]
    assert "migrate --database maintenance" in " ".join(migrate["command"])


@fact("dev", "prod", "all")
def everything_of_ours_is_of_one_image(cluster: Cluster) -> None:
    ours = {c["image"] for pod in cluster.pods for c in pod.containers if "cloud-cafe" in c["image"]}
    assert len(ours) == 1
    theirs = {c["image"] for pod in cluster.pods for c in pod.containers if c["image"].startswith("mariadb")}
    assert len(theirs) == 1


@fact("dev")
def the_sample_menu_is_for_dev(cluster: Cluster) -> None:
    assert "load_sample_menu --if-empty" in cluster.pod("migrate-dev").spec["containers"][0]["command"][-1]


@fact("prod", "all")
def the_sample_menu_is_not_for_prod(cluster: Cluster) -> None:
    assert all("load_sample_menu" not in str(pod.spec) for pod in cluster.pods)


@fact("prod")
def prod_is_production(cluster: Cluster) -> None:
    assert cluster.env("app-config")["CAFE_ENV"] == "production"


@fact(*EVERYWHERE)
def images_have_exact_tags_and_come_from_their_makers(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            name, _, tag = container["image"].partition("@")[0].rpartition(":")
            assert "bitnami" not in name
            ours = name.rpartition("/")[2] == "cloud-cafe"
            assert ours or name in ("mariadb", "redis", "nginxinc/nginx-unprivileged"), name
            assert tag != "latest"
            assert ours or re.match(r"\d+\.\d+\.\d+", tag), tag
            assert name != "mariadb" or tag.startswith("10.11.")


# Pod Security "restricted" (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and a bit more


@fact(*EVERYWHERE)
def the_namespace_enforces_restricted(cluster: Cluster) -> None:
    labels = cluster.get("Namespace", "cloud-cafe")["metadata"]["labels"]
    for mode in ("enforce", "warn", "audit"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


@fact(*EVERYWHERE)
def every_pod_is_restricted(cluster: Cluster) -> None:
    for pod in cluster.pods:
        own = pod.spec["securityContext"]
        assert own["runAsNonRoot"] is True
        assert own["runAsUser"] >= 100
        assert own["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
        for volume in pod.spec.get("volumes", []):
            assert volume.keys() - {"name"} <= {
                "configMap",
                "emptyDir",
                "persistentVolumeClaim",
                "projected",
                "secret",
            }
        for container in pod.containers:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert "privileged" not in context
            assert "runAsUser" not in context
            assert all("hostPort" not in port for port in container.get("ports", []))


@fact(*EVERYWHERE)
def roots_are_read_only_and_scratch_is_bounded(cluster: Cluster) -> None:
    for pod in cluster.pods:
        assert all(c["securityContext"]["readOnlyRootFilesystem"] is True for c in pod.containers)
        for volume in pod.spec.get("volumes", []):
            assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], volume["name"]


@fact(*EVERYWHERE)
def pods_get_no_token_and_no_service_variables(cluster: Cluster) -> None:
    for pod in cluster.pods:
        assert pod.spec["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False


# Flows

OURS = {"order-backend", "migrate", "mysql-backup"}
FLOWS = {  # who may call whom, and at which port of the pod
    ("kube-system/app.kubernetes.io/name=traefik", "frontend", 8080),
    ("frontend", "order-backend", 5000),
    *((one, "mysql", 3306) for one in OURS),
    ("order-backend", "redis", 6379),
    ("default/run=load-generator", "order-backend", 5000),
    ("default/run=load-generator", "frontend", 8080),
}


@fact("prod")
def what_is_not_allowed_is_denied_both_ways(cluster: Cluster) -> None:
    assert cluster.policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@fact("prod")
def dns_is_allowed_to_everybody(cluster: Cluster) -> None:
    dns = cluster.policies["to-dns"]
    assert dns["podSelector"] == {}
    [rule] = dns["egress"]
    assert {(port["protocol"], port["port"]) for port in rule["ports"]} == {("UDP", 53), ("TCP", 53)}
    assert _who(rule["to"][0]) == ["kube-system/k8s-app=kube-dns"]


@fact("prod")
def each_flow_is_allowed_where_it_leaves_and_where_it_arrives(cluster: Cluster) -> None:
    leaving, arriving = set(), set()
    for name, policy in cluster.policies.items():
        if name in ("default-deny", "to-dns"):
            continue
        [direction] = policy["policyTypes"]
        [rule] = policy[direction.lower()]
        [port] = rule["ports"]
        assert port["protocol"] == "TCP"
        here = _who({"podSelector": policy["podSelector"]})
        there = [who for peer in rule["from" if direction == "Ingress" else "to"] for who in _who(peer)]
        if direction == "Ingress":
            arriving |= {(one, other, port["port"]) for one in there for other in here}
        else:
            leaving |= {(one, other, port["port"]) for one in here for other in there}
    assert arriving == FLOWS
    assert leaving == {flow for flow in FLOWS if "/" not in flow[0]}


def _who(peer: Object) -> list[str]:
    """Return the values of the label `app`, or "namespace/label=value" of somebody in another namespace."""
    selector = peer["podSelector"]
    if "namespaceSelector" in peer:
        [space] = peer["namespaceSelector"]["matchLabels"].values()
        [(label, value)] = selector["matchLabels"].items()
        return [f"{space}/{label}={value}"]
    if "matchLabels" in selector:
        assert selector["matchLabels"].keys() == {"app"}
        return [selector["matchLabels"]["app"]]
    [words] = selector["matchExpressions"]
    assert (words["key"], words["operator"]) == ("app", "In")
    return list(words["values"])


# The edge


@fact(*EVERYWHERE)
def the_edge_calls_the_programs_and_keeps_to_its_own_folder(cluster: Cluster) -> None:
    env = cluster.env("edge-config")
    assert env["EDGE_PROGRAMS"] == "order-backend:5000"
    pod = cluster.pod("frontend")
    edge = pod.container("edge")
    assert env["EDGE_LISTEN"] == str(edge["ports"][0]["containerPort"])
    mounts = {mount["mountPath"]: mount["name"] for mount in edge["volumeMounts"]}
    assert {"name": mounts[env["EDGE_HOME"]], "emptyDir": {"sizeLimit": "1Gi"}} in pod.spec["volumes"]
    own = {v["name"]: v["value"] for v in edge["env"]}
    assert own["NGINX_ENVSUBST_FILTER"] == "^EDGE_"
    assert own["NGINX_ENVSUBST_OUTPUT_DIR"].startswith(env["EDGE_HOME"] + "/")
    assert own["NGINX_ENVSUBST_TEMPLATE_DIR"] in mounts
    assert "rm -f" in edge["args"][0], "a killed nginx leaves its socket behind"
    assert f"{env['EDGE_PAGES']}/edge" in mounts


@fact(*EVERYWHERE)
def the_edge_gets_every_parameter(cluster: Cluster) -> None:
    [template] = (c for name, c in cluster.of("ConfigMap").items() if name.startswith("edge-template-"))
    wanted = set(re.findall(r"\$\{(EDGE_\w+)\}", template["data"]["nginx.conf.template"]))
    assert cluster.env("edge-config").keys() == wanted


# The database and its backup


@fact("base", *RUNNING)
def the_database_stores_every_character(cluster: Cluster) -> None:
    assert "character-set-server = utf8mb4" in cluster.env("mysql-server")["cafe.cnf"]


@fact("prod")
def a_backup_counts_only_when_it_was_restored_and_checked(cluster: Cluster) -> None:
    job = cluster.get("CronJob", "mysql-backup")["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    assert job["timeZone"] == "Etc/UTC"
    assert not job.get("suspend")
    pod = cluster.pod("mysql-backup")
    assert [c["name"] for c in pod.containers] == ["dump", "scratch", "restore", "check"]
    assert pod.container("scratch")["restartPolicy"] == "Always"
    check = pod.container("check")["args"][0]
    assert check.index("migrate --check") < check.index("check_books") < check.index("mv /backup/unchecked/")
    assert "--single-transaction" in pod.container("dump")["args"][0]


@fact("prod")
def a_restore_sleeps_until_it_is_called_and_begins_an_epoch(cluster: Cluster) -> None:
    assert cluster.get("CronJob", "mysql-restore")["spec"]["suspend"] is True
    pod = cluster.pod("mysql-restore")
    assert "others are connected" in pod.container("restore")["args"][0]
    after = pod.container("after")["args"][0]
    assert after.index("migrate") < after.index("new_menu_epoch") < after.index("check_books")
