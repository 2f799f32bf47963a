"""Pods of the rendered overlays: backups, restores and rotated passwords."""

import contextlib
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import MySQLdb
import pytest

from tests.deploy.crowd import Person
from tests.deploy.edge import OneAddress
from tests.deploy.test_faults_behind_the_edge import killed
from tests.harness.running_cafe import ROOT
from tests.rehearsal.containers import Node
from tests.rehearsal.pods import (
    Job,
    JobFailed,
    RehearsedInstance,
    seconds_until,
)
from tests.rehearsal.testbed import RehearsalTestbed

pytestmark = pytest.mark.only_full

PATIENCE = 5


ACCESS_DENIED = 1045


RUNBOOK = (ROOT / "docs/operations.md").read_text()


@pytest.fixture
def backups(testbed: RehearsalTestbed) -> Path:
    return testbed.node.folder / "claims/mysql-backup"


def back_up(testbed: RehearsalTestbed, folder: Path, **values: str) -> dict[str, str]:
    return Job(testbed.node, "mysql-backup", folder / "backup", **values).run()


def kept(backups: Path) -> set[str]:
    return {file.name for file in backups.glob("cafe-*.sql.gz")}


# Backups


def test_a_backup_gets_its_name_once_it_was_restored_and_its_books_agree(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    said = back_up(testbed, tmp_path)
    assert "The books agree." in said["check"]
    [name] = kept(backups)
    assert re.fullmatch(r"cafe-\d{8}T\d{6}Z\.sql\.gz", name)
    assert not list(backups.glob("unchecked*"))
    assert (backups / name).stat().st_mode & 0o077 == 0
    tables = re.findall(r"^CREATE TABLE `(\w+)`", gzip.decompress((backups / name).read_bytes()).decode(), re.M)
    assert {"orders_order", "menu_item"} < {*tables}
    assert tables[-1] == "django_migrations", "a restore that broke off must not pass for a database"


def test_a_backup_whose_books_do_not_agree_gets_no_name(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    Person(testbed.edge).order()
    before = kept(backups)
    testbed.mariadb.execute("UPDATE cloudcafe.orders_order SET total = total + 1 ORDER BY id LIMIT 1")
    try:
        with pytest.raises(JobFailed, match=r"check ended with 1"):
            back_up(testbed, tmp_path)
    finally:
        testbed.mariadb.execute("UPDATE cloudcafe.orders_order SET total = total - 1 ORDER BY id LIMIT 1")
    assert kept(backups) == before


def test_a_dump_that_breaks_off_gets_no_name(testbed: RehearsalTestbed, tmp_path: Path, backups: Path) -> None:
    before = kept(backups)
    with killed(testbed.mariadb), pytest.raises(JobFailed, match=r"dump ended with"):
        back_up(testbed, tmp_path, PATIENCE_S="1")
    assert kept(backups) == before


@contextlib.contextmanager
def no_programs(testbed: RehearsalTestbed) -> Iterator[None]:
    """Stop all instances, as `kubectl scale deployment/order-backend --replicas=0` does; restart them afterwards."""
    for program in testbed.instances:
        program.stop()
    try:
        yield
    finally:
        for program in testbed.instances:
            program.start()


def test_a_restore_brings_back_what_was_backed_up_and_begins_a_new_epoch_of_the_menu(
    testbed: RehearsalTestbed, tmp_path: Path, backups: Path
) -> None:
    person = Person(testbed.edge)
    assert person.get("/zh-hans/").status == 200
    backed_up = person.order().json
    back_up(testbed, tmp_path)
    newest = max(kept(backups))
    lost = person.order().json
    testbed.instances[0].manage("shell", "-c", CHANGE_PRICE)
    [(epoch,)] = testbed.mariadb.execute("SELECT epoch FROM cloudcafe.menu_menuversion")

    restore = Job(testbed.node, "mysql-restore", tmp_path / "restore", BACKUP=newest, PATIENCE_S="1")
    with pytest.raises(JobFailed, match="Connected besides this job: "):
        restore.run()
    assert Person(testbed.edge).get(f"/api/orders/{lost['token']}").status == 200

    with no_programs(testbed):
        assert Person(testbed.edge).get("/zh-hans/").status == 200
        said = restore.run()
    assert f"Restored /backup/{newest}." in said["restore"]
    assert "A new epoch of the menu has begun" in said["after"]
    assert said["after"].endswith("The books agree.\n")

    person = Person(testbed.edge)
    assert person.get(f"/api/orders/{backed_up['token']}").json["id"] == backed_up["order_id"]
    assert person.get(f"/api/orders/{lost['token']}").status == 404
    assert testbed.mariadb.execute("SELECT epoch FROM cloudcafe.menu_menuversion") != [(epoch,)]
    seconds_until(lambda: latte_costs(testbed) == [25.0] * len(testbed.instances), patience_s=2 * PATIENCE)


CHANGE_PRICE = "from menu.models import Item; item = Item.objects.get(slug='latte'); item.price = 99; item.save()"


def latte_costs(testbed: RehearsalTestbed) -> list[float]:
    """Return the price of a latte from each instance's menu."""
    menus = [Person(program).get("/api/menu").json for program in testbed.instances]
    items = [[item for category in menu["categories"] for item in category["items"]] for menu in menus]
    return [next(item["price"] for item in menu if item["slug"] == "latte") for menu in items]


@pytest.fixture
def rotated(testbed: RehearsalTestbed, tmp_path: Path) -> Node:
    """The node after `bin/secrets rotate` of SECRET_KEY and MYSQL_PASSWORD and another apply."""
    workshop = testbed.workshop.copy(tmp_path / "rotated")
    for name in ("SECRET_KEY", "SECRET_KEY", "MYSQL_PASSWORD"):
        workshop.make_secrets("rotate", name)
    return testbed.node.with_cluster(workshop.build("prod"))


def alter_user(number: int, *, old: str, new: str) -> str:
    """Return the runbook's ALTER USER statement number 0 or 1, with the shell variables filled in."""
    statements = re.findall(r'echo "(ALTER USER [^"]+)" \| sql', RUNBOOK)
    assert len(statements) == 2
    return str(statements[number].replace("$old", old).replace("$new", new))


def gets_in(testbed: RehearsalTestbed, password: str) -> bool:
    try:
        MySQLdb.connect(host="127.0.0.1", port=testbed.mariadb.port, user="cafeadmin", password=password).close()
    except MySQLdb.OperationalError as error:
        if error.args[0] != ACCESS_DENIED:
            raise
        return False
    return True


# Passwords


def test_passwords_are_rotated_while_old_and_new_programs_run(
    testbed: RehearsalTestbed, rotated: Node, tmp_path: Path
) -> None:
    old, new = (node.values("Secret", "mysql-secret")["MYSQL_PASSWORD"] for node in (testbed.node, rotated))
    assert old != new
    [(item,)] = testbed.mariadb.execute("SELECT id FROM cloudcafe.menu_item WHERE slug = 'butter-croissant'")
    cart = Person(testbed.instances[0]).ask("POST", "/en/cart/add/", f"item={item}&quantity=1".encode(), FORM)
    cookie = cart.headers["Set-Cookie"].partition(";")[0]
    program = RehearsedInstance(rotated, tmp_path / "program", OneAddress())
    try:
        testbed.mariadb.execute(alter_user(0, old=old, new=new))
        assert (gets_in(testbed, old), gets_in(testbed, new)) == (True, True)
        program.start()
        assert Person(program).order().status == 201
        assert Person(testbed.instances[0]).order().status == 201
        page = Person(program, Cookie=cookie).get("/en/cart/").body.decode()
        assert "Butter Croissant" in page, "what the old key signed is read with the new one"
        testbed.mariadb.execute(alter_user(1, old=old, new=new))
        assert (gets_in(testbed, old), gets_in(testbed, new)) == (False, True)
        assert Person(program).order().status == 201
    finally:
        program.kill()
        testbed.mariadb.execute(alter_user(1, old=new, new=old))
    assert gets_in(testbed, old)


FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
