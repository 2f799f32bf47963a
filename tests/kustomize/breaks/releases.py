"""Breaks of images and the migration Job."""

from tests.kustomize.breaks.table import Breaks, backend, data, edge, migrations, script

BREAKS: Breaks = {
    "images_have_exact_tags_and_come_from_their_makers": {
        "latest": lambda c: c.pod("redis").container("redis").update(image="redis:latest"),
        "a moving tag": lambda c: edge(c).update(image="nginxinc/nginx-unprivileged:1.30-alpine"),
        "somebody else's": lambda c: c.pod("redis").container("redis").update(image="bitnami/redis:7.2.5"),
        "another MariaDB than the tests'": lambda c: c.pod("mysql").container("mysql").update(image="mariadb:11.4.2"),
    },
    "an_image_that_was_imported_is_not_pulled": {
        "always": lambda c: backend(c).update(imagePullPolicy="Always"),
        "a job's": lambda c: migrations(c).spec["initContainers"][0].update(imagePullPolicy="Always"),
    },
    "everything_of_ours_is_of_one_image": {
        "the Job of another release": lambda c: c.job["spec"]["template"]["spec"]["containers"][0].update(
            image="cloud-cafe:old"
        ),
        "a dump by another MariaDB": lambda c: (
            c.pod("mysql-backup").container("dump").update(image="mariadb:10.11.1")
        ),
    },
    "the_migrations_job_carries_the_tag": {
        "one name for all releases": lambda c: c.job["metadata"].update(name="migrate"),
        "it is thrown away, and run again": lambda c: c.job["spec"].update(ttlSecondsAfterFinished=60),
        "a tag with dots": lambda c: (
            backend(c).update(image="cloud-cafe:1.2"),
            c.job["metadata"].update(name="migrate-1.2"),
        ),
    },
    "migrations_are_tried_again_and_never_cut_off": {
        "once": lambda c: c.job["spec"].update(backoffLimit=0),
        "within ten minutes": lambda c: c.job["spec"].update(activeDeadlineSeconds=600),
        "it only looks": lambda c: migrations(c).spec["containers"][0]["command"].append("--check"),
        "within the requests' limit of 3 s": lambda c: (
            migrations(c).spec["containers"][0]["command"].remove("maintenance")
        ),
    },
    "who_waits_asks_until_it_is_so": {
        "they do not wait": lambda c: c.pod("order-backend").spec.pop("initContainers"),
        "they end when it is not so": lambda c: script(
            c, "order-backend", "wait-for-migrations", "sleep 2", "sleep 2; exit 1"
        ),
        "they ask once": lambda c: script(c, "order-backend", "wait-for-migrations", "until ", "if ! "),
        "the job gives up": lambda c: script(c, c.job["metadata"]["name"], "wait-for-mysql", "sleep 2", "exit 1"),
        "without a pause": lambda c: script(c, "order-backend", "wait-for-migrations", "sleep 2", ":"),
    },
    "the_sample_menu_is_for_dev": {
        "an empty café": lambda c: (
            c.pod("migrate-dev").spec["containers"][0].update(command=["python", "manage.py", "migrate"])
        ),
    },
    "the_sample_menu_is_not_for_prod": {
        "a menu nobody asked for": lambda c: c.job["spec"]["template"]["spec"]["containers"][0]["command"].append(
            "load_sample_menu"
        ),
    },
    "prod_is_production": {
        "the checks are off": lambda c: data(c, "app-config").update(CAFE_ENV="local"),
    },
}
