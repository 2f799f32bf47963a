"""A gunicorn that may use a part of one core, and what it and the database have used. Needs cgroups, version 1."""

import contextlib
import os
import time
import urllib.request
from pathlib import Path

from bench.servers import TICKS_A_SECOND, Gunicorn
from tests.servers import Server

CGROUPS = Path("/sys/fs/cgroup")
QUOTA = 0.4  # of a core
PERIOD_US = 20_000


class Quoted(Gunicorn):
    """Gunicorn in a cgroup of its own, made at its start and gone with it."""

    def __init__(self, folder: Path, application: str, env: dict[str, str]) -> None:
        super().__init__(folder, application, env)
        name = f"cafe-bench-{os.getpid()}-{folder.name}"
        self._limit, self._account = CGROUPS / "cpu" / name, CGROUPS / "cpuacct" / name

    def command(self) -> list[str]:
        for group in (self._limit, self._account):
            group.mkdir(exist_ok=True)
        (self._limit / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (self._limit / "cpu.cfs_quota_us").write_text(str(round(QUOTA * PERIOD_US)))
        joins = "".join(f"echo $$ > {group}/cgroup.procs; " for group in (self._limit, self._account))
        return ["sh", "-c", f'{joins}exec "$@"', "sh", *super().command()]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready/?format=json", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def cpu_s(self) -> float:
        """Return what all its processes have used, user and system time (s)."""
        return int((self._account / "cpuacct.usage").read_text()) / 1e9

    def stop(self) -> None:
        super().stop()
        for group in (self._limit, self._account):
            until = time.monotonic() + 5
            while group.exists() and time.monotonic() < until:
                with contextlib.suppress(OSError):  # a process may take a moment to go
                    group.rmdir()
                time.sleep(0.05)


def cpu_s_of(server: Server) -> float:
    """Return what a server's one process has used, user and system time (s)."""
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
