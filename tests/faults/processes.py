"""The processes of a running café, and which of them is at the other end of a connection."""

import contextlib
import http.client
from pathlib import Path

from tests.harness.running_cafe import RunningCafe

TIMEOUT_S = 60


def workers(cafe: RunningCafe) -> list[int]:
    """Return the process ids of this café's workers, and of nobody else."""
    assert cafe.process
    pid = cafe.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def connect_to_each(cafe: RunningCafe) -> list[http.client.HTTPConnection]:
    """Return a connection to each worker. It stays with it; a new one goes to whichever is the first to take it."""
    found: dict[int, http.client.HTTPConnection] = {}
    wanted = int(cafe.env["WEB_WORKERS"])
    for _try in range(1000):
        connection = http.client.HTTPConnection("127.0.0.1", cafe.port, timeout=TIMEOUT_S)
        connection.auto_open = 0
        connection.connect()
        connection.request("GET", "/health/live/")
        connection.getresponse().read()
        found.setdefault(other_end(connection, cafe), connection)
        if len(found) == wanted:
            return list(found.values())
        if connection not in found.values():
            connection.close()
    raise AssertionError("a worker takes no connection")


def other_end(connection: http.client.HTTPConnection, cafe: RunningCafe) -> int:
    """Return the worker that has the other end of this connection open."""
    ends = [f"{port:04X}" for port in (cafe.port, connection.sock.getsockname()[1])]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    socket = next(f"socket:[{row[9]}]" for row in rows if [row[1][-4:], row[2][-4:]] == ends)
    for worker in workers(cafe):
        for file in Path(f"/proc/{worker}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if str(file.readlink()) == socket:
                    return worker
    raise AssertionError("nobody has the other end")
