"""Run the photo encoder's worker process as the server does; return its answer, CPU time and stderr."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

from tests.harness.running_cafe import ROOT


class Answer(NamedTuple):
    head: dict[str, Any]
    cpu_s: float
    stderr: str

    @property
    def refused(self) -> str:
        return str(self.head.get("refused", ""))

    @property
    def peak_mib(self) -> float:
        return float(self.head["peak_bytes"]) / 2**20


def ask_worker(content: bytes, *, first: str = "") -> Answer:
    """Return the worker's answer about this file. `first` is Python code that the worker runs before it encodes."""
    code = f"from menu.photos import limits, encoder_worker\n{first}\nencoder_worker.main()"
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        before = os.times()
        asked = subprocess.run([sys.executable, "-c", code], stdin=file, cwd=ROOT, env={}, capture_output=True)
        after = os.times()
    assert asked.returncode == 0, asked.stderr.decode()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Answer(json.loads(asked.stdout.partition(b"\n")[0]), cpu_s, asked.stderr.decode())
