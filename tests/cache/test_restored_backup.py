"""After restoring a backup of the menu and `new_menu_epoch`, every instance shows and charges its prices (row 7).

The backup sets the version back. Without a new epoch, running instances, which hold a higher version, would wait for
one above theirs.
"""

import json
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.management import call_command
from django.db import transaction

from menu.models import Item, MenuVersion
from menu.versioning.querysets import begin_menu_epoch, bump_menu
from tests.cache import backup
from tests.cache.change_cases import registry
from tests.cache.change_cases.registry import OLD
from tests.cache.changes import Wish
from tests.cache.workspace import PROMISE_S, Workspace
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis]

SLUG = f"{registry.OURS}-restored"
WISH = Wish(SLUG, [], OLD)


def begin() -> None:
    registry.forget_all()
    registry.new_item(slug=SLUG)


def set_the_price(price: int) -> None:
    Item.objects.filter(slug=SLUG).update(price=price)


def version() -> int:
    return MenuVersion.objects.get().version


def price_at(cafe: RunningCafe) -> float:
    with urlopen(f"{cafe.url}/api/menu") as answer:
        categories = json.load(answer)["categories"]
    return next(item["price"] for category in categories for item in category["items"] if item["slug"] == SLUG)


def dump_as_fixture(file: str) -> None:
    call_command("dumpdata", "menu", output=file)


def load_fixture(file: str) -> None:
    call_command("loaddata", file, verbosity=0)


def change_often() -> None:
    """Increment the version more often than loading every row of a fixture does."""
    with transaction.atomic():
        for _change in range(2000):
            bump_menu()


class Restored:
    """A backup at the price 10, then the prices 11 and 13, then the restored backup."""

    def __init__(self, workspace: Workspace, mariadb: MariaDB, file: Path) -> None:
        self.workspace = workspace
        workspace.manager_process.ask(begin)
        self.of_the_backup = workspace.show_again()
        of_the_backup = workspace.manager_process.ask(version)
        backup.dump(mariadb, file)
        for price in (11, 13):
            workspace.manager_process.ask(set_the_price, price)
            workspace.show_again()
        backup.restore(mariadb, file)
        assert workspace.manager_process.ask(version) == of_the_backup
        assert workspace.shown_by_the_database() == self.of_the_backup

    def prices_shown(self) -> list[float]:
        return [price_at(cafe) for cafe in self.workspace.cafes]

    def begin_new_epoch(self) -> None:
        self.workspace.cafes[0].manage("new_menu_epoch")
        ended_at = time.monotonic()
        self.workspace.wait_for(self.of_the_backup)
        self.workspace.note_delays("a new epoch", ended_at, self.of_the_backup)


@pytest.fixture
def restored(workspace: Workspace, mariadb: MariaDB, tmp_path: Path) -> Restored:
    return Restored(workspace, mariadb, tmp_path / "menu.sql")


@pytest.mark.only_full
def test_the_prices_of_the_backup_are_shown_and_charged(
    restored: Restored, workspace: Workspace, record_property: Any
) -> None:
    assert workspace.order_everywhere(WISH) == [("placed", OLD)] * 3  # before it is shown
    restored.begin_new_epoch()
    assert restored.prices_shown() == [10, 10, 10]
    assert workspace.order_everywhere(WISH) == [("placed", OLD)] * 3
    record_property("figures", f"from the end of the command, {workspace.delays_in_words()}")


@pytest.mark.only_full
def test_changes_after_the_new_epoch_are_shown(restored: Restored, workspace: Workspace) -> None:
    """The new epoch reuses version numbers whose old menus Redis still holds under the first epoch."""
    restored.begin_new_epoch()
    for price in (21, 22, 23):
        workspace.manager_process.ask(set_the_price, price)
        workspace.show_again()
        assert restored.prices_shown() == [price] * 3
        assert workspace.order_everywhere(WISH) == [("placed", price)] * 3


@pytest.mark.only_full
def test_the_prices_of_a_fixture_of_the_whole_menu_are_shown(workspace: Workspace, tmp_path: Path) -> None:
    """`dumpdata menu` and `loaddata` include the version's row; the operator runs no `new_menu_epoch`."""
    file = str(tmp_path / "menu.json")
    workspace.manager_process.ask(begin)
    workspace.manager_process.ask(dump_as_fixture, file)
    workspace.manager_process.ask(change_often)
    workspace.manager_process.ask(set_the_price, 13)
    workspace.show_again()
    workspace.manager_process.ask(load_fixture, file)
    assert workspace.order_everywhere(WISH) == [("placed", OLD)] * 3
    workspace.show_again()


@pytest.mark.only_full
def test_without_a_new_epoch_programs_show_the_prices_of_before(
    restored: Restored, workspace: Workspace, tmp_path: Path
) -> None:
    """The control: running instances wait for a version above theirs. A new instance finds in Redis, under the next
    version, a menu from before the restore. Only the charged price is right."""
    time.sleep(PROMISE_S)
    assert restored.prices_shown() == [13, 13, 13]
    assert workspace.order_everywhere(WISH, total_price=13) == [("price_changed", OLD)] * 3

    workspace.manager_process.ask(set_the_price, 99)
    newcomer = RunningCafe(tmp_path / "newcomer", workspace.cafes[0].env).start()
    assert price_at(newcomer) == 11
    newcomer.stop()
    assert restored.prices_shown() == [13, 13, 13]

    workspace.manager_process.ask(begin_menu_epoch)
    workspace.show_again()
    assert restored.prices_shown() == [99, 99, 99]
