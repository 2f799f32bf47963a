"""A closed loop of wrk (or h2load): the number of answers and the seconds they took. Local addresses only."""

import re
import shutil
import subprocess
from dataclasses import dataclass

CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    answers: int
    seconds: float
    failed: int

    @property
    def a_second(self) -> float:
        return self.answers / self.seconds


class Crowd:
    """A closed loop: CONNECTIONS keep-alive connections, each of which requests one URL again after each answer.

    The load starts on creation and lasts `seconds` (at least one).
    """

    def __init__(self, url: str, seconds: float, *, headers: tuple[str, ...] = ()) -> None:
        assert url.startswith("http://127.0.0.1:"), "load is for local addresses"
        self._process = subprocess.Popen(
            command(url, seconds, headers), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._limit_s = seconds + 30

    def wait(self) -> Load:
        """Block until the load ends and return it. Raises TimeoutExpired when it does not end in time."""
        try:
            output, _ = self._process.communicate(timeout=self._limit_s)
        finally:
            self._process.kill()
        assert self._process.returncode == 0, output
        return read(output)


def program() -> str:
    """Return the name of the installed load generator. Raises SystemExit when there is none."""
    found = next((name for name in ("wrk", "h2load") if shutil.which(name)), None)
    if found is None:
        raise SystemExit("The load generator is missing: apt-get install wrk (or nghttp2-client)")
    return found


def command(url: str, seconds: float, headers: tuple[str, ...]) -> list[str]:
    sent = [word for header in headers for word in ("-H", header)]
    if program() == "wrk":
        return ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *sent, url]
    return ["h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"-D{max(1, round(seconds))}", *sent, url]


def read(output: str) -> Load:
    """Parse the output of wrk or h2load. An answer other than 2xx or 3xx counts as failed."""
    if found := re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", output):
        unit_s = {"ms": 0.001, "s": 1, "m": 60}[found[3]]
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
        lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
        failed = (int(refused[1]) if refused else 0) + (sum(map(int, lost.groups())) if lost else 0)
        return Load(int(found[1]), float(found[2]) * unit_s, failed)
    done = re.search(r"requests: .* (\d+) succeeded, (\d+) failed", output)
    took = re.search(r"finished in ([\d.]+)(ms|s)", output)
    assert done, output
    assert took, output
    return Load(int(done[1]), float(took[1]) * (0.001 if took[2] == "ms" else 1), int(done[2]))
