"""The edge as deployed (nginx with deploy/nginx/nginx.conf), and instances that share one load-balanced address."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

from deploy.edge import command, configuration
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import Server

LOG_IS_WRITTEN_WITHIN_S = 0.3


class DiesAsAWhole(Server):
    """A server whose whole process group is killed: its workers would survive their master."""

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):  # it has exited already
                os.killpg(self.process.pid, signal.SIGKILL)
        super().kill()


class Edge(DiesAsAWhole):
    """nginx on a free port in front of the instances at `instances` (host:port); `values` fill its template."""

    program = "nginx"

    def __init__(self, folder: Path, *, instances: str, **values: str) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.values = {"EDGE_PROGRAMS": instances} | values
        self.home = folder / "home"

    def start(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "orders.sock").unlink(missing_ok=True)  # left behind by a killed nginx
        listen = f"127.0.0.1:{self.port}"
        text = configuration(**{"EDGE_HOME": str(self.home), "EDGE_LISTEN": listen} | self.values)
        (self.folder / "nginx.conf").write_text(text)
        return super().start()

    def command(self) -> list[str]:
        return command(self.folder)

    def check_configuration(self) -> "subprocess.CompletedProcess[str]":
        """Run `nginx -t` on the configuration; return the finished process."""
        return subprocess.run([*self.command(), "-t"], capture_output=True, text=True)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/edge/health", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def written(self) -> str:
        """Return the edge's log, after the 100 ms for which it buffers lines (nginx.conf)."""
        time.sleep(LOG_IS_WRITTEN_WITHIN_S)
        return self.log.read_text()

    def kept(self, *zones: str) -> list[bytes]:
        """Return the content of each file in these cache zones ("pages", "files"). nginx writes a file under a
        temporary name, renames it, and may delete it at any moment: a file that has vanished is left out."""
        contents = []
        for file in [file for zone in zones for file in (self.home / zone).rglob("*")]:
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                contents.append(file.read_bytes())
        return contents

    def logged(self) -> list[dict[str, Any]]:
        """Return the access log, a dict for each request."""
        lines = self.written().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


class OneAddress:
    """An address that several instances listen at (SO_REUSEPORT). The kernel assigns each new connection to one that
    still listens. It simulates a cluster's Service."""

    def __init__(self) -> None:
        self._holder = socket.socket()  # reserves the port and never listens
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.port = self._holder.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"


class SharingInstance(DiesAsAWhole, RunningCafe):
    """An instance that listens at the common address, and at its own address for readiness checks."""

    def __init__(self, folder: Path, env: dict[str, str], common: OneAddress, *arguments: str) -> None:
        super().__init__(folder, env)
        self.arguments = (
            *("--reuse-port", f"--bind={common.address}", f"--bind=127.0.0.1:{self.port}"),
            *arguments,
        )

    def command(self) -> list[str]:
        return [*super().command(), *self.arguments]
