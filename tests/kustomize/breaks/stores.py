"""Breaks of MariaDB and Redis."""

from tests.kustomize.breaks.table import Breaks, file, replace_last, scratch, spec

BREAKS: Breaks = {
    "stores_start_as_their_makers_mean": {
        "past MariaDB's entrypoint: no database and no user": lambda c: (
            c.pod("mysql").container("mysql").update(command=["mariadbd"])
        ),
        "Redis without its file": lambda c: c.pod("redis").container("redis")["command"].pop(),
    },
    "stores_are_ready_when_they_answer": {
        "by the socket of its first start": lambda c: replace_last(
            c.pod("mysql").container("mysql")["readinessProbe"]["exec"]["command"], "--host=127.0.0.1", ""
        ),
        "while it loads its file": lambda c: replace_last(
            c.pod("redis").container("redis")["readinessProbe"]["exec"]["command"], " | grep -q PONG", ""
        ),
    },
    "mariadb_has_time_to_recover_and_to_leave": {
        "killed in the midst of writing": lambda c: c.pod("mysql").spec.update(terminationGracePeriodSeconds=30),
        "the usual 30 s": lambda c: c.pod("mysql").spec.pop("terminationGracePeriodSeconds"),
        "killed in the midst of a recovery": lambda c: (
            c.pod("mysql").container("mysql")["startupProbe"].update(failureThreshold=12)
        ),
    },
    "one_server_writes_one_file": {
        "rolling": lambda c: spec(c, "Deployment", "redis").update(strategy={"type": "RollingUpdate"}),
        "two MariaDBs": lambda c: spec(c, "StatefulSet", "mysql").update(replicas=2),
        "two Redises": lambda c: spec(c, "Deployment", "redis").update(replicas=2),
    },
    "what_stores_keep_outlives_their_pods": {
        "MariaDB in a folder of its pod": lambda c: scratch(c, "mysql", "data"),
        "Redis in a folder of its pod": lambda c: scratch(c, "redis", "data"),
        "MariaDB's claim where it does not look": lambda c: (
            c.pod("mysql").container("mysql")["volumeMounts"][0].update(mountPath="/data")
        ),
        "Redis writes beside its claim": lambda c: file(c, "redis-config", "redis.conf", "dir /data", "dir /tmp"),
        "both in one": lambda c: (
            c.pod("redis").spec["volumes"][0].update(persistentVolumeClaim={"claimName": "mysql-pvc"})
        ),
    },
    "claims_have_room_on_one_node": {
        "1 MiB": lambda c: spec(c, "PersistentVolumeClaim", "mysql-pvc")["resources"]["requests"].update(
            storage="1Mi"
        ),
        "from many nodes, which local-path has not": lambda c: spec(
            c, "PersistentVolumeClaim", "mysql-backup"
        ).update(accessModes=["ReadWriteMany"]),
    },
    "redis_is_configured_as_in_the_course": {
        "no append-only file": lambda c: file(c, "redis-config", "redis.conf", "appendonly yes", "appendonly no"),
    },
    "redis_has_room_to_write_its_snapshot": {
        "more memory, same limit": lambda c: file(
            c, "redis-config", "redis.conf", "maxmemory 256mb", "maxmemory 512mb"
        ),
    },
    "the_database_stores_every_character": {
        "a server that defaults to latin1": lambda c: file(
            c, "mysql-server", "cafe.cnf", "character-set-server = utf8mb4\n", ""
        ),
    },
    "mariadb_has_room_beside_its_pages": {
        "more pages, same limit": lambda c: file(
            c, "mysql-server", "cafe.cnf", "pool_size = 512M", "pool_size = 1280M"
        ),
    },
    "mariadb_makes_its_user_and_follows_an_upgrade": {
        "no root password, so no first start": lambda c: c.pod("mysql").container("mysql")["env"].pop(1),
        "tables of an older release": lambda c: c.pod("mysql").container("mysql")["env"].pop(),
    },
    "who_keeps_something_may_write_to_it": {
        "a disk of root's": lambda c: c.pod("mysql").spec["securityContext"].pop("fsGroup"),
    },
}
