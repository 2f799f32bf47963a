"""Each module that a command of bin/ or the docs starts by `python -m` can be imported before Django is set up."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = (
    "bench.autoscaler",
    "bench.cache",
    "bench.capacity",
    "bench.elastic",
    "bench.jmeter",
    "bench.run",
    "bench.report.__main__",
    "bench.users",
    "deploy.local.cluster",
    "tests.e2e.icons",
    "tests.e2e.screenshots",
    "tests.rehearsal.__main__",
)


def test_each_program_can_be_imported() -> None:
    code = f"import importlib\nfor name in {PROGRAMS!r}:\n    importlib.import_module(name)"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "cafe.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
