"""Control groups: what memory and processor time a pod is given (cgroups(7), version 1), where they are allowed."""

import atexit
import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

BASE = Path("/sys/fs/cgroup")
PERIOD_US = 100_000  # a kubelet's
SHORT_PERIOD_US = 10_000  # who has used his part waits for milliseconds


class Limits(NamedTuple):
    """Bytes, and processors (None: as many as it can get)."""

    memory_bytes: int
    cpu_quota: float | None


def are_allowed() -> bool:
    return all(os.access(BASE / kind, os.W_OK) and (BASE / kind / "tasks").exists() for kind in ("cpu", "memory"))


def make(name: str, limits: Limits) -> list[str]:
    """Return the folders of the groups, made with these limits as a kubelet makes them; none where it is not allowed.

    They go when this process does. What a pod requests is not told to the kernel: it is a share among pods alone, and
    the tests run beside them.
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
    """Give these processes, and those that they start, so much of a processor in all while the block runs; as much as
    they can get where groups are not allowed."""
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
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            (group / "cgroup.procs").write_text(str(pid))


def killed_for_memory(name: str) -> int:
    """Return how many processes of this group the kernel killed for its memory limit; 0 where there are no groups."""
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
