"""The facts of a measurement: commit, CPU, load, and the versions of the servers and libraries."""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from bench.cache_comparison import libraries
from bench.harness.load import CONNECTIONS, program
from bench.harness.servers import ROOT
from tests.harness.servers import find


def facts() -> dict[str, str]:
    return {
        "commit": _first_line("git", "describe", "--always", "--dirty"),
        "cpu": f"{_cpu()}, {os.cpu_count()} cores",
        "load": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg()),
        "python": platform.python_version(),
        "django": version("Django"),
        "gunicorn": version("gunicorn"),
        "mariadb": _first_line(find("mariadbd"), "--version").split()[2],
        "redis": _first_line(find("redis-server"), "--version").split()[2].removeprefix("v="),
        "libraries": ", ".join(libraries.pins("caches")),
        "readers": f"{program()}, {CONNECTIONS} keep-alive connections",
    }


def roomy_folder() -> str | None:
    """Return the tmpfs folder, or None (use the default temporary folder) if it is read-only or under 2 GiB free."""
    memory = Path("/dev/shm")  # noqa: S108
    return str(memory) if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3 else None


def say(line: str) -> None:
    """Print progress to stderr; stdout is reserved for the table."""
    print(line, file=sys.stderr, flush=True)


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _first_line(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return (done.stdout.splitlines() or ["unknown"])[0]
