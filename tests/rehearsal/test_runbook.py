"""The run book: each shell block of docs/operations.md is run unchanged in a little cluster with customers."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.crowd import Crowd, Person
from tests.harness.running_cafe import ROOT
from tests.rehearsal.workspace import Workspace

pytestmark = pytest.mark.only_full

RUNBOOK = (ROOT / "docs/operations.md").read_text().partition("\n# In a cluster\n")[2]
# Commands that need a builder, a registry, a node, an API server (`kubectl diff`), or a typed password.
NOT_HERE = re.compile(r"^(bin/image|sudo|echo .* \| sudo|kubectl d(iff|elete node)|k exec -it|curl) ?.*\n", re.M)
PATIENCE_S = 240
DATE = r"\d{8}T\d{6}Z"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace in which prod is installed, with the sample menu."""
    with Workspace(tmp_path_factory.mktemp("place"), Path(os.environ["CAFE_DATA_DIR"]) / "static") as place:
        said = typed(place, block("Install", 1))
        assert 'deployment "order-backend" successfully rolled out' in said
        typed(place, "k rollout status deployment/frontend")
        assert person(place).order().status == 422, "customers get no sample menu"
        typed(place, "k exec deployment/order-backend -- python manage.py load_sample_menu")
        yield place


def block(chapter: str, number: int = 0) -> str:
    """Return shell block `number` of this chapter, without the commands that cannot run here (NOT_HERE)."""
    text = RUNBOOK.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return NOT_HERE.sub("", re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)[number])


def typed(place: Workspace, script: str) -> str:
    """Run `script` in a shell in the project's folder; return its stdout. Asserts that every line succeeds."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=place.project,
        env=place.env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def person(place: Workspace) -> Person:
    return Person(Door(place), Host="cloudcafe.local")


class Door:
    """The port that the ingress forwards to at this moment."""

    def __init__(self, place: Workspace) -> None:
        self.port = place.cluster.edge_port


def test_prod_is_open_after_what_the_book_says(place: Workspace) -> None:
    assert person(place).get("/api/health").json == {"status": "healthy", "redis": "connected"}
    names = typed(place, "k get svc,hpa,pvc").split()
    assert {"frontend-svc", "order-backend-svc", "redis-svc", "mysql-service", "redis-pvc", "mysql-pvc"} <= {*names}


def test_a_second_apply_changes_nothing(place: Workspace) -> None:
    before = [pod.name for pod in place.cluster.all_pods()]
    said = typed(place, "kubectl apply -k deploy/kustomize/overlays/prod").splitlines()
    assert {line.rpartition(" ")[2] for line in said} == {"unchanged"}
    assert [pod.name for pod in place.cluster.all_pods()] == before


def test_a_release_is_deployed_and_nobody_notices(place: Workspace) -> None:
    release = place.project / "deploy/kustomize/overlays/prod/release/kustomization.yaml"
    release.write_text(release.read_text().replace("r0-1-0", "r1-4-2"))  # as `bin/image --tag r1-4-2 --pin` does
    before = {pod.name for pod in place.cluster.pods_of("Deployment", "order-backend")}
    with Crowd(Door(place), readers=2, buyers=2) as crowd:
        said = typed(place, block("Deploy a release, and take it back"))
    assert crowd.failures() == {}
    assert "/migrate-r1-4-2 created" in said
    assert "job/migrate-r1-4-2 condition met" in said
    after = {pod.name for pod in place.cluster.pods_of("Deployment", "order-backend")}
    assert len(after) == 2
    assert not after & before


def back_up(place: Workspace) -> Path:
    """Run the run book's backup block; return the newest backup file."""
    assert "The books agree." in typed(place, block("Back up, and restore"))
    return max((place.cluster.folder / "node/claims/mysql-backup").glob("cafe-*.sql.gz"))


def test_it_is_backed_up_and_restored(place: Workspace) -> None:
    kept = person(place).order().json
    back_up(place)
    lost = person(place).order().json
    said = typed(place, block("Back up, and restore", 2))
    assert re.search(rf"^Restored /backup/cafe-{DATE}\.sql\.gz\.$", said, re.M)
    assert "A new epoch of the menu has begun" in said
    assert said.endswith("The books agree.\n")
    typed(place, "k rollout status deployment/order-backend")
    assert person(place).get(f"/api/orders/{kept['token']}").json["id"] == kept["order_id"]
    assert person(place).get(f"/api/orders/{lost['token']}").status == 404


def test_a_backup_of_another_day_is_restored(place: Workspace) -> None:
    backup = back_up(place)
    backup.rename(backup.with_name("cafe-20261121T073326Z.sql.gz"))
    newer = backup.with_name("cafe-29991231T000000Z.sql.gz")
    newer.write_bytes(b"not this one")
    newest, chosen = "k create job --from=cronjob/mysql-restore $r", block("Back up, and restore", 3).strip()
    restore = block("Back up, and restore", 2)
    assert f"{newest} &&" in restore
    restore = restore.replace(newest, chosen)
    assert "Restored /backup/cafe-20261121T073326Z.sql.gz." in typed(place, restore)
    newer.unlink()
    typed(place, "k rollout status deployment/order-backend")


def test_the_key_is_rotated_and_no_cart_is_lost(place: Workspace) -> None:
    menu = person(place).get("/api/menu").json
    assert menu["categories"]
    item = typed(place, "k exec deployment/order-backend -- python manage.py shell -v 0 -c " + f"'{FIRST_ITEM}'")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    cart = person(place).ask("POST", "/en/cart/add/", f"item={item.strip()}&quantity=1".encode(), form)
    cookie = cart.headers["Set-Cookie"].partition(";")[0]
    with Crowd(Door(place), readers=2, buyers=2) as crowd:
        said = typed(place, block("Rotate a password"))
    assert crowd.failures() == {}
    assert "Step 1 of 2" in said
    assert "Step 2 of 2" in said
    page = Person(Door(place), Host="cloudcafe.local", Cookie=cookie).get("/en/cart/").body.decode()
    assert "Butter Croissant" in page


FIRST_ITEM = 'from menu.models import Item; print(Item.objects.get(slug="butter-croissant").pk)'


def test_the_database_s_password_is_rotated_and_nobody_notices(place: Workspace) -> None:
    before = typed(place, PASSWORD)
    with Crowd(Door(place), readers=2, buyers=2) as crowd:
        typed(place, block("Rotate a password", 1))
    assert crowd.failures() == {}
    assert typed(place, PASSWORD) != before
    assert person(place).order().status == 201


PASSWORD = "k get secret mysql-secret -o jsonpath='{.data.MYSQL_PASSWORD}'"


def test_redis_may_lose_everything(place: Workspace) -> None:
    with Crowd(Door(place), readers=2, buyers=2) as crowd:
        typed(place, block("Lose Redis"))
        typed(place, "k rollout status deployment/redis")
    assert crowd.failures() == {}
    assert person(place).get("/api/health").json["redis"] == "connected"


def test_a_lost_node_is_replaced_from_a_backup_that_was_elsewhere(place: Workspace, tmp_path: Path) -> None:
    """The test copies the files that `install` would copy; then the chapter continues with "Restore"."""
    backup = back_up(place)
    backups, elsewhere = backup.parent, backup.rename(tmp_path / backup.name)
    typed(place, block("Lose a node"))
    assert not list(backups.glob("cafe-*.sql.gz"))
    elsewhere.rename(backups / elsewhere.name)
    restore = block("Back up, and restore", 2)
    assert f"Restored /backup/{elsewhere.name}." in typed(place, restore)
    typed(place, "k rollout status deployment/order-backend")
    assert person(place).order().status == 201


def test_the_signals(place: Workspace) -> None:
    said = typed(place, "k exec deployment/order-backend -- python manage.py check_books")
    assert said.startswith("The books agree.")
    back_up(place)
    told = typed(place, "k get cronjob mysql-backup -o jsonpath='{.status.lastSuccessfulTime}'")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told)
