"""Facts about the nightly backup CronJob and the suspended restore CronJob."""

import re

from tests.kustomize.cluster import Cluster, Pod, quantity
from tests.kustomize.facts.table import EVERYWHERE, fact

CLAIM = {"persistentVolumeClaim": {"claimName": "mysql-backup"}}


@fact("prod", "all")
def a_backup_is_made_each_night(cluster: Cluster) -> None:
    job = cluster.get("CronJob", "mysql-backup")["spec"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", job["schedule"])
    assert job["timeZone"] == "Etc/UTC"
    assert job["concurrencyPolicy"] == "Forbid"
    assert job["startingDeadlineSeconds"] >= 600, "a controller that was away makes up for it"
    assert not job.get("suspend")
    assert job["jobTemplate"]["spec"]["backoffLimit"] >= 1


@fact("prod", "all")
def a_step_that_failed_is_the_last(cluster: Cluster) -> None:
    for pod in (cluster.pod("mysql-backup"), cluster.pod("mysql-restore")):
        assert pod.spec["restartPolicy"] == "Never"
        for container in pod.containers:
            strictly = ["sh", "-euc"] if "cloud-cafe" in container["image"] else ["bash", "-euo", "pipefail", "-c"]
            assert container["command"] == strictly, f"{pod.name}: {container['name']}"


@fact("prod", "all")
def what_a_killed_backup_left_goes_and_nothing_else(cluster: Cluster) -> None:
    [minutes] = re.findall(r"-name 'unchecked-\*' -mmin \+(\d+) ", cluster.pod("mysql-backup").script("dump"))
    job = cluster.get("CronJob", "mysql-backup")["spec"]["jobTemplate"]["spec"]
    assert 600 <= job["activeDeadlineSeconds"] < int(minutes) * 60, "it would take another's that still runs"


@fact("prod", "all")
def a_backup_counts_only_when_it_was_restored_and_checked(cluster: Cluster) -> None:
    pod = cluster.pod("mysql-backup")
    assert [c["name"] for c in pod.containers] == ["dump", "scratch", "restore", "check"]
    assert [c["name"] for c in pod.spec["containers"]] == ["check"], "it must come last"
    movers = [
        c["name"] for c in pod.containers if re.search(r"(^|[;&|{(]) *(mv|cp|ln) ", pod.script(c["name"]), re.M)
    ]
    assert movers == ["check"]
    migrated, checked, named, *_ = _lines(pod.script("check"))
    assert migrated == "python manage.py migrate --check --database maintenance"
    assert checked == "python manage.py check_books"
    found = re.fullmatch(r'mv "(/backup/unchecked[^"]*)"/cafe-\*\.sql\.gz /backup/', named)
    assert found
    assert f"file={found[1]}/cafe-" in pod.script("dump")
    assert f'zcat "{found[1]}"/cafe-*.sql.gz | mariadb ' in pod.script("restore")


TELLS_THE_PASSWORD = 'export MYSQL_PWD="$MYSQL_PASSWORD"'


@fact("prod", "all")
def a_dump_is_whole_and_says_last_which_migrations_it_has(cluster: Cluster) -> None:
    script = cluster.pod("mysql-backup").script("dump")
    assert _lines(script)[0] == TELLS_THE_PASSWORD
    dumps = [line for line in _lines(script) if "mariadb-dump" in line]
    asked = {"--host=mysql-service", '--user="$MYSQL_USER"', "--single-transaction"}
    assert all(asked | {"--default-character-set=utf8mb4"} <= set(dump.split()) for dump in dumps)
    [dump] = dumps  # a dump of one transaction
    assert dump.endswith(' $tables | gzip > "$file"')
    ordered = "ORDER BY table_name = 'django_migrations', table_name"
    assert ordered in script, "until a restore is through, no program must take it for a database"
    assert script.index(ordered) < script.index(dump) < script.index("grep -q '^-- Dump completed'")


@fact("prod", "all")
def a_backup_is_written_to_its_claim_alone(cluster: Cluster) -> None:
    writers = {("mysql-backup", "dump"): True, ("mysql-backup", "check"): True}
    readers = {("mysql-backup", "restore"): False, ("mysql-restore", "restore"): False}
    for (name, container), may_write in (writers | readers).items():
        pod = cluster.pod(name)
        assert pod.volume_at(pod.container(container), "/backup") == CLAIM
        [mount] = [m for m in pod.container(container)["volumeMounts"] if m["mountPath"] == "/backup"]
        assert may_write != mount.get("readOnly", False)


@fact(*EVERYWHERE)
def a_server_without_passwords_is_for_its_pod_alone(cluster: Cluster) -> None:
    assert all("skip-grant-tables" not in str(config["data"]) for config in cluster.of("ConfigMap").values())
    for pod in cluster.pods:
        for container in pod.containers:
            if "--skip-grant-tables" in str(container):
                _listens_to_its_pod(pod, pod.script(container["name"]))
                assert "ports" not in container


def _listens_to_its_pod(pod: Pod, script: str) -> None:
    *_, server = _lines(script)
    assert {"mariadbd", "--no-defaults", "--skip-grant-tables"} <= set(server.split())
    assert re.findall(r"--bind-address=(\S+)", server) == ["127.0.0.1"]
    asked = {v["name"]: v["value"] for v in pod.container("check")["env"]}
    assert asked["DB_HOST"] == "127.0.0.1"
    assert re.findall(r"--port=(\S+)", server) == [asked["DB_PORT"]]


@fact("prod", "all")
def what_is_checked_is_what_was_restored(cluster: Cluster) -> None:
    pod = cluster.pod("mysql-backup")
    scratch = pod.container("scratch")
    assert scratch["restartPolicy"] == "Always"  # a sidecar: it runs beside the following containers
    asked = ["mariadb-admin", "--no-defaults", "--socket=/scratch/socket", "ping"]
    assert scratch["startupProbe"]["exec"]["command"] == asked
    told = {v["name"]: v["value"] for v in pod.container("check")["env"]}
    assert told["DB_NAME"] == "restored"
    assert "envFrom" not in pod.container("check"), "it must not find the café's own database"
    created = "DROP DATABASE IF EXISTS restored; CREATE DATABASE restored CHARACTER SET utf8mb4"
    restore = pod.script("restore")
    assert restore.index(created) < restore.index("--default-character-set=utf8mb4 restored")
    for name in ("scratch", "restore"):
        assert set(re.findall(r"--socket=(\S+)", pod.script(name))) == {"/scratch/socket"}
        [found] = pod.volume_at(pod.container(name), "/scratch").values()
        assert quantity(found["sizeLimit"]) >= 2**30


# The restore

GUARD = re.compile(r'^if \[ "\$others" != 0 \]; then\n(?P<branch>(?: +.*\n)+)fi$', re.M)


@fact("prod", "all")
def a_restore_sleeps_until_it_is_called(cluster: Cluster) -> None:
    job = cluster.get("CronJob", "mysql-restore")["spec"]
    assert job["suspend"] is True
    assert job["jobTemplate"]["spec"]["backoffLimit"] == 0, "it throws the database away once, not again"


@fact("prod", "all")
def a_restore_refuses_while_others_are_connected(cluster: Cluster) -> None:
    script = cluster.pod("mysql-restore").script("restore")
    assert _lines(script)[0] == TELLS_THE_PASSWORD
    asked = "$(ask -e 'SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID()')"
    assert f"others={asked} || others=unknown\n" in script, "an answer that did not come is not a nought"
    assert script.count("others=") == 2
    guard = GUARD.search(script)
    assert guard
    *_, last = _lines(guard["branch"])
    assert last == "exit 1"
    assert script.index("Dump completed") < guard.start() < guard.end() < script.index("DROP DATABASE")


@fact("prod", "all")
def a_restore_begins_an_epoch_and_checks_the_books(cluster: Cluster) -> None:
    pod = cluster.pod("mysql-restore")
    assert [c["name"] for c in pod.containers] == ["restore", "after"]
    assert [c["name"] for c in pod.spec["containers"]] == ["after"]
    commands = ["migrate --database maintenance", "new_menu_epoch", "check_books"]
    assert _lines(pod.script("after")) == [f"python manage.py {command}" for command in commands]
    restore = pod.script("restore")
    dropped = "DROP DATABASE IF EXISTS $MYSQL_DATABASE; CREATE DATABASE $MYSQL_DATABASE CHARACTER SET utf8mb4"
    assert restore.index(dropped) < restore.index('zcat "$file" | ask "$MYSQL_DATABASE"')


def _lines(script: str) -> list[str]:
    return [line.strip() for line in script.strip().splitlines()]
