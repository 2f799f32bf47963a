"""Property tests: many random examples inside one test, each rolled back, so that all start from the same rows.

    @tried(300, name=st.text())
    def each_is_answered(name: str) -> None: ...

calls its function 300 times immediately, with the same random examples in each test run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from orders import audit

Property = Callable[..., None]


def tried(examples: int, **strategies: "SearchStrategy[Any]") -> Callable[[Property], Property]:
    """Decorator: call the function immediately with this many random examples, each rolled back."""

    def run(example: Property) -> Property:
        @wraps(example)
        def one(**drawn: Any) -> None:
            with undone():
                example(**drawn)

        sized = settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        sized(given(**strategies)(one))()
        return example

    return run


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what the block writes, to a savepoint."""
    # No `atomic` block: Django allows the services' durable transactions only directly inside pytest-django's own.
    start = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(start)


@pytest.fixture
def books_in_this_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `check_books` read the test's uncommitted rows."""
    # The maintenance alias is another connection: it sees none of these rows, and would report no finding.
    monkeypatch.setattr(audit, "ALIAS", "default")
