"""The libraries we compare with, in named sets: installed beside the café, never in its requirements."""

import subprocess
import sys
from pathlib import Path

from bench.harness.servers import ROOT

FOLDER = ROOT / "var" / "bench"
REQUIREMENTS = ROOT / "bench" / "requirements"


def pins(name: str) -> list[str]:
    """Return what a set asks for, such as "django-cacheops==7.2"."""
    return (REQUIREMENTS / f"{name}.in").read_text().split()


def install(name: str) -> Path:
    """Return the folder of a set, for PYTHONPATH. Uses the network when its lock has changed, else not.

    Without dependencies but those named: the Django and redis-py of the café are the ones compared.
    """
    folder, lock = FOLDER / name, REQUIREMENTS / f"{name}.txt"
    stamp = folder / ".pins"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--require-hashes", "--upgrade", "--target", str(folder), "-r", str(lock)]
        subprocess.run(command, check=True)
        stamp.write_text(lock.read_text())
    return folder
