"""The database connection is cut at every command of a status change: it is made once, with one event, or not."""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.client_process import Program
from tests.faults.conftest import START
from tests.faults.proxy import Fate, Proxy, let_pass
from tests.faults.scripts import AtCommit, Script

CUTS = [Fate.LOSE_ANSWER, Fate.LOSE_COMMAND]
MOVES = {"preparing": ["advance", "preparing"], "cancelled": ["cancel"]}


@pytest.fixture
def proxy(line: Proxy) -> Proxy:
    return line


@pytest.fixture
def new_order(program: Program) -> Callable[[], int]:
    def place_and_load() -> int:
        order = program.do("place", secrets.token_hex(8))
        assert program.do("load", order) == "pending"
        return int(order)

    return place_and_load


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("to", MOVES)
@pytest.mark.parametrize("cut", CUTS)
def test_a_move_that_was_cut_off_is_made_once_or_not_and_pressing_again_is_safe(
    proxy: Proxy,
    program: Program,
    witness: Program,
    new_order: Callable[[], int],
    to: str,
    cut: Fate,
    record_property: Callable[[str, Any], None],
) -> None:
    word, *arguments = MOVES[to]
    script = Script(proxy)
    program.do(word, new_order(), *arguments)
    commands = script.said[-script.said[::-1].index("SET NAMES utf8mb4") - 2 :]
    commit = commands.index("COMMIT") + 1
    kinds = Counter[str]()
    for number in range(1, len(commands) + 1):
        proxy.decide = let_pass
        order = new_order()
        Script(proxy, {number: cut})
        answer = program.call(word, order, *arguments)
        proxy.decide = let_pass
        kinds[answer.kind] += 1
        has_moved = number != commit or cut is Fate.LOSE_ANSWER
        assert witness.do("moves", order) == ([to, "pending", to] if has_moved else ["pending", "pending"])
        assert answer.kind == ("done" if number < commit else "not known yet")
        if number >= commit:
            assert program.do("remembered", order) == "pending"  # in memory: an unknown outcome is not applied
        again = program.call(word, order, *arguments)
        assert again.kind == ("NotAllowedNow" if has_moved else "done")
        assert witness.do("moves", order) == [to, "pending", to]
        assert witness.do("check_books") == []
    sold = 0 if to == "cancelled" else len(commands) + 1
    assert witness.do("left") == [START - sold] * 2  # a cancel restores the stock once
    record_property("figures", f"{len(commands)} cuts: {dict(kinds)}")


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("to", MOVES)
def test_a_move_whose_commit_lands_late_is_made_once(
    proxy: Proxy, program: Program, witness: Program, new_order: Callable[[], int], to: str
) -> None:
    word, *arguments = MOVES[to]
    order = new_order()
    AtCommit(proxy, Fate.HOLD, lands_at="UPDATE")
    assert program.call(word, order, *arguments).kind == "not known yet"
    assert witness.do("moves", order) == ["pending", "pending"]
    again = program.call(word, order, *arguments)  # waits for the first's row lock; the first commits meanwhile
    proxy.decide = let_pass
    assert again.kind == "NotAllowedNow"
    assert witness.do("moves", order) == [to, "pending", to]
    assert witness.do("left") == [START - (to != "cancelled")] * 2


@pytest.mark.usefixtures("hurried")
def test_a_move_without_a_database_says_that_nothing_was_written(
    proxy: Proxy, program: Program, witness: Program, new_order: Callable[[], int]
) -> None:
    order = new_order()
    proxy.die()
    answer = program.call("advance", order, "preparing")
    proxy.revive()
    assert (answer.refusal, answer.is_unsure) == ("Unavailable", False)
    assert witness.do("moves", order) == ["pending", "pending"]
    assert program.do("remembered", order) == "pending"
