"""Fault scripts for `Proxy.decide`: by the number of a command, at COMMIT, or by chance."""

import random
from collections.abc import Mapping

from tests.faults.proxy import Fate, Proxy


class Script:
    """The n-th SQL command (from 1) meets `fates[n]`; before the `dies_at`-th the proxy dies. `said` records all."""

    def __init__(self, proxy: Proxy, fates: Mapping[int, Fate] | None = None, *, dies_at: int = 0) -> None:
        self.proxy, self.fates, self.dies_at = proxy, fates or {}, dies_at
        self.said: list[str] = []
        proxy.decide = self

    def __call__(self, sql: str) -> Fate:
        self.said.append(sql)
        if len(self.said) == self.dies_at:
            self.proxy.die()
        return self.fates.get(len(self.said), Fate.PASS)


class AtCommit:
    """The first COMMIT meets `fate`; the proxy then dies, or executes the held COMMIT at a later command.

    `lands_at` is that command's number after the COMMIT (from 1), or the word it begins with.
    """

    def __init__(self, proxy: Proxy, fate: Fate, *, dies: bool = False, lands_at: int | str = 0) -> None:
        self.proxy, self.fate, self.dies, self.lands_at = proxy, fate, dies, lands_at
        self.after: list[str] | None = None
        self.landing: str | None = None
        proxy.decide = self

    def __call__(self, sql: str) -> Fate:
        if self.after is None:
            if sql != "COMMIT":
                return Fate.PASS
            self.after = []
            if self.dies:
                self.proxy.die()
            return self.fate
        self.after.append(sql)
        is_here = (
            sql.startswith(self.lands_at) if isinstance(self.lands_at, str) else len(self.after) == self.lands_at
        )
        if self.landing or not is_here:
            return Fate.PASS
        self.landing = sql
        # A write under the same key waits for the held transaction's lock, so the held COMMIT has to be executed
        # while this command waits.
        return Fate.LAND if sql.startswith(("SET", "SELECT")) else Fate.LAND_SOON


class ByChance:
    """Loses a command or its answer with probability 1 / `one_in`; a COMMIT may be held and executed some commands
    later."""

    def __init__(self, proxy: Proxy, chance: random.Random, one_in: int) -> None:
        self.chance, self.one_in = chance, one_in
        self.lands_in: int | None = None
        self.met: list[Fate] = []
        proxy.decide = self

    def __call__(self, sql: str) -> Fate:
        fate = self._fate(sql)
        if fate is not Fate.PASS:
            self.met.append(fate)
        return fate

    def _fate(self, sql: str) -> Fate:
        if self.lands_in is not None:
            self.lands_in -= 1
            if self.lands_in <= 0:
                self.lands_in = None
                return Fate.LAND_SOON
        elif sql == "COMMIT" and self.chance.random() < 0.3:
            self.lands_in = self.chance.randint(1, 40)
            return Fate.HOLD
        if self.chance.randrange(self.one_in):
            return Fate.PASS
        return self.chance.choice([Fate.LOSE_COMMAND, Fate.LOSE_ANSWER])
