"""bin/rehearse: a shell in which the commands of docs/operations.md work on a simulated cluster on this machine."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness.servers import SETTINGS_READ
from tests.rehearsal.workspace import Workspace

WELCOME = """
This is a rehearsal: `kubectl` (and `k`) speak to a little cluster of this machine, and there is none of yours.
The folder is a copy of the project. Begin as docs/operations.md says:

    bin/secrets
    kubectl apply -k deploy/kustomize/overlays/prod      (or overlays/dev, without bin/secrets)
    k rollout status deployment/frontend && k get ingress

`exit` ends it, and nothing stays.
"""


def main(command: list[str]) -> int:
    for name in SETTINGS_READ:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="cafe-rehearsal-") as scratch:
        folder = Path(scratch)
        os.environ["CAFE_DATA_DIR"] = str(folder / "data")
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, env={**os.environ, "SECRET_KEY": "for-this-step-alone"}, check=True)
        with Workspace(folder, folder / "data/static") as place:
            if not command:
                print(WELCOME, flush=True)
            shell = command or [os.environ.get("SHELL", "/bin/sh")]
            return subprocess.run(shell, env=place.env, cwd=place.project).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
