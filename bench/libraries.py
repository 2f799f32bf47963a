"""The libraries we compare with: installed beside the café for this comparison alone, never in its requirements."""

import subprocess
import sys
from pathlib import Path

from bench.servers import ROOT

FOLDER = ROOT / "var" / "bench" / "peers"
PINS = ("django-cachalot==2.9.1", "django-cacheops==7.2", "funcy==2.1")  # funcy: what cacheops needs


def install() -> Path:
    """Return the folder for PYTHONPATH. Uses the network when a pin has changed, else not."""
    stamp = FOLDER / ".pins"
    pins = "\n".join(PINS)
    if not stamp.exists() or stamp.read_text() != pins:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # Without their dependencies: the Django and redis-py of the café are the ones compared.
        command += ["--no-deps", "--upgrade", "--target", str(FOLDER), *PINS]
        subprocess.run(command, check=True)
        stamp.write_text(pins)
    return FOLDER
