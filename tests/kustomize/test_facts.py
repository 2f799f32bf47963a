"""Check each fact in each build that it applies to, and that it fails for each of its deliberate breaks."""

import pytest

from tests.kustomize import sizes  # noqa: F401 - more facts
from tests.kustomize.breaks import BREAKS
from tests.kustomize.cluster import Cluster
from tests.kustomize.facts import FACTS

ASKED = [(name, build) for name, fact in FACTS.items() for build in fact.builds]
BROKEN = [(name, what) for name, breaks in BREAKS.items() for what in breaks]


@pytest.mark.parametrize(("name", "build"), ASKED, ids=[f"{build}-{name}" for name, build in ASKED])
def test_fact(clusters: dict[str, Cluster], name: str, build: str) -> None:
    FACTS[name].check(clusters[build])


@pytest.mark.parametrize(("name", "what"), BROKEN)
def test_break_is_seen(clusters: dict[str, Cluster], name: str, what: str) -> None:
    fact = FACTS[name]
    build = "prod" if "prod" in fact.builds else fact.builds[0]
    cluster = clusters[build].copy()
    fact.check(cluster)
    BREAKS[name][what](cluster)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        fact.check(cluster)


def test_every_fact_has_a_break() -> None:
    assert FACTS.keys() == BREAKS.keys()
