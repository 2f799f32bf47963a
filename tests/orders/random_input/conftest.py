import logging
from collections.abc import Callable, Iterator

import pytest

from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import SIZE_OF_A_SMALL_RUN, Cafe


@pytest.fixture
def cafe(record_property: Callable[[str, object], None]) -> Cafe:
    return Cafe(record_property)


@pytest.fixture(autouse=True)
def _no_log_of_thousands_of_requests() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def size(full_size: bool) -> Callable[[int], int]:
    """Return a function: from the number of examples in a full run to the number in this run."""
    return lambda whole: whole if full_size else max(5, round(whole * SIZE_OF_A_SMALL_RUN))
