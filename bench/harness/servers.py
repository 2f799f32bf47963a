"""gunicorn for a comparison, on a core apart from the load generator; its CPU time, the database's counters."""

import http.client
import json
import os
import sys
import urllib.request
from pathlib import Path

from tests.harness.servers import MariaDB, Server

ROOT = Path(__file__).resolve().parents[2]
PAGE = "/en/"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

_cores = sorted(os.sched_getaffinity(0))
SERVED_ON, ASKED_FROM = _cores[0], _cores[-1]


def stand_apart() -> None:
    """Pin this process, and every child except the gunicorns, to the other core. Raises SystemExit on one core."""
    if SERVED_ON == ASKED_FROM:
        raise SystemExit("Two cores are needed: one to serve, one to ask.")
    os.sched_setaffinity(0, {ASKED_FROM})


class Gunicorn(Server):
    """gunicorn with gunicorn.conf.py on a free port, one process of eight threads on the core SERVED_ON."""

    program = "gunicorn"

    def __init__(self, folder: Path, application: str, env: dict[str, str]) -> None:
        super().__init__(folder)
        self.application = application
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = env | {"PORT": str(self.port), "WEB_WORKERS": "1", "WEB_THREADS": "8"}

    def command(self) -> list[str]:
        pinned = ["taskset", "--cpu-list", str(SERVED_ON)]
        gunicorn = [sys.executable, "-m", "gunicorn", f"--chdir={ROOT}", "--config=gunicorn.conf.py"]
        return [*pinned, *gunicorn, self.application]

    def environment(self) -> dict[str, str]:
        return self.env

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + PAGE, timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def cpu_s(self) -> float:
        """Return the user and system time (s) of the master and its worker."""
        assert self.process is not None
        master = self.process.pid
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return sum(map(_cpu_s, [master, *map(int, workers)]))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND  # utime, stime


def keep_answer(url: str, file: Path, accepted: str = "") -> int:
    """Write a page's headers and body to `file` for bench.cache_comparison.variants.bare; return the body's bytes."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("GET", PAGE, headers={"Accept-Encoding": accepted} if accepted else {})
    response = connection.getresponse()
    body = response.read()
    own = ("date", "server", "connection")  # gunicorn adds its own
    headers = [(name, value) for name, value in response.getheaders() if name.lower() not in own]
    file.write_text(json.dumps({"headers": headers, "body": body.decode("latin-1")}))
    connection.close()
    return len(body)


def statements(database: MariaDB) -> tuple[int, int]:
    """Return how many SELECTs, and how many statements of any kind, the server has executed."""
    rows = dict(database.execute("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_select', 'Questions')"))
    return int(rows["Com_select"]), int(rows["Questions"])
