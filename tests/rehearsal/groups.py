"""Control groups: what memory and processor time a pod is given (cgroups(7), version 1), where they are allowed."""

import atexit
import contextlib
import os
from pathlib import Path
from typing import NamedTuple

BASE = Path("/sys/fs/cgroup")
PERIOD_US = 100_000
SHARES_OF_ONE, SHARES_OF_ALL = 1024, 8 * 1024


class Limits(NamedTuple):
    """Bytes, and processors: what it gets when all want them, and what it never gets more of."""

    memory_bytes: int
    cpu_share: float
    cpu_quota: float | None


def are_allowed() -> bool:
    return all(os.access(BASE / kind, os.W_OK) and (BASE / kind / "tasks").exists() for kind in ("cpu", "memory"))


def make(name: str, limits: Limits) -> list[str]:
    """Return the folders of the groups, made with these limits as a kubelet makes them; none where it is not allowed.

    They go when this process does. All are below one group, and share what that gets; it gets as much beside the
    tests themselves as the processes would get without groups.
    """
    if not are_allowed():
        return []
    values = {
        "memory": {"memory.limit_in_bytes": limits.memory_bytes},
        "cpu": {
            "cpu.shares": max(2, int(limits.cpu_share * SHARES_OF_ONE)),
            "cpu.cfs_period_us": PERIOD_US,
            "cpu.cfs_quota_us": int(limits.cpu_quota * PERIOD_US) if limits.cpu_quota else -1,
        },
    }
    _group(ours("cpu"), {"cpu.shares": SHARES_OF_ALL})
    _group(ours("memory"), {})
    return [str(_group(ours(kind) / name, files)) for kind, files in values.items()]


def killed_for_memory(name: str) -> int:
    """Return how many processes of this group the kernel killed for its memory limit; 0 where there are no groups."""
    if not are_allowed():
        return 0
    told = (ours("memory") / name / "memory.oom_control").read_text().split()
    return int(told[told.index("oom_kill") + 1])


def ours(kind: str) -> Path:
    return BASE / kind / f"cafe-tests-{os.getpid()}"


def _group(folder: Path, files: dict[str, int]) -> Path:
    if not folder.exists():
        folder.mkdir()
        atexit.register(_remove, folder)  # the last that was made goes first
    for file, value in files.items():
        (folder / file).write_text(str(value))
    return folder


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
