from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kustomize.cluster import FOLDERS, Cluster, Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    workshop = Workshop(tmp_path_factory.mktemp("kustomize"))
    workshop.make_secrets()
    return workshop


@pytest.fixture(scope="session")
def clusters(workshop: Workshop) -> dict[str, Cluster]:
    """Every rendered build: the base, each overlay, all components together."""
    return {name: workshop.build(name) for name in FOLDERS}


@pytest.fixture
def own_workshop(tmp_path: Path) -> Callable[[], Workshop]:
    return lambda: Workshop(tmp_path)
