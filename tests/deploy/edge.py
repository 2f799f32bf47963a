"""The edge as it is deployed: nginx with deploy/nginx/nginx.conf, and programs that share one balancing address."""

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
    """A server that is killed with its workers, at once: they would go on without their master."""

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(self.process.pid, signal.SIGKILL)
        super().kill()


class Edge(DiesAsAWhole):
    """nginx on a free port before the programs at `programs` (host:port); `values` are of the template's."""

    program = "nginx"

    def __init__(self, folder: Path, *, programs: str, **values: str) -> None:
        super().__init__(folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.values = {"EDGE_PROGRAMS": programs} | values
        self.home = folder / "home"

    def start(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "orders.sock").unlink(missing_ok=True)  # a killed nginx leaves it
        listen = f"127.0.0.1:{self.port}"
        text = configuration(**{"EDGE_HOME": str(self.home), "EDGE_LISTEN": listen} | self.values)
        (self.folder / "nginx.conf").write_text(text)
        return super().start()

    def command(self) -> list[str]:
        return command(self.folder)

    def check_configuration(self) -> "subprocess.CompletedProcess[str]":
        """Ask nginx what it thinks of it."""
        return subprocess.run([*self.command(), "-t"], capture_output=True, text=True)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/edge/health", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def written(self) -> str:
        """Return the edge's log, once it has written what it keeps back for 100 ms (nginx.conf)."""
        time.sleep(LOG_IS_WRITTEN_WITHIN_S)
        return self.log.read_text()

    def kept(self, *zones: str) -> list[bytes]:
        """Return each file that it keeps of these zones ("pages", "files"). nginx writes a file under a name of its
        own and then renames it, and may delete one at any moment: what is gone when it is its turn is left out."""
        contents = []
        for file in [file for zone in zones for file in (self.home / zone).rglob("*")]:
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                contents.append(file.read_bytes())
        return contents

    def logged(self) -> list[dict[str, Any]]:
        """Return what the access log says, a dict for each request."""
        lines = self.written().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


class OneAddress:
    """An address that several programs listen at; the kernel leads each new connection to one of them, and to none
    that has left. It stands for a cluster's Service."""

    def __init__(self) -> None:
        self._holder = socket.socket()  # keeps the port, and never listens
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.port = self._holder.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"


class SharingProgram(DiesAsAWhole, RunningCafe):
    """A café that listens at the common address, and at one of its own to ask whether it is ready."""

    def __init__(self, folder: Path, env: dict[str, str], common: OneAddress, *arguments: str) -> None:
        super().__init__(folder, env)
        self.arguments = (
            *("--reuse-port", f"--bind={common.address}", f"--bind=127.0.0.1:{self.port}"),
            *arguments,
        )

    def command(self) -> list[str]:
        return [*super().command(), *self.arguments]
