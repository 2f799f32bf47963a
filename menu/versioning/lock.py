"""The menu's write lock: an admin request locks the version's row before it reads anything."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, transaction

from cafe.db.errors import is_lock_conflict
from menu.versioning.querysets import THE_ROW, MenuVersion

LOCK_TIMEOUT_S = 9.0
MAX_PAUSE_S = 0.1


@contextmanager
def menu_write_lock() -> Iterator[None]:
    """Hold the menu's write lock for one transaction, which bumps the version only when it writes something.

    A lock conflict is retried with jitter for about ten seconds, which is safe: the body has not run yet. Raises the
    last OperationalError.
    """
    with ExitStack() as lock:
        give_up_at = time.monotonic() + LOCK_TIMEOUT_S
        while True:
            try:
                lock.enter_context(_locked_menu())
                break
            except OperationalError as error:
                if not is_lock_conflict(error) or time.monotonic() > give_up_at:
                    raise
            time.sleep(random.uniform(0, MAX_PAUSE_S))  # noqa: S311 - jitter
        yield


@contextmanager
def _locked_menu() -> Iterator[None]:
    """SQLite has no row locks; there the transaction itself (BEGIN IMMEDIATE) takes the one lock of all writers."""
    with transaction.atomic(durable=True):
        MenuVersion.objects.select_for_update().filter(pk=THE_ROW).first()
        yield
