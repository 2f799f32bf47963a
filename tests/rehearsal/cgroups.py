"""Memory and CPU limits of a pod by control groups (cgroups(7), version 1), where this machine allows them."""

import atexit
import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

BASE = Path("/sys/fs/cgroup")
PERIOD_US = 100_000  # as a kubelet sets it
SHORT_PERIOD_US = 10_000  # so that a throttled process waits only milliseconds


class Limits(NamedTuple):
    """Memory in bytes, and CPU quota in cores (None: no limit)."""

    memory_bytes: int
    cpu_quota: float | None


def are_allowed() -> bool:
    return all(os.access(BASE / kind, os.W_OK) and (BASE / kind / "tasks").exists() for kind in ("cpu", "memory"))


def make(name: str, limits: Limits) -> list[str]:
    """Create control groups with these limits, as a kubelet does; return their folders, or [] where not allowed.

    They are removed when this process exits. A pod's CPU request is not set: it is a share among pods only, and the
    tests run on the same machine.
    """
    if not are_allowed():
        return []
    quota_us = int(limits.cpu_quota * PERIOD_US) if limits.cpu_quota else -1
    values = {
        "memory": {"memory.limit_in_bytes": limits.memory_bytes},
        "cpu": {"cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": quota_us},
    }
    kinds = values if limits.cpu_quota else ["memory"]
    return [str(_group(kind, name, values[kind])) for kind in kinds]


@contextlib.contextmanager
def held_to(name: str, quota: float, pids: Iterable[int]) -> Iterator[None]:
    """Limit these processes, with their children, to `quota` cores in total while the block runs. There is no limit
    where control groups are not allowed."""
    if not are_allowed():
        yield
        return
    limits = {"cpu.cfs_period_us": SHORT_PERIOD_US, "cpu.cfs_quota_us": int(quota * SHORT_PERIOD_US)}
    group = _group("cpu", name, limits)
    _move(pids, group)
    try:
        yield
    finally:
        _move(map(int, (group / "cgroup.procs").read_text().split()), BASE / "cpu")


def _move(pids: Iterable[int], group: Path) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # the process has exited meanwhile
            (group / "cgroup.procs").write_text(str(pid))


def killed_for_memory(name: str) -> int:
    """Return how many processes of this group the kernel killed at its memory limit (OOM kill); 0 without groups."""
    if not are_allowed():
        return 0
    told = (BASE / "memory" / _full(name) / "memory.oom_control").read_text().split()
    return int(told[told.index("oom_kill") + 1])


def _full(name: str) -> str:
    return f"cafe-tests-{os.getpid()}-{name}"


def _group(kind: str, name: str, files: dict[str, int]) -> Path:
    folder = BASE / kind / _full(name)
    if not folder.exists():
        folder.mkdir()
        atexit.register(_remove, folder)
    for file, value in files.items():
        (folder / file).write_text(str(value))
    return folder


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
