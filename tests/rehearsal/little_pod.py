"""A pod of the little cluster: its containers' processes, from the first init container until it is deleted."""

import threading

from tests.harness.servers import Server
from tests.rehearsal.containers import Container
from tests.rehearsal.pods import (
    wait_in_turn,
)

PAUSE_S = 0.1


class LittlePod:
    """One pod of a Deployment or a StatefulSet, from its first init container until it is deleted."""

    def __init__(self, name: str, labels: dict[str, str], server: Server, waits: list[Container]) -> None:
        self.name, self.labels, self.server, self.waits = name, labels, server, waits
        self.phase, self.is_ended = "Pending", threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def container(self) -> Container:
        return self.server.container  # type: ignore[attr-defined,no-any-return]

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def is_ready(self) -> bool:
        return self.phase == "Running" and self.container.passes("readiness")

    def log(self, container: str | None) -> str:
        files = {each.name: each.place / f"{each.name}.log" for each in self.waits}
        file = files.get(container or "", self.server.log)
        return file.read_text() if file.exists() else ""

    def end(self) -> None:
        """Delete the pod as `kubectl delete pod` does, with a graceful shutdown; block until it has ended."""
        self.is_ended.set()
        self.thread.join()

    def _run(self) -> None:
        """Run the whole life of the pod in one thread: a server dies with the thread that started it."""
        for container in self.waits:
            self.phase = "Init"
            if not wait_in_turn(container, self.is_ended):
                return
        while not self.is_ended.wait(PAUSE_S):
            if self.server.process is None:
                self._start()
            elif self.server.process.poll() is not None:
                self.server.kill()  # with its leftover child processes; the next round starts it again
        self.phase = "Terminating"
        self.server.stop()

    def _start(self) -> None:
        try:
            self.server.start()
        except RuntimeError:
            self.phase = "CrashLoopBackOff"
        else:
            self.phase = "Running"
