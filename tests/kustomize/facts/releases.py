"""Facts about images, and the migration Job of a release."""

import re

from tests.kustomize.cluster import Cluster
from tests.kustomize.facts.table import EVERYWHERE, RUNNING, fact

OF_OTHERS = {"mariadb", "redis", "nginxinc/nginx-unprivileged", "locustio/locust"}


@fact(*EVERYWHERE)
def images_have_exact_tags_and_come_from_their_makers(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            name, _, tag = container["image"].partition("@")[0].rpartition(":")
            assert "bitnami" not in name
            ours = name.rpartition("/")[2] == "cloud-cafe"
            assert ours or name in OF_OTHERS, name
            assert tag != "latest"
            assert ours or re.match(r"\d+\.\d+\.\d+", tag), tag
            assert name != "mariadb" or tag.startswith("10.11.")


@fact(*EVERYWHERE)
def an_image_that_was_imported_is_not_pulled(cluster: Cluster) -> None:
    for pod in cluster.pods:
        for container in pod.containers:
            assert container.get("imagePullPolicy", "IfNotPresent") == "IfNotPresent", pod.name


@fact(*RUNNING, "all")
def everything_of_ours_is_of_one_image(cluster: Cluster) -> None:
    ours = {c["image"] for pod in cluster.pods for c in pod.containers if "cloud-cafe" in c["image"]}
    assert len(ours) == 1
    theirs = {c["image"] for pod in cluster.pods for c in pod.containers if c["image"].startswith("mariadb")}
    assert len(theirs) == 1


@fact(*RUNNING, "all")
def the_migrations_job_carries_the_tag(cluster: Cluster) -> None:
    image = cluster.pod("order-backend").container("order-backend")["image"]
    tag = image.partition("@")[0].rpartition(":")[2]
    assert cluster.job["metadata"]["name"] == f"migrate-{tag}"
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?", tag), "no dots: a pod's host name has the Job's"
    assert "ttlSecondsAfterFinished" not in cluster.job["spec"], "an apply would run it again"


@fact(*RUNNING, "all")
def migrations_are_tried_again_and_never_cut_off(cluster: Cluster) -> None:
    spec = cluster.job["spec"]
    assert spec["backoffLimit"] >= 2
    assert not {"activeDeadlineSeconds", "suspend"} & spec.keys(), "half an ALTER TABLE is worse than a long one"
    pod = cluster.pod(cluster.job["metadata"]["name"])
    assert ("activeDeadlineSeconds" in pod.spec, pod.spec["restartPolicy"]) == (False, "Never")
    [migrate] = pod.spec["containers"]
    command = " ".join(migrate["command"])
    assert "python manage.py migrate --database maintenance" in command
    assert "--check" not in command


LOOP = re.compile(r"^until (?P<asked>.+); do\n(?P<body>(?: +.*\n)+)done$", re.M)


@fact(*RUNNING, "all")
def who_waits_asks_until_it_is_so(cluster: Cluster) -> None:
    [programs] = cluster.pod("order-backend").spec["initContainers"]
    [migrations] = cluster.pod(cluster.job["metadata"]["name"]).spec["initContainers"]
    for wait, wanted in ((programs, "manage.py migrate --check --database maintenance "), (migrations, "DB_HOST")):
        assert wait["command"] == ["sh", "-c"]
        [text] = wait["args"]
        loop = LOOP.search(text)
        assert loop
        assert text.rstrip().endswith(loop[0]), "what is below would be done too"
        assert wanted in loop["asked"]
        assert "sleep" in loop["body"]
        assert not re.search(r"\b(exit|break)\b", loop["body"]), "a failed container is tried again after minutes"


@fact("dev")
def the_sample_menu_is_for_dev(cluster: Cluster) -> None:
    *shell, command = cluster.pod("migrate-dev").spec["containers"][0]["command"]
    assert shell == ["sh", "-euc"]
    assert command.endswith("&& python manage.py load_sample_menu --if-empty")


@fact("prod", "all")
def the_sample_menu_is_not_for_prod(cluster: Cluster) -> None:
    assert all("load_sample_menu" not in str(pod.spec) for pod in cluster.pods)


@fact("prod")
def prod_is_production(cluster: Cluster) -> None:
    assert cluster.env("app-config")["CAFE_ENV"] == "production"
