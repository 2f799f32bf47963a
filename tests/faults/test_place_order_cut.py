"""The database connection is cut at every command of one `place_order`: never two orders, never a lost one.

The outcomes are recorded as `figures`, which are printed at the end of a run.
"""

import random
import secrets
from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.client_process import Answer, Program
from tests.faults.conftest import HURRIED_S, START
from tests.faults.proxy import Fate, Proxy, let_pass
from tests.faults.scripts import AtCommit, ByChance, Script
from tests.harness.running_cafe import RunningCafe

CUTS = [Fate.LOSE_ANSWER, Fate.LOSE_COMMAND]
DONE, UNSURE, REFUSED = "done", "not known yet", "Unavailable"
Record = Callable[[str, object], None]


class Ledger:
    """Compares every answer with the database, then retries with the same idempotency key, as a customer does."""

    def __init__(self, proxy: Proxy, program: Program, witness: Program) -> None:
        self.proxy, self.program, self.witness = proxy, program, witness
        self.run = secrets.token_hex(4)
        self.kinds = Counter[str]()
        self.orders = 0
        self.refused = set[str]()

    def place(self, key: str) -> str:
        """Place an order under this key while the fault script runs; check the answer and return its kind."""
        answer = self.program.call("place", f"{self.run}-{key}")
        placed = self.placed(key)
        assert answer.kind in (DONE, UNSURE, REFUSED), answer
        self.kinds[answer.kind] += 1
        if answer.kind == DONE:
            assert placed == [answer.result]
        elif answer.kind == REFUSED:
            assert placed == [], f"{answer} but it was placed"
            self.refused.add(key)
            assert "什么都没有写入" in answer.message  # "nothing was written"
        return answer.kind

    def settle(self, key: str) -> None:
        """End the fault, retry with the same key, and check that exactly one order exists and the books agree."""
        self.proxy.decide = let_pass
        self.proxy.land()
        placed = self.placed(key)
        assert not (placed and key in self.refused), "it was called not written, and then it landed"
        order = self.program.do("place", f"{self.run}-{key}")
        assert self.placed(key) == [order]
        assert placed in ([], [order])
        self.orders += 1
        assert self.witness.do("left") == [START - self.orders] * 2
        assert self.witness.do("check_books") == []

    def placed(self, key: str) -> list[int]:
        return list(self.witness.do("orders", f"{self.run}-{key}"))


@pytest.fixture
def proxy(line: Proxy) -> Proxy:
    return line


@pytest.fixture
def ledger(proxy: Proxy, program: Program, witness: Program) -> Ledger:
    return Ledger(proxy, program, witness)


@pytest.fixture
def commands(proxy: Proxy, ledger: Ledger) -> list[str]:
    """Every SQL command of one undisturbed order, from the first of its connection to COMMIT."""
    script = Script(proxy)
    ledger.place("undisturbed")
    ledger.settle("undisturbed")
    ledger.kinds.clear()
    said = script.said[: script.said.index("COMMIT") + 1]  # no command of the order follows its COMMIT
    assert [sql for sql in said if sql.startswith("INSERT INTO `orders_order`")]
    return said


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("cut", CUTS)
def test_one_cut_at_any_command_is_mended_before_the_customer_notices(
    proxy: Proxy, ledger: Ledger, commands: list[str], cut: Fate, record_property: Record
) -> None:
    for number in range(1, len(commands) + 1):
        Script(proxy, {number: cut})
        assert ledger.place(f"{cut.name}-{number}") == DONE
        ledger.settle(f"{cut.name}-{number}")
    record_property("figures", f"{len(commands)} cuts: {dict(ledger.kinds)}")


@pytest.mark.few_cases(1)
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("cut", CUTS)
def test_a_database_that_stays_away_is_refused_before_commit_and_not_known_yet_from_then_on(
    proxy: Proxy, ledger: Ledger, commands: list[str], cut: Fate, full_size: bool, record_property: Record
) -> None:
    commit = commands.index("COMMIT") + 1
    numbers = range(1, len(commands) + 1) if full_size else [commit - 1, commit]
    for number in numbers:
        Script(proxy, {number: cut}, dies_at=number)
        kind = ledger.place(f"dead-{cut.name}-{number}")
        proxy.revive()
        assert kind == (REFUSED if number < commit else UNSURE)
        is_placed = bool(ledger.placed(f"dead-{cut.name}-{number}"))
        assert is_placed == (number == commit and cut is Fate.LOSE_ANSWER)
        ledger.settle(f"dead-{cut.name}-{number}")
    record_property("figures", f"{len(numbers)} cuts for good: {dict(ledger.kinds)}")


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("is_last", [False, True], ids=["plenty", "the last one"])
def test_a_commit_that_lands_after_the_look_up_is_found_at_whatever_command_it_lands(
    proxy: Proxy, ledger: Ledger, is_last: bool, record_property: Record
) -> None:
    landed: list[str] = []
    for lands_at in range(1, 40):
        key = f"late-{is_last}-{lands_at}"
        if is_last:
            ledger.witness.do("count", 1)
        script = AtCommit(proxy, Fate.HOLD, lands_at=lands_at)
        kind = ledger.place(key)
        if is_last:
            assert ledger.witness.do("left") == [0, 0]
            ledger.witness.do("count", START - ledger.orders - 1)
        ledger.settle(key)
        assert kind == DONE
        if script.landing is None or script.landing.startswith("INSERT INTO `orders_order`"):
            break
        landed.append(script.landing)
    assert any("submission_key" in sql for sql in landed)  # the key was looked up and not found …
    assert script.landing  # … and the retry's INSERT waited until the first was committed
    record_property("figures", f"{len(landed) + 1} landings: {dict(ledger.kinds)}")


@pytest.mark.usefixtures("hurried")
def test_a_commit_that_lands_after_we_gave_up_is_never_called_not_placed(proxy: Proxy, ledger: Ledger) -> None:
    AtCommit(proxy, Fate.HOLD)
    assert ledger.place("very late") == UNSURE
    assert ledger.place("very late") == UNSURE  # a retry while the first COMMIT is still held
    assert ledger.placed("very late") == []
    proxy.land()
    assert len(ledger.placed("very late")) == 1
    ledger.settle("very late")


def test_an_order_rolled_back_after_the_look_up_is_placed_again(proxy: Proxy, ledger: Ledger) -> None:
    script = AtCommit(proxy, Fate.HOLD)

    def drop_at_the_next_insert(sql: str) -> Fate:
        if script.after and sql.startswith("INSERT"):
            proxy.drop()
        return script(sql)

    proxy.decide = drop_at_the_next_insert
    assert ledger.place("rolled back") == DONE
    ledger.settle("rolled back")


@pytest.mark.only_full
@pytest.mark.usefixtures("hurried")
def test_a_connection_lost_again_and_again_by_chance_ends_in_one_order(
    proxy: Proxy, ledger: Ledger, full_size: bool, record_property: Record
) -> None:
    chance = random.Random(3)
    met = Counter[str]()
    for number in range(200 if full_size else 12):
        script = ByChance(proxy, chance, one_in=chance.choice([10, 25, 40]))
        ledger.place(f"chance-{number}")
        ledger.settle(f"chance-{number}")
        met.update(fate.name for fate in script.met)
    record_property("figures", f"{dict(met)}: {dict(ledger.kinds)}")


@pytest.mark.few_cases(1)
@pytest.mark.parametrize(
    ("guards", "kind", "orders"), [(["look-up", "key"], DONE, 2), (["look-up"], UNSURE, 1)], ids=["double", "error"]
)
def test_without_its_guards_an_order_whose_commit_was_lost_is_doubled_or_an_error(
    proxy: Proxy, cafe: RunningCafe, witness: Program, guards: list[str], kind: str, orders: int
) -> None:
    with Program(cafe.env | {"DB_PORT": str(proxy.port)}) as careless:
        careless.do("load_menu")
        if kind == UNSURE:
            careless.do("hurry", HURRIED_S)
        careless.do("drop_guards", *guards)
        AtCommit(proxy, Fate.LOSE_ANSWER)
        answer: Answer = careless.call("place", f"careless-{orders}")
    assert answer.kind == kind
    assert witness.do("left") == [START - orders] * 2
