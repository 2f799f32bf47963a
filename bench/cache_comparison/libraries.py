"""The libraries we compare with, in named sets: installed beside the café, never in its requirements."""

import subprocess
import sys
from pathlib import Path

from bench.harness.servers import ROOT

FOLDER = ROOT / "var" / "bench"
# Without dependencies but those named: the Django and redis-py of the café are the ones compared.
SETS = {
    "caches": ("django-cachalot==2.9.1", "django-cacheops==7.2", "funcy==2.1"),  # funcy: what cacheops needs
    "course": (
        *("Flask==3.1.3", "PyMySQL==1.2.4"),
        *("Werkzeug==3.1.9", "Jinja2==3.1.6", "MarkupSafe==3.0.4", "itsdangerous==2.2.0", "click==8.5.1"),
        "blinker==1.9.0",
    ),
}


def install(name: str) -> Path:
    """Return the folder of a set, for PYTHONPATH. Uses the network when a pin has changed, else not."""
    folder, pins = FOLDER / name, "\n".join(SETS[name])
    stamp = folder / ".pins"
    if not stamp.exists() or stamp.read_text() != pins:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--upgrade", "--target", str(folder), *SETS[name]]
        subprocess.run(command, check=True)
        stamp.write_text(pins)
    return folder
