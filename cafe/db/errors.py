"""Classifies database errors: a lock conflict, or a lost connection."""

from django.db import InterfaceError, OperationalError

# Deadlock, lock wait timeout, record changed since it was read; TiDB: write conflict.
LOCK_CONFLICTS = (1213, 1205, 1020, 9007)
# Gone away, lost during a query, lost (extended), shutting down, killed; cannot connect at all.
LOST = (2006, 2013, 2055, 1053, 1927, 1077, 2002, 2003)


def is_lock_conflict(error: OperationalError) -> bool:
    """True for a lock conflict (deadlock, lock wait timeout, write conflict): the transaction may succeed when
    retried.
    """
    return error.args[0] in LOCK_CONFLICTS or "locked" in str(error)


def is_lost_connection(error: Exception) -> bool:
    """True when the connection was lost: it may be unknown whether the last statement took effect."""
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and bool(error.args) and error.args[0] in LOST
