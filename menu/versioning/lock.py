"""Writers of the menu take turns: whoever changes it by hand locks the version's row before reading anything."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, transaction

from menu.versioning.querysets import THE_ROW, MenuVersion

STARTS_NO_TRY_AFTER_S = 9.0
MAX_PAUSE_S = 0.1
# Deadlock, lock wait timeout, record changed since it was read; TiDB: write conflict.
LOCK_CONFLICTS = (1213, 1205, 1020, 9007)


@contextmanager
def menu_write_lock() -> Iterator[None]:
    """A transaction that others who take turns wait for. It moves the version only when it writes something.

    Taking the lock is tried again for about ten seconds; nothing has happened yet that would happen twice. Raises the
    last OperationalError.
    """
    with ExitStack() as turn:
        give_up_at = time.monotonic() + STARTS_NO_TRY_AFTER_S
        while True:
            try:
                turn.enter_context(_locked_menu())
                break
            except OperationalError as error:
                if not is_lock_conflict(error) or time.monotonic() > give_up_at:
                    raise
            time.sleep(random.uniform(0, MAX_PAUSE_S))  # noqa: S311 - jitter
        yield


@contextmanager
def _locked_menu() -> Iterator[None]:
    """SQLite knows no row locks; there the transaction itself begins with the one lock of all writers."""
    with transaction.atomic(durable=True):
        MenuVersion.objects.select_for_update().filter(pk=THE_ROW).first()
        yield


def is_lock_conflict(error: OperationalError) -> bool:
    """True when another transaction was in the way, so that the same may succeed when it is started again."""
    return error.args[0] in LOCK_CONFLICTS or "locked" in str(error)
