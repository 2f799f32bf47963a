"""The table of facts: the decorator `fact` registers each with the builds in which it is checked."""

from collections.abc import Callable
from typing import NamedTuple

from tests.kustomize.cluster import Cluster

Check = Callable[[Cluster], None]
EVERYWHERE = ("base", "dev", "prod", "all")
RUNNING = ("dev", "prod")
OWN_STORES = ("base", "dev", "prod")  # in "all", MariaDB and Redis are external


class Fact(NamedTuple):
    check: Check
    builds: tuple[str, ...]


FACTS: dict[str, Fact] = {}


def fact(*builds: str) -> Callable[[Check], Check]:
    def remember(check: Check) -> Check:
        assert check.__name__ not in FACTS
        FACTS[check.__name__] = Fact(check, builds)
        return check

    return remember
