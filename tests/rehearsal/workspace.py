"""The workspace of a rehearsal: a copy of the project, a little cluster, and a `kubectl` for it, first on PATH."""

import contextlib
import json
import os
import shutil
import socketserver
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kustomize.cluster import ROOT
from tests.rehearsal.container_images import make_tree, official_images, our_image
from tests.rehearsal.kubectl import Kubectl
from tests.rehearsal.little_cluster import LittleCluster

HERE = Path(__file__).resolve().parent
COPIED = ("bin", "deploy", "docs")


class Workspace:
    """with Workspace(folder, collected) as place: subprocess.run(["kubectl", …], env=place.env, cwd=place.project)"""

    def __init__(self, folder: Path, collected: Path) -> None:
        self.project, self._socket = folder / "project", folder / "kubectl.socket"
        self._collected, self._folder = collected, folder
        ours = folder / "commands"
        self.env = {**os.environ, "PATH": f"{ours}:{os.environ['PATH']}", "REHEARSAL": str(self._socket)}
        for name in COPIED:
            ignored = shutil.ignore_patterns("run-bin-secrets-*", "__pycache__")
            shutil.copytree(ROOT / name, self.project / name, ignore=ignored)
        ours.mkdir()
        kubectl = f'#!/bin/sh\nexec {sys.executable} -I {HERE / "kubectl_client.py"} "$@"\n'
        for name, text in (("kubectl", kubectl), ("k", '#!/bin/sh\nexec kubectl -n cloud-cafe "$@"\n')):
            (ours / name).write_text(text)
            (ours / name).chmod(0o755)

    def __enter__(self) -> Self:
        images = official_images() | {"cloud-cafe": our_image(make_tree(self._folder / "image", self._collected))}
        self.cluster = LittleCluster(self._folder / "cluster", images)
        cluster = self.cluster

        class Answering(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = json.loads(self.rfile.readline())
                done = Kubectl(cluster).run(asked["words"], Path(asked["folder"]), asked["typed"])
                with contextlib.suppress(BrokenPipeError):
                    self.wfile.write(json.dumps(done._asdict()).encode())

        self._server = socketserver.ThreadingUnixStreamServer(str(self._socket), Answering)
        self._server.daemon_threads, self._server.block_on_close = True, False  # a client may have disconnected
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.cluster.stop()
