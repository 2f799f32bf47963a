"""The worker processes of a running café, and which worker holds a connection."""

import contextlib
import http.client
from pathlib import Path

from tests.harness.running_cafe import RunningCafe

TIMEOUT_S = 60


def workers(cafe: RunningCafe) -> list[int]:
    """Return the process ids of this café's gunicorn workers."""
    assert cafe.process
    pid = cafe.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def connect_to_each(cafe: RunningCafe) -> list[http.client.HTTPConnection]:
    """Return an open connection to each worker: a new connection goes to the worker that accepts it first, and stays
    there."""
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
    """Return the process id of the worker that holds the other end of this connection (from /proc/net/tcp)."""
    ends = [f"{port:04X}" for port in (cafe.port, connection.sock.getsockname()[1])]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    socket = next(f"socket:[{row[9]}]" for row in rows if [row[1][-4:], row[2][-4:]] == ends)
    for worker in workers(cafe):
        for file in Path(f"/proc/{worker}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if str(file.readlink()) == socket:
                    return worker
    raise AssertionError("nobody has the other end")
