"""The manager process: changes one price through Django's ORM, under the cache library that its settings name.

`python -m bench.harness.writer` with a variant's environment is the process; `Manager` starts it and talks to it. The
process reads a JSON list [how, price] a line and replies when the write has returned, the library's own invalidation
included. The reply is that time on the monotonic clock (s), which all processes of a machine share.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

from bench.cache_comparison.staleness import Change
from bench.harness.servers import ROOT
from tests.harness.servers import die_with_parent

ITEM = "espresso"
SAVE, UPDATE = "save", "update"  # a model's `save()`, as Django's admin does it; `QuerySet.update()`


class Prices:
    """A sequence of unique prices: the price on a page identifies the change it shows, hence its staleness."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._numbers = count(1001)

    def next(self) -> str:
        return f"{next(self._numbers)}.50"


class Manager:
    def __init__(self, env: dict[str, str], prices: Prices) -> None:
        self._prices = prices
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.harness.writer"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )

    def change(self, how: str = SAVE) -> Change:
        """Change the price and return the change with its time. Raises AssertionError when the process has failed."""
        assert self._process.stdin
        assert self._process.stdout
        price = self._prices.next()
        self._process.stdin.write(json.dumps([how, price]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the writer has failed; its reason is above"
        change = Change(price, json.loads(answer))
        self._prices.changes.append(change)
        return change

    @property
    def changes(self) -> list[Change]:
        """Return all changes in order, those of other managers included."""
        return self._prices.changes

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def main() -> None:
    import django

    django.setup()
    from menu.models import Item

    item = Item.objects.get(slug=ITEM)
    writes: dict[str, Callable[[Any], Any]] = {
        SAVE: lambda item: item.save(),
        UPDATE: lambda item: Item.objects.filter(pk=item.pk).update(price=item.price),
    }
    for line in sys.stdin:
        how, price = json.loads(line)
        item.price = Decimal(price)
        writes[how](item)
        print(json.dumps(time.monotonic()), flush=True)


if __name__ == "__main__":
    main()
