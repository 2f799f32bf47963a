"""Programs that run on after the command that started them: each with a file that says which process it is."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 60


class DidNotStart(Exception):
    """A program ended, or was not ready in time; the message holds the end of its log."""


class Process:
    """A program called `name`, known by `<folder>/<name>.pid`, with what it says in `<folder>/<name>.log`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.pid"

    @property
    def pid(self) -> int | None:
        """The process's id while it runs; None for one that ended, and for a stranger who got its number."""
        try:
            pid, born = map(int, self._file.read_text().split()[:2])
        except (OSError, ValueError):
            return None
        return pid if _born(pid) == born else None

    @property
    def note(self) -> str:
        """What was noted at its start; raises OSError if it was never started."""
        return "".join(self._file.read_text().split()[2:])

    def start(self, command: list[str], env: dict[str, str], is_ready: Callable[[], bool], note: str = "") -> None:
        """Start it and wait until it is ready. `note` is a word to remember of it. Raises DidNotStart."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | env,
                start_new_session=True,  # it outlives the terminal
            )
        self._file.write_text(f"{process.pid} {_born(process.pid)} {note}\n")
        deadline = time.monotonic() + START_TIMEOUT_S
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{self.name} did not start. The end of {self.log}:\n{self._end_of_log()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and wait; what has not ended after a minute is killed."""
        if (pid := self.pid) is None:
            return
        os.kill(pid, how)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self.pid is not None:
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            time.sleep(0.05)
        self._file.unlink(missing_ok=True)

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def _born(pid: int) -> int | None:
    """Return when the process was born, in clock ticks of the machine (proc(5), `stat` 22); None if it is dead."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] == "Z" else int(after_name[19])
