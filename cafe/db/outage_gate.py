"""A half-open probe: while the database is down, one request per process tries it, and the others fail fast.

If all of them waited, they would occupy every thread, and none would be left for what is served from memory.
"""

import threading

_slot = threading.Lock()
_mine = threading.local()


def try_acquire() -> bool:
    """Return whether this request may probe the database: True for one at a time, until its `release`."""
    _mine.is_probing = getattr(_mine, "is_probing", False) or _slot.acquire(blocking=False)
    return bool(_mine.is_probing)


def release() -> None:
    """End the probe, if this request was the one."""
    if getattr(_mine, "is_probing", False):
        _mine.is_probing = False
        _slot.release()
