from collections.abc import Callable

import pytest

from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture


@pytest.fixture
def size(full_size: bool) -> Callable[[int], int]:
    """Return a function: from the number of examples in a full run to the number in this run."""
    return lambda whole: whole if full_size else max(10, whole // 100)
