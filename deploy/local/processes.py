"""Background processes that keep running after the command that started them, each identified by a pid file."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

# Debian keeps mariadbd and nginx where only root's PATH looks.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 60
LEFT_TIMEOUT_S = 5
FIRST_PORT, PORTS = 16_384, 16_384  # below Linux's ephemeral ports (from 32768)


def find(program: str) -> str:
    """Return the path of an executable, or its name if not found: starting it then raises FileNotFoundError."""
    return shutil.which(program, path=SEARCH_PATH) or program


def free_port() -> int:
    """Return a free port of 127.0.0.1 outside of the ephemeral range, so that no outgoing connection takes it."""
    while True:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", FIRST_PORT + secrets.randbelow(PORTS)))
            return int(listener.getsockname()[1])


class DidNotStart(Exception):
    """A process ended or was not ready in time; the message holds the end of its log."""


class Process:
    """A background process, with its pid file `<folder>/<name>.pid` and its output in `<folder>/<name>.log`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.pid"

    @property
    def pid(self) -> int | None:
        """The process id while it runs; None if it has ended, also if another process has got its id since."""
        pid, born, _note = self._noted()
        return pid if pid and _born(pid) == born else None

    @property
    def note(self) -> str:
        """The note given to start(); "" if there is none."""
        return self._noted()[2]

    def _noted(self) -> tuple[int, int, str]:
        """Return its id, start time (clock ticks) and note; (0, 0, "") if not started since the last boot."""
        try:
            pid, born, boot, *note = self._file.read_text().split()
        except (OSError, ValueError):
            return 0, 0, ""
        return (int(pid), int(born), "".join(note)) if boot == _boot() else (0, 0, "")

    def start(self, command: list[str], env: dict[str, str], is_ready: Callable[[], bool], note: str = "") -> None:
        """Start it and wait until it is ready. `note` is one word, stored in the pid file. Raises DidNotStart."""
        self._end_what_it_left()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | env,
                start_new_session=True,  # keeps running when the terminal closes
            )
        self._file.write_text(f"{process.pid} {_born(process.pid)} {_boot()} {note}\n")
        deadline = time.monotonic() + START_TIMEOUT_S
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{self.name} did not start. The end of {self.log}:\n{self._end_of_log()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send it the signal and wait until it has ended; after STOP_TIMEOUT_S its process group is killed."""
        if (pid := self.pid) is None:
            self._end_what_it_left()
            return
        os.kill(pid, how)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self.pid is not None:
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            time.sleep(0.05)
        self._file.unlink(missing_ok=True)

    def _end_what_it_left(self) -> None:
        """End the children of a killed process: nginx's workers keep running without their master."""
        group, born, _note = self._noted()
        if not group or _born(group) not in (None, born):
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, how)
            deadline = time.monotonic() + LEFT_TIMEOUT_S
            while _members(group) and time.monotonic() < deadline:
                time.sleep(0.05)

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def _members(group: int) -> list[int]:
    """Return the ids of the living processes of a process group."""
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [pid for pid in pids if _born(pid) and _stat(pid)[2] == str(group)]


def _boot() -> str:
    """Return the id of this boot of the machine (random(4), `boot_id`)."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str]:
    """Return the fields after the name in /proc/<pid>/stat (proc(5)); [] if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _born(pid: int) -> int | None:
    """Return the start time of a process, in clock ticks since boot (proc(5), `stat` 22); None if it has ended."""
    after_name = _stat(pid)
    return int(after_name[19]) if after_name and after_name[0] != "Z" else None
