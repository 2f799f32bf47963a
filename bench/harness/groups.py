"""Control groups (cgroups(7), version 1): processes on one core with a CPU quota, and the CPU time they used.

Where control groups are not allowed there is no quota: taskset pins the processes to their core, and their CPU time
is read from /proc.
"""

import atexit
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

BASE = Path("/sys/fs/cgroup")
PERIOD_US = 10_000  # short, so that a throttled group waits for milliseconds only; a kubelet sets 100,000
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

_cores = sorted(os.sched_getaffinity(0))
SERVED_ON, ASKED_FROM = _cores[0], _cores[-1]


def why_not() -> str:
    """Return why control groups cannot be used here; empty when they can."""
    for kind in ("cpu", "cpuacct"):
        if not (BASE / kind / "tasks").exists():
            return f"no {kind} group of version 1 at {BASE / kind}"
        if not os.access(BASE / kind, os.W_OK):
            return f"{BASE / kind} is not ours to write to"
    return ""


class Group:
    """A control group of processes that share `quota` of their core (None: no limit)."""

    def __init__(self, name: str, *, quota: float | None = None, core: int = SERVED_ON) -> None:
        self.name, self.core, self.quota = name, core, quota
        self._cores = {core}
        self._folders = [_folder(kind, name) for kind in ("cpu", "cpuacct")] if not why_not() else []
        handle, noted = tempfile.mkstemp(prefix="cafe-bench-")
        os.close(handle)
        self._noted = Path(noted)
        atexit.register(self._remove)
        self.hold_to(quota)

    def hold_to(self, quota: float | None, period_us: int = PERIOD_US) -> None:
        """Change the group's CPU quota."""
        self.quota = quota
        if self._folders:
            (self._folders[0] / "cpu.cfs_period_us").write_text(str(period_us))
            (self._folders[0] / "cpu.cfs_quota_us").write_text(str(int(quota * period_us) if quota else -1))

    def command(self, command: list[str]) -> list[str]:
        """Return `command` wrapped so that it runs in this group, pinned to its cores."""
        files = " ".join(str(folder / "cgroup.procs") for folder in self._folders)
        enter = f'echo $$ >> {self._noted}; for file in {files}; do echo $$ > $file; done; exec "$@"'
        return ["taskset", "--cpu-list", ",".join(map(str, self._cores)), "sh", "-c", enter, "sh", *command]

    def take_in(self, pid: int) -> None:
        """Move a running process, with its threads, into this group and onto its core."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(pid))
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {self.core})
        with self._noted.open("a") as noted:
            noted.write(f"{pid}\n")

    @contextlib.contextmanager
    def on_every_core(self) -> Iterator[None]:
        """Let the group use every core while the block runs, for work that is not measured.

        Afterwards all its processes are pinned to its core again, those started meanwhile included."""
        self._move_to(set(_cores))
        try:
            yield
        finally:
            self._move_to({self.core})

    def _move_to(self, cores: set[int]) -> None:
        self._cores = cores
        for pid in self.processes():
            with contextlib.suppress(OSError):  # the process has ended meanwhile
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    os.sched_setaffinity(int(thread.name), cores)

    def processes(self) -> list[int]:
        if self._folders:
            return [int(word) for word in (self._folders[1] / "cgroup.procs").read_text().split()]
        return _with_children([int(word) for word in self._noted.read_text().split()])

    def cpu_s(self) -> float:
        """Return the user and system time (s) of all processes the group ever had; without control groups, of those
        that still run."""
        if self._folders:
            return int((self._folders[1] / "cpuacct.usage").read_text()) / 1e9
        return sum(map(_cpu_s, self.processes()))

    def memory_mib(self) -> float:
        """Return the sum of the processes' PSS: a page shared by several counts once in all (proc_pid_smaps(5))."""
        return sum(map(_pss_kib, self.processes())) / 1024

    def close(self) -> None:
        self._remove()

    def _remove(self) -> None:
        self._noted.unlink(missing_ok=True)
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


_numbers = iter(range(1_000_000))


def _folder(kind: str, name: str) -> Path:
    word = "".join(letter if letter.isalnum() else "-" for letter in name)
    folder = BASE / kind / f"cafe-bench-{os.getpid()}-{next(_numbers)}-{word}"
    folder.mkdir()
    return folder


def _with_children(pids: list[int]) -> list[int]:
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            found += [pid, *_with_children([int(child) for child in children])]
    return found


def _cpu_s(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND  # utime, stime
    return 0.0


def _pss_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0
