"""Two managers edit the menu concurrently: nothing breaks, and no change is lost (no lost update).

In every round both have opened the page before either saves it.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.harness.html_forms import Fields, fields_of
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import execute
from tests.race import back_office
from tests.race.back_office import COLUMNS, ITEMS, Answer, Cells, Manager, Office, typed_into
from tests.race.crowd import Crowd

pytestmark = pytest.mark.only_full  # every run: tests/menu/test_admin_merging.py

SHARED, OWN, CHANGES = 6, 2, 3  # items both edit, items of each alone, cells changed in a round

Note = Callable[[str, object], None]


class Saved(NamedTuple):
    """One manager's save in a round: the changed cells, the answer's status, whether the changes were in the database
    right after it (`was_there`), and still after the other manager's save (`stayed`)."""

    changes: Cells
    status: int
    was_there: bool
    stayed: bool


@pytest.fixture(scope="module")
def managers(everybody: Crowd, cafe: RunningCafe) -> tuple[Manager, Manager]:
    everybody.ask(back_office.hire, "anna", "ben")
    return Manager(cafe.url, "anna"), Manager(cafe.url, "ben")


@pytest.fixture
def office(managers: tuple[Manager, Manager], env: dict[str, str], everybody: Crowd) -> Iterator[Office]:
    office = Office(managers, env["DB_NAME"])
    yield office
    everybody.ask(back_office.put_back, office.before)


def cells_of(office: Office, number: int) -> list[tuple[int, str]]:
    """Return the cells that a manager edits. Of the shared items Anna (0) edits the price, Ben (1) position and
    availability; each also edits all columns of two items of their own."""
    shared, own = office.keys()[:SHARED], office.keys()[SHARED + number * OWN :][:OWN]
    columns = (["price"], ["position", "is_available"])[number]
    return [(key, column) for key in shared for column in columns] + [
        (key, column) for key in own for column in COLUMNS
    ]


def edit_lists(office: Office, rounds: int, sent: Callable[[Fields], Fields]) -> list[list[Saved]]:
    def work(number: int, manager: Manager) -> list[Saved]:
        chance, done = random.Random(number), []
        for _round in range(rounds):
            form = manager.form()
            changes = {cell: new_value(cell[1], chance) for cell in chance.sample(cells_of(office, number), CHANGES)}
            office.wait_for_both()
            status = manager.save(sent(typed_into(form, changes))).status
            was_there = changes.items() <= office.items().items()
            office.wait_for_both()
            done.append(Saved(changes, status, was_there, changes.items() <= office.items().items()))
        return done

    return office.at_once(work)


def new_value(column: str, chance: random.Random) -> str:
    if column == "price":
        return f"{chance.randrange(10_000) / 100:.2f}"
    return str(chance.randrange(2 if column == "is_available" else 1_000))


def test_two_managers_save_overlapping_lists_and_no_change_is_lost(
    office: Office, full_size: bool, record_property: Note
) -> None:
    rounds = 500 if full_size else 3
    version, started = office.menu_version(), time.monotonic()
    anna, ben = edit_lists(office, rounds, sent=dict)
    seconds = time.monotonic() - started
    assert {saved.status for saved in anna + ben} == {302}
    assert [saved for saved in anna + ben if not (saved.was_there and saved.stayed)] == []
    expected = dict(office.before)
    for saved in anna + ben:
        expected |= saved.changes
    assert office.items() == expected
    assert office.menu_version() > version
    moved = office.menu_version() - version
    record_property("figures", f"{2 * rounds} lists saved, 0 changes lost, {moved} versions, in {seconds:.1f} s")


def test_without_what_the_page_showed_changes_are_lost(
    office: Office, full_size: bool, record_property: Note
) -> None:
    """Control: with plain Django's form the second save restores the old values that its page showed."""
    rounds = 10 if full_size else 4
    anna, ben = edit_lists(office, rounds, sent=back_office.without_memory)
    assert {saved.status for saved in anna + ben} == {302}
    lost = sum(not saved.stayed for saved in anna + ben)
    assert rounds / 2 < lost <= rounds
    record_property("figures", f"{2 * rounds} lists saved, {lost} lost changes")


def test_a_price_that_both_set_is_one_of_theirs_and_the_other_is_told(
    office: Office, full_size: bool, record_property: Note
) -> None:
    rounds = 100 if full_size else 2
    key = office.keys()[0]

    def work(number: int, manager: Manager) -> list[tuple[Answer, str, str]]:
        done = []
        for round_ in range(rounds):
            form = manager.form()
            office.wait_for_both()
            mine = f"{50 * (number + 1)}.{round_ % 100:02}"
            answer = manager.save(typed_into(form, {(key, "price"): mine}))
            office.wait_for_both()
            done.append((answer, mine, office.items()[key, "price"]))
            office.wait_for_both()
            if answer.status == 200:  # the manager submits the conflict page again
                again = fields_of(answer.text, "changelist-form")
                assert manager.save(again).status == 302
                assert office.items()[key, "price"] == mine
            office.wait_for_both()
        return done

    for one, other in zip(*office.at_once(work), strict=True):
        (told, _theirs, now), (saved, price, _now) = sorted((one, other), key=lambda done: done[0].status)
        assert (told.status, saved.status, now) == (200, 302, price)
        assert f"Somebody else changed this meanwhile; it is {price} now." in told.text
    record_property("figures", f"{rounds} prices set by both, {rounds} told")


def test_an_item_that_both_add_is_added_once_and_what_both_delete_is_deleted(office: Office, full_size: bool) -> None:
    def work(number: int, manager: Manager) -> list[tuple[int, int]]:
        done = []
        for round_ in range(50 if full_size else 5):
            name = [f"twin-{round_}"]
            form = manager.form(ITEMS + "add/", "item_form") | {"slug": name, "name_en": name, "name_zh_hans": name}
            category = manager.form(f"{ITEMS}{office.keys()[0]}/change/", "item_form")["category"]
            office.wait_for_both()
            added = manager.save(form | {"price": ["1"], "category": category}, ITEMS + "add/")
            office.wait_for_both()
            key = max(key for key, _column in office.items())
            office.wait_for_both()
            deleted = manager.open(f"{ITEMS}{key}/delete/", form | {"post": ["yes"], "reason": ["ran out"]})
            done.append((added.status, deleted.status))
        return done

    for one, other in zip(*office.at_once(work), strict=True):
        assert sorted((one, other)) == [(200, 302), (302, 302)]
    assert office.items().keys() == office.before.keys()


@pytest.mark.parametrize(("held_s", "status"), [(2.5, 302), (12, 503)])
def test_a_manager_waits_for_the_menu_ten_seconds(office: Office, held_s: float, status: int) -> None:
    anna = office.managers[0]
    form, cell = anna.form(), (office.keys()[0], "price")
    hold = f"SELECT SLEEP({held_s}) FROM {office.database}.menu_menuversion FOR UPDATE"
    holder = threading.Thread(target=execute, args=[hold])
    holder.start()
    time.sleep(0.2)
    started = time.monotonic()
    answer = anna.save(typed_into(form, {cell: "77.00"}))
    waited_s = time.monotonic() - started
    holder.join()
    assert answer.status == status
    assert min(held_s, 9) - 0.5 < waited_s < 11.5
    assert office.items()[cell] == ("77.00" if status == 302 else office.before[cell])
