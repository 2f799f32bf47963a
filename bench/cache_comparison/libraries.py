"""The libraries we compare with, in named sets: installed into folders of their own, never in our requirements."""

import subprocess
import sys
from pathlib import Path

from bench.harness.servers import ROOT

FOLDER = ROOT / "var" / "bench"
REQUIREMENTS = ROOT / "bench" / "requirements"


def pins(name: str) -> list[str]:
    """Return the pinned requirements of a set, such as "django-cacheops==7.2"."""
    return (REQUIREMENTS / f"{name}.in").read_text().split()


def install(name: str) -> Path:
    """Return the folder of a set, for PYTHONPATH. Uses the network only when its lock file has changed.

    Installs only the packages named, without their dependencies, so that all variants run on the café's Django and
    redis-py.
    """
    folder, lock = FOLDER / name, REQUIREMENTS / f"{name}.txt"
    stamp = folder / ".pins"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--require-hashes", "--upgrade", "--target", str(folder), "-r", str(lock)]
        subprocess.run(command, check=True)
        stamp.write_text(lock.read_text())
    return folder
