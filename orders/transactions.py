"""Runs a use case as one durable transaction, with a retry of the whole after a conflict.

A use case has to be safe to run again from its start (design 5).
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.utils.translation import gettext as _

from cafe.db import outage_gate
from cafe.db.errors import is_lock_conflict, is_lost_connection
from menu.catalogue.current import MENU
from orders.errors import NotKnownYet, Unavailable

MAX_RETRY_AGE_S = 3.0
MIN_BACKOFF_S, MAX_BACKOFF_S = 0.01, 0.3
LOCK_WAIT_TIMEOUT_ERRNO = 1205

T = TypeVar("T")


class Conflict(Exception):
    """A conflict with another transaction; the whole use case is retried."""


class OutcomeUnknown(Conflict):
    """A conflict that may be with another attempt of the same use case (sent twice, or cut off at COMMIT).

    The outcome of the use case is unknown.
    """


def run_in_transaction(attempt: Callable[[], T], *, can_repeat: bool = False) -> T:
    """Run `attempt` in a durable transaction and return what it returns.

    1. A conflict (deadlock, lock wait, unique key, `Conflict`) rolls everything back: retry after a backoff with
       jitter.
    2. A connection lost before COMMIT was sent is a rollback as well: retry. So no health check precedes an attempt.
    3. A connection lost at COMMIT leaves the outcome unknown. Retry only with `can_repeat`: such an attempt first
       looks its own outcome up (by its unique key) on a new connection, and returns it or repeats the work.
    4. Any other database error (a statement over its limit, too many connections) is not retried.
    5. No attempt starts later than three seconds after the first. When the database has been down for longer than
       that, one use case per process probes it at a time, and the others fail fast (`cafe.db.outage_gate`).

    Raises Unavailable when nothing was written, and NotKnownYet when that is not certain (also if the last attempt
    ended in `OutcomeUnknown`).
    """
    give_up_at = time.monotonic() + MAX_RETRY_AGE_S
    pause_s = MIN_BACKOFF_S
    may_have_committed = False
    if MENU.is_down and not outage_gate.try_acquire():
        raise _not_written()
    while True:
        reached_commit = False
        try:
            # Skip Django's health check, one round trip: a lost connection is handled below.
            connections[DEFAULT_DB_ALIAS].health_check_done = True  # type: ignore[attr-defined]
            with transaction.atomic(durable=True):
                result = attempt()
                reached_commit = True
            return result
        except (Conflict, IntegrityError, OperationalError, InterfaceError) as error:
            can_start_again = is_conflict(error)
            if not can_start_again:
                connection.close()
                may_have_committed |= reached_commit
                can_start_again = is_lost_connection(error) and (can_repeat or not reached_commit)
            wait_s = random.uniform(pause_s / 2, pause_s)  # noqa: S311 - jitter
            if not can_start_again or time.monotonic() + wait_s > give_up_at:
                is_unsure = may_have_committed or isinstance(error, OutcomeUnknown)
                raise (NotKnownYet() if is_unsure else _not_written()) from error
        time.sleep(wait_s)
        pause_s = min(pause_s * 2, MAX_BACKOFF_S)


@contextmanager
def outcome_unknown_while_locked() -> Iterator[None]:
    """Raise OutcomeUnknown if the block hits the lock wait timeout: another attempt may hold the lock on the row."""
    try:
        yield
    except OperationalError as error:
        if error.args[0] == LOCK_WAIT_TIMEOUT_ERRNO:
            raise OutcomeUnknown from error
        raise


def is_conflict(error: Exception) -> bool:
    if isinstance(error, OperationalError):
        return is_lock_conflict(error)
    return isinstance(error, Conflict | IntegrityError)


def _not_written() -> Unavailable:
    return Unavailable(_("We could not reach our books in time. Nothing was written; try again."))
