"""Deliberate breaks: what somebody might do in good faith, and the fact that must see it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.kustomize.cluster import Cluster, Object


class Break(NamedTuple):
    fact: str
    what: str
    do: Callable[[Cluster], Any]


def backend(cluster: Cluster) -> Object:
    return cluster.pod("order-backend").container("order-backend")


def edge(cluster: Cluster) -> Object:
    return cluster.pod("frontend").container("edge")


def data(cluster: Cluster, config: str) -> Object:
    found: Object = cluster.get("ConfigMap", config)["data"]
    return found


def spec(cluster: Cluster, kind: str, name: str) -> Object:
    found: Object = cluster.get(kind, name)["spec"]
    return found


def scaling(cluster: Cluster, direction: str) -> Object:
    found: Object = spec(cluster, "HorizontalPodAutoscaler", "order-backend")["behavior"][direction]
    return found


def replace(thing: Object, key: str, old: str, new: str) -> None:
    assert old in thing[key]
    thing[key] = thing[key].replace(old, new)


def file(cluster: Cluster, config: str, name: str, old: str, new: str) -> None:
    replace(data(cluster, config), name, old, new)


def variable(container: Object, name: str) -> Object:
    return next(v for v in container["env"] if v["name"] == name)


def script(cluster: Cluster, pod: str, container: str, old: str, new: str = "") -> None:
    args = cluster.pod(pod).container(container)["args"]
    assert old in args[0]
    args[0] = args[0].replace(old, new)


BREAKS = [
    Break(
        "services_have_the_names_of_the_course",
        "an alias is dropped",
        lambda c: c.remove("Service", "order-backend-svc"),
    ),
    Break(
        "services_have_the_names_of_the_course",
        "another port",
        lambda c: spec(c, "Service", "frontend")["ports"][0].update(port=8080),
    ),
    Break(
        "configuration_has_the_names_of_the_course",
        "a key is renamed",
        lambda c: data(c, "app-config").update(DATABASE_HOST=data(c, "app-config").pop("DB_HOST")),
    ),
    Break(
        "configuration_has_the_names_of_the_course",
        "another user",
        lambda c: data(c, "mysql-config").update(MYSQL_USER="cafe"),
    ),
    Break(
        "redis_is_configured_as_in_the_course",
        "no append-only file",
        lambda c: file(c, "redis-config", "redis.conf", "appendonly yes", "appendonly no"),
    ),
    Break(
        "secrets_have_the_names_of_the_course",
        "no root password",
        lambda c: c.get("Secret", "mysql-secret")["data"].pop("MYSQL_ROOT_PASSWORD"),
    ),
    Break(
        "volumes_have_the_names_of_the_course",
        "another size",
        lambda c: spec(c, "PersistentVolumeClaim", "redis-pvc")["resources"]["requests"].update(storage="2Gi"),
    ),
    Break(
        "volumes_have_the_names_of_the_course",
        "a claim is gone",
        lambda c: c.remove("PersistentVolumeClaim", "mysql-pvc"),
    ),
    Break(
        "everything_is_in_the_one_namespace",
        "one elsewhere",
        lambda c: c.get("Service", "redis-svc")["metadata"].update(namespace="default"),
    ),
    Break(
        "one_host_leads_to_the_edge",
        "past the edge",
        lambda c: spec(c, "Ingress", "cloud-cafe")["rules"][0]["http"]["paths"][0]["backend"]["service"].update(
            name="order-backend-svc"
        ),
    ),
    Break(
        "one_host_leads_to_the_edge",
        "a retired class",
        lambda c: spec(c, "Ingress", "cloud-cafe").update(ingressClassName="nginx"),
    ),
    Break(
        "the_autoscalers_are_those_of_the_course",
        "fewer at most",
        lambda c: spec(c, "HorizontalPodAutoscaler", "order-backend").update(maxReplicas=8),
    ),
    Break(
        "the_program_answers_to_every_name_of_the_course",
        "one host name less",
        lambda c: file(c, "app-config", "ALLOWED_HOSTS", "order-backend-svc.cloud-cafe,", ""),
    ),
    Break(
        "programs_are_asked_what_design_16_says",
        "no Host header",
        lambda c: backend(c)["readinessProbe"]["httpGet"].pop("httpHeaders"),
    ),
    Break(
        "programs_are_asked_what_design_16_says",
        "liveness asks readiness",
        lambda c: backend(c)["livenessProbe"]["httpGet"].update(path="/health/ready/?format=json"),
    ),
    Break(
        "programs_are_asked_what_design_16_says",
        "the course's health, which fails with the database",
        lambda c: backend(c)["readinessProbe"]["httpGet"].update(path="/health"),
    ),
    Break(
        "the_edge_is_asked_about_itself_alone",
        "readiness asks the programs",
        lambda c: edge(c)["readinessProbe"]["httpGet"].update(path="/health/ready/"),
    ),
    Break(
        "nothing_is_restarted_for_an_outage_of_another",
        "liveness starts a program",
        lambda c: (
            c.pod("redis").container("redis").update(livenessProbe={"exec": {"command": ["redis-cli", "ping"]}})
        ),
    ),
    Break(
        "nothing_is_restarted_for_an_outage_of_another",
        "one slow answer kills",
        lambda c: backend(c)["livenessProbe"].update(failureThreshold=1),
    ),
    Break(
        "there_is_time_to_leave",
        "the usual 30 s",
        lambda c: c.pod("order-backend").spec.update(terminationGracePeriodSeconds=30),
    ),
    Break("there_is_time_to_leave", "no pause before the end", lambda c: edge(c).pop("lifecycle")),
    Break(
        "a_rollout_takes_nothing_away",
        "one less in a rollout",
        lambda c: spec(c, "Deployment", "frontend")["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    ),
    Break(
        "one_redis_writes_one_file",
        "rolling",
        lambda c: spec(c, "Deployment", "redis").update(strategy={"type": "RollingUpdate"}),
    ),
    Break(
        "the_autoscaler_owns_the_replicas",
        "replicas in the manifest",
        lambda c: spec(c, "Deployment", "order-backend").update(replicas=2),
    ),
    Break(
        "it_scales_up_quickly_and_down_slowly",
        "down at once",
        lambda c: scaling(c, "scaleDown").update(stabilizationWindowSeconds=0),
    ),
    Break(
        "it_scales_up_quickly_and_down_slowly",
        "up after a while",
        lambda c: scaling(c, "scaleUp").update(stabilizationWindowSeconds=60),
    ),
    Break(
        "what_is_scaled_requests_cpu_in_every_container",
        "no request",
        lambda c: backend(c)["resources"]["requests"].pop("cpu"),
    ),
    Break(
        "a_drain_takes_one_and_is_never_blocked",
        "a budget over MariaDB",
        lambda c: c.add("PodDisruptionBudget", "frontend", "mysql"),
    ),
    Break(
        "a_drain_takes_one_and_is_never_blocked",
        "unhealthy pods hold a node",
        lambda c: spec(c, "PodDisruptionBudget", "frontend").pop("unhealthyPodEvictionPolicy"),
    ),
    Break(
        "a_drain_takes_one_and_is_never_blocked",
        "minAvailable",
        lambda c: spec(c, "PodDisruptionBudget", "frontend").update(minAvailable=2),
    ),
    Break(
        "the_pods_of_a_release_are_spread",
        "old pods are counted",
        lambda c: c.pod("frontend").spec["topologySpreadConstraints"][0].pop("matchLabelKeys"),
    ),
    Break(
        "every_container_has_a_memory_limit_and_requests",
        "no limit",
        lambda c: c.pod("order-backend").spec["containers"][0]["resources"].pop("limits"),
    ),
    Break(
        "nothing_customers_wait_for_is_throttled",
        "a CPU limit",
        lambda c: edge(c)["resources"]["limits"].update(cpu="500m"),
    ),
    Break(
        "nothing_customers_wait_for_is_throttled",
        "a CPU limit by default",
        lambda c: spec(c, "LimitRange", "defaults")["limits"][0]["default"].update(cpu="1"),
    ),
    Break(
        "redis_has_room_to_write_its_snapshot",
        "more memory, same limit",
        lambda c: file(c, "redis-config", "redis.conf", "maxmemory 256mb", "maxmemory 512mb"),
    ),
    Break(
        "workers_and_threads_come_from_the_environment",
        "workers on the command line",
        lambda c: backend(c)["command"].append("--workers=4"),
    ),
    Break(
        "workers_and_threads_come_from_the_environment",
        "as many as the node has processors",
        lambda c: data(c, "edge-config").update(EDGE_WORKERS="auto"),
    ),
    Break(
        "selectors_hold_one_label_that_never_changes",
        "commonLabels",
        lambda c: spec(c, "Deployment", "redis")["selector"]["matchLabels"].update(part="of"),
    ),
    Break(
        "every_service_leads_to_a_port_of_a_pod",
        "a Service that selects nobody",
        lambda c: spec(c, "Service", "mysql-service").update(selector={"app": "mariadb"}),
    ),
    Break(
        "every_service_leads_to_a_port_of_a_pod",
        "a port that is not there",
        lambda c: spec(c, "Service", "redis-svc")["ports"][0].update(targetPort="http"),
    ),
    Break(
        "everything_that_is_named_is_there",
        "a ConfigMap that is not made",
        lambda c: c.remove("ConfigMap", "redis-config"),
    ),
    Break(
        "everything_that_is_named_is_there",
        "a key that is not in the Secret",
        lambda c: c.get("Secret", "cafe-secret")["data"].pop("SECRET_KEY"),
    ),
    Break(
        "the_program_gets_its_passwords_from_secrets",
        "the wrong password",
        lambda c: variable(backend(c), "DB_PASSWORD")["valueFrom"]["secretKeyRef"].update(key="MYSQL_ROOT_PASSWORD"),
    ),
    Break(
        "the_program_gets_its_passwords_from_secrets",
        "a password in the ConfigMap",
        lambda c: data(c, "app-config").update(DB_PASSWORD="dev-only"),
    ),
    Break(
        "a_changed_value_rolls_the_pods_that_read_it",
        "a name without its hash",
        lambda c: c.pod("frontend").meta["annotations"].update({"cloudcafe.local/edge-config": "edge-config-rev"}),
    ),
    Break(
        "a_changed_value_rolls_the_pods_that_read_it",
        "the twin is of another file",
        lambda c: data(c, "app-config").update(LOG_LEVEL="DEBUG"),
    ),
    Break(
        "a_changed_secret_rolls_the_programs",
        "no annotation",
        lambda c: c.pod("order-backend").meta["annotations"].pop("cloudcafe.local/mysql-secret"),
    ),
    Break(
        "the_migrations_job_carries_the_tag",
        "one name for all releases",
        lambda c: c.job["metadata"].update(name="migrate"),
    ),
    Break(
        "the_migrations_job_carries_the_tag",
        "it is thrown away, and run again",
        lambda c: c.job["spec"].update(ttlSecondsAfterFinished=60),
    ),
    Break(
        "the_migrations_job_carries_the_tag",
        "a tag with dots",
        lambda c: (backend(c).update(image="cloud-cafe:1.2"), c.job["metadata"].update(name="migrate-1.2")),
    ),
    Break(
        "programs_wait_for_their_migrations",
        "they do not wait",
        lambda c: c.pod("order-backend").spec.pop("initContainers"),
    ),
    Break(
        "everything_of_ours_is_of_one_image",
        "the Job of another release",
        lambda c: c.job["spec"]["template"]["spec"]["containers"][0].update(image="cloud-cafe:old"),
    ),
    Break(
        "everything_of_ours_is_of_one_image",
        "a dump by another MariaDB",
        lambda c: c.pod("mysql-backup").container("dump").update(image="mariadb:10.11.1"),
    ),
    Break(
        "the_sample_menu_is_for_dev",
        "an empty café",
        lambda c: c.pod("migrate-dev").spec["containers"][0].update(command=["python", "manage.py", "migrate"]),
    ),
    Break(
        "the_sample_menu_is_not_for_prod",
        "a menu nobody asked for",
        lambda c: c.job["spec"]["template"]["spec"]["containers"][0]["command"].append("load_sample_menu"),
    ),
    Break("prod_is_production", "the checks are off", lambda c: data(c, "app-config").update(CAFE_ENV="local")),
    Break(
        "images_have_exact_tags_and_come_from_their_makers",
        "latest",
        lambda c: c.pod("redis").container("redis").update(image="redis:latest"),
    ),
    Break(
        "images_have_exact_tags_and_come_from_their_makers",
        "a moving tag",
        lambda c: edge(c).update(image="nginxinc/nginx-unprivileged:1.30-alpine"),
    ),
    Break(
        "images_have_exact_tags_and_come_from_their_makers",
        "somebody else's",
        lambda c: c.pod("redis").container("redis").update(image="bitnami/redis:7.2.5"),
    ),
    Break(
        "images_have_exact_tags_and_come_from_their_makers",
        "another MariaDB than the tests'",
        lambda c: c.pod("mysql").container("mysql").update(image="mariadb:11.4.2"),
    ),
    Break(
        "the_namespace_enforces_restricted",
        "baseline",
        lambda c: c.get("Namespace", "cloud-cafe")["metadata"]["labels"].update(
            {"pod-security.kubernetes.io/enforce": "baseline"}
        ),
    ),
    Break(
        "every_pod_is_restricted",
        "MariaDB as root",
        lambda c: c.pod("mysql").spec["securityContext"].update(runAsUser=0),
    ),
    Break(
        "every_pod_is_restricted",
        "capabilities in a job's init container",
        lambda c: c.job["spec"]["template"]["spec"]["initContainers"][0]["securityContext"].pop("capabilities"),
    ),
    Break(
        "every_pod_is_restricted",
        "a folder of the node",
        lambda c: c.pod("redis").spec["volumes"].append({"name": "node", "hostPath": {"path": "/"}}),
    ),
    Break(
        "roots_are_read_only_and_scratch_is_bounded",
        "Redis writes to its root",
        lambda c: c.pod("redis").container("redis")["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    Break(
        "roots_are_read_only_and_scratch_is_bounded",
        "a folder that may fill the node",
        lambda c: c.pod("order-backend").spec["volumes"].append({"name": "more", "emptyDir": {}}),
    ),
    Break(
        "pods_get_no_token_and_no_service_variables",
        "REDIS_PORT=tcp://…",
        lambda c: c.pod("order-backend").spec.pop("enableServiceLinks"),
    ),
    Break(
        "what_is_not_allowed_is_denied_both_ways",
        "nothing is said about leaving",
        lambda c: c.policies["default-deny"].update(policyTypes=["Ingress"]),
    ),
    Break("dns_is_allowed_to_everybody", "UDP only", lambda c: c.policies["to-dns"]["egress"][0]["ports"].pop()),
    Break(
        "each_flow_is_allowed_where_it_leaves_and_where_it_arrives",
        "the migrations cannot reach MariaDB",
        lambda c: c.policies["to-mysql"]["podSelector"]["matchExpressions"][0]["values"].remove("migrate"),
    ),
    Break(
        "each_flow_is_allowed_where_it_leaves_and_where_it_arrives",
        "no protocol",
        lambda c: c.policies["to-redis"]["egress"][0]["ports"][0].pop("protocol"),
    ),
    Break(
        "each_flow_is_allowed_where_it_leaves_and_where_it_arrives",
        "the Service's port, not the pod's",
        lambda c: c.policies["frontend-from-traefik"]["ingress"][0]["ports"][0].update(port=80),
    ),
    Break(
        "each_flow_is_allowed_where_it_leaves_and_where_it_arrives",
        "the edge may ask MariaDB",
        lambda c: c.policies["to-mysql"]["podSelector"]["matchExpressions"][0]["values"].append("frontend"),
    ),
    Break(
        "the_edge_calls_the_programs_and_keeps_to_its_own_folder",
        "a folder that cannot be written",
        lambda c: data(c, "edge-config").update(EDGE_HOME="/var/cache"),
    ),
    Break(
        "the_edge_calls_the_programs_and_keeps_to_its_own_folder",
        "the socket of a killed nginx stays",
        lambda c: script(c, "frontend", "edge", 'rm -f "$EDGE_HOME/orders.sock"\n'),
    ),
    Break(
        "the_edge_calls_the_programs_and_keeps_to_its_own_folder",
        "nginx's own variables are replaced too",
        lambda c: variable(edge(c), "NGINX_ENVSUBST_FILTER").update(value=""),
    ),
    Break(
        "the_edge_gets_every_parameter",
        "one is missing: nginx reads ${…} as text",
        lambda c: data(c, "edge-config").pop("EDGE_TRUSTED"),
    ),
    Break(
        "the_database_stores_every_character",
        "a server that defaults to latin1",
        lambda c: file(c, "mysql-server", "cafe.cnf", "character-set-server = utf8mb4\n", ""),
    ),
    Break(
        "a_backup_counts_only_when_it_was_restored_and_checked",
        "it gets its name before the check",
        lambda c: script(c, "mysql-backup", "check", "python manage.py check_books\n"),
    ),
    Break(
        "a_backup_counts_only_when_it_was_restored_and_checked",
        "never",
        lambda c: spec(c, "CronJob", "mysql-backup").update(suspend=True),
    ),
    Break(
        "a_restore_sleeps_until_it_is_called_and_begins_an_epoch",
        "each new year",
        lambda c: spec(c, "CronJob", "mysql-restore").update(suspend=False),
    ),
    Break(
        "a_restore_sleeps_until_it_is_called_and_begins_an_epoch",
        "programs go on showing what they remember",
        lambda c: script(c, "mysql-restore", "after", "python manage.py new_menu_epoch\n"),
    ),
    Break(
        "all_connections_fit_into_the_database",
        "more threads",
        lambda c: data(c, "app-config").update(WEB_THREADS="32"),
    ),
    Break(
        "all_connections_fit_into_the_database",
        "more pods",
        lambda c: spec(c, "HorizontalPodAutoscaler", "order-backend").update(maxReplicas=20),
    ),
    Break(
        "all_connections_fit_into_the_database",
        "a smaller database",
        lambda c: file(c, "mysql-server", "cafe.cnf", "max_connections = 400", "max_connections = 300"),
    ),
    Break(
        "the_largest_scale_fits_into_the_quota",
        "a larger request",
        lambda c: backend(c)["resources"]["requests"].update(cpu="500m"),
    ),
    Break(
        "the_largest_scale_fits_into_the_quota",
        "a larger limit",
        lambda c: backend(c)["resources"]["limits"].update(memory="2Gi"),
    ),
]
