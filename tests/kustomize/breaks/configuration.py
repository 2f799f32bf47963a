"""Breaks of the pods' configuration: ConfigMaps, Secrets, environment."""

from tests.kustomize.breaks.table import Breaks, backend, data, migrations, variable

BREAKS: Breaks = {
    "configuration_has_the_names_of_the_course": {
        "a key is renamed": lambda c: data(c, "app-config").update(
            DATABASE_HOST=data(c, "app-config").pop("DB_HOST")
        ),
        "another user": lambda c: data(c, "mysql-config").update(MYSQL_USER="cafe"),
    },
    "everything_that_is_named_is_there": {
        "a ConfigMap that is not made": lambda c: c.remove("ConfigMap", "redis-config"),
        "a key that is not in the Secret": lambda c: c.get("Secret", "cafe-secret")["data"].pop("SECRET_KEY"),
        "a claim that is not made": lambda c: c.remove("PersistentVolumeClaim", "redis-pvc"),
    },
    "scripts_are_told_every_word_they_read": {
        "a dump without its password": lambda c: c.pod("mysql-backup").container("dump").pop("env"),
        "a job that waits for nobody": lambda c: migrations(c).spec["initContainers"][0].pop("envFrom"),
    },
    "whatever_is_ours_knows_the_database_and_its_password": {
        "the wrong password": lambda c: variable(backend(c), "DB_PASSWORD")["valueFrom"]["secretKeyRef"].update(
            key="MYSQL_ROOT_PASSWORD"
        ),
        "migrations without a password": lambda c: migrations(c).spec["containers"][0].pop("env"),
        "migrations without an address": lambda c: migrations(c).spec["containers"][0].pop("envFrom"),
        "a restore ends in another database": lambda c: variable(
            c.pod("mysql-restore").container("after"), "DB_NAME"
        ).update(valueFrom={}),
    },
    "passwords_come_from_secrets": {
        "a password in the ConfigMap": lambda c: data(c, "app-config").update(DB_PASSWORD="dev-only"),
        "a password to read in the manifest": lambda c: (
            c.pod("mysql").container("mysql")["env"].append({"name": "MYSQL_ROOT_PASSWORD", "value": "dev-only"})
        ),
    },
    "a_changed_value_rolls_the_pods_that_read_it": {
        "a name without its hash": lambda c: (
            c.pod("frontend").meta["annotations"].update({"cloudcafe.local/edge-config": "edge-config-rev"})
        ),
        "the twin is of another file": lambda c: data(c, "app-config").update(LOG_LEVEL="DEBUG"),
        "one more file, without a twin": lambda c: (
            c.pod("redis").spec["volumes"].append({"name": "more", "configMap": {"name": "mysql-server"}})
        ),
        "no annotation": lambda c: c.pod("mysql").meta["annotations"].pop("cloudcafe.local/mysql-server"),
    },
    "a_changed_secret_rolls_the_programs": {
        "no annotation": lambda c: c.pod("order-backend").meta["annotations"].pop("cloudcafe.local/mysql-secret"),
    },
    "what_an_older_key_signed_is_still_read": {
        "all are logged out": lambda c: backend(c)["env"].pop(),
        "a Secret without older keys starts nothing": lambda c: variable(backend(c), "SECRET_KEY_FALLBACKS")[
            "valueFrom"
        ]["secretKeyRef"].pop("optional"),
    },
}
