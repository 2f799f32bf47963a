"""Random examples, many of them inside one test: each is undone when it is over, so that all begin alike.

    @tried(300, name=st.text())
    def each_is_answered(name: str) -> None: ...

runs its function 300 times at once, with the same examples each time the test runs.
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
    """Run a function now, with this many random examples."""

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
    """Undo what the block writes. (A savepoint and no `atomic` block: the services' durable transactions may stand
    only directly inside the one that pytest-django opens.)"""
    start = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(start)


@pytest.fixture
def books_in_this_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `check_books` read what the test has written and never commits. The maintenance alias is a connection of
    its own, which sees nothing of it and would agree with everything."""
    monkeypatch.setattr(audit, "ALIAS", "default")
