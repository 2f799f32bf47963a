"""While the database is away, one request of a process at a time may try it, and the others are refused at once.

All that waited would take every thread, and leave none for what is served from memory.
"""

import threading

_slot = threading.Lock()
_mine = threading.local()


def may_try() -> bool:
    """Return whether this request may use the database: True for one at a time, until its `done`."""
    _mine.has_slot = getattr(_mine, "has_slot", False) or _slot.acquire(blocking=False)
    return bool(_mine.has_slot)


def done() -> None:
    """Let the next one try, if this request was the one."""
    if getattr(_mine, "has_slot", False):
        _mine.has_slot = False
        _slot.release()
