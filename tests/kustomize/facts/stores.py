"""Facts about MariaDB and Redis: start, persistent data, configuration."""

import re

from tests.kustomize.cluster import Cluster, quantity
from tests.kustomize.facts.table import EVERYWHERE, OWN_STORES, fact


@fact(*OWN_STORES)
def stores_start_as_their_makers_mean(cluster: Cluster) -> None:
    mysql = cluster.pod("mysql").container("mysql")
    assert ("command" in mysql, mysql["args"]) == (False, ["mariadbd"])  # the image's entrypoint runs first
    assert cluster.pod("mysql").volume_at(mysql, "/etc/mysql/conf.d") == {"configMap": {"name": "mysql-server"}}
    redis = cluster.pod("redis").container("redis")
    assert redis["command"] == ["redis-server", "/etc/redis/redis.conf"]
    assert cluster.pod("redis").volume_at(redis, "/etc/redis") == {"configMap": {"name": "redis-config"}}


@fact(*OWN_STORES)
def mariadb_makes_its_user_and_follows_an_upgrade(cluster: Cluster) -> None:
    mysql = cluster.pod("mysql").container("mysql")
    told = {"MYSQL_USER", "MYSQL_PASSWORD", "MYSQL_DATABASE", "MYSQL_ROOT_PASSWORD"}
    assert told <= cluster.variables(mysql)
    assert {"name": "MARIADB_AUTO_UPGRADE", "value": "1"} in mysql["env"]


@fact(*OWN_STORES)
def stores_are_ready_when_they_answer(cluster: Cluster) -> None:
    mysql, redis = (cluster.pod(name).container(name) for name in ("mysql", "redis"))
    for asks in (mysql["startupProbe"], mysql["readinessProbe"]):
        *shell, asked = asks["exec"]["command"]
        assert shell == ["sh", "-c"]
        assert re.search(r"mariadb-admin --host=127\.0\.0\.1 .*ping$", asked), "its first start listens on a socket"
    *shell, asked = redis["readinessProbe"]["exec"]["command"]
    assert shell == ["sh", "-c"]
    assert re.search(r"redis-cli .*ping \| grep -q PONG$", asked), "redis-cli is content with LOADING"
    assert redis["startupProbe"]["tcpSocket"] == redis["livenessProbe"]["tcpSocket"] == {"port": "redis"}
    assert mysql["livenessProbe"]["tcpSocket"] == {"port": "mysql"}


@fact(*OWN_STORES)
def mariadb_has_time_to_recover_and_to_leave(cluster: Cluster) -> None:
    pod = cluster.pod("mysql")
    start = pod.container("mysql")["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= 600
    assert pod.spec["terminationGracePeriodSeconds"] >= 60


@fact(*OWN_STORES)
def one_server_writes_one_file(cluster: Cluster) -> None:
    redis, mysql = cluster.get("Deployment", "redis")["spec"], cluster.get("StatefulSet", "mysql")["spec"]
    assert redis["strategy"] == {"type": "Recreate"}
    assert (redis["replicas"], mysql["replicas"]) == (1, 1)
    assert mysql.get("updateStrategy", {}).get("type", "RollingUpdate") == "RollingUpdate"
    assert mysql["serviceName"] == "mysql-service"


# Persistent data


@fact(*OWN_STORES)
def what_stores_keep_outlives_their_pods(cluster: Cluster) -> None:
    folder = re.search(r"^dir (\S+)$", cluster.env("redis-config")["redis.conf"], re.M)
    assert folder
    for name, path in (("mysql", "/var/lib/mysql"), ("redis", folder[1])):
        pod = cluster.pod(name)
        assert pod.volume_at(pod.container(name), path) == {"persistentVolumeClaim": {"claimName": f"{name}-pvc"}}
    assert folder[1] == "/data"


@fact(*EVERYWHERE)
def who_keeps_something_may_write_to_it(cluster: Cluster) -> None:
    for pod in cluster.pods:
        if any("persistentVolumeClaim" in volume for volume in pod.spec.get("volumes", [])):
            context = pod.spec["securityContext"]
            assert context["fsGroup"] == context["runAsGroup"], pod.name
            assert context["fsGroupChangePolicy"] == "OnRootMismatch", pod.name


@fact(*EVERYWHERE)
def claims_have_room_on_one_node(cluster: Cluster) -> None:
    for claim in cluster.of("PersistentVolumeClaim").values():
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
        assert quantity(claim["spec"]["resources"]["requests"]["storage"]) >= 2**30


# Configuration


@fact(*OWN_STORES)
def redis_is_configured_as_in_the_course(cluster: Cluster) -> None:
    lines = cluster.env("redis-config")["redis.conf"].splitlines()
    wanted = {"maxmemory 256mb", "maxmemory-policy allkeys-lru", "appendonly yes"}
    assert wanted | {"save 900 1", "save 300 10", "save 60 10000"} <= set(lines)


@fact(*OWN_STORES)
def redis_has_room_to_write_its_snapshot(cluster: Cluster) -> None:
    found = re.search(r"^maxmemory (\d+)mb$", cluster.env("redis-config")["redis.conf"], re.M)
    assert found
    limit = quantity(cluster.pod("redis").container("redis")["resources"]["limits"]["memory"])
    assert limit >= 2 * int(found[1]) * 2**20


@fact(*OWN_STORES)
def the_database_stores_every_character(cluster: Cluster) -> None:
    assert "character-set-server = utf8mb4" in cluster.env("mysql-server")["cafe.cnf"]


@fact(*OWN_STORES)
def mariadb_has_room_beside_its_pages(cluster: Cluster) -> None:
    found = re.search(r"^innodb_buffer_pool_size = (\d+)M$", cluster.env("mysql-server")["cafe.cnf"], re.M)
    assert found
    limit = quantity(cluster.pod("mysql").container("mysql")["resources"]["limits"]["memory"])
    assert int(found[1]) * 2**20 <= limit * 2 / 3
