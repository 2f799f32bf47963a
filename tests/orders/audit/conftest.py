import pytest

from tests.orders.audit.scene import Scene
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture


@pytest.fixture
def scene() -> Scene:
    return Scene()
