"""Slow clients (slowloris): some send headers slowly, some send bodies slowly, some never read their answers."""

import selectors
import socket
import threading
from typing import Self

from tests.deploy.crowd import HasPort
from tests.deploy.wire import request

JSON = "Content-Type: application/json"
BODY = b'{"customer_name": "Ann", "coffee_type": "latte", "quantity": 1, "note": "' + b"x" * 2000 + b'"}'
PAUSE_S = 0.3
ANSWERS_NOT_READ = 30  # their answers exceed the socket buffers


class SlowClients:
    """`of_each` clients of each kind, until the block is left; a disconnected client connects again.

    with SlowClients(edge, of_each=100) as slow: …
    """

    def __init__(self, server: HasPort, *, of_each: int) -> None:
        self.port = server.port
        heading = b"GET /en/cart/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
        head = request("POST", "/api/orders", BODY, JSON)[: -len(BODY)]
        page = request("GET", "/zh-hans/", b"", "Accept-Encoding: identity") * ANSWERS_NOT_READ
        self.hung_up, self.began = 0, 0
        kinds = ((heading, b"x"), (head, b" "), (page, b""))
        self._lines = [Trickle(said, more) for said, more in kinds for _ in range(of_each)]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._trickle, daemon=True)

    def __enter__(self) -> Self:
        for line in self._lines:
            self._begin(line)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()
        for line in self._lines:
            line.socket.close()

    def __len__(self) -> int:
        return len(self._lines)

    def _begin(self, line: "Trickle") -> None:
        line.begin(self.port)
        self.began += 1

    def _trickle(self) -> None:
        while not self._is_over.wait(PAUSE_S):
            for line in self._lines:
                if not line.goes_on():
                    self.hung_up += 1
                    line.socket.close()
                    self._begin(line)


class Trickle:
    """One connection: sends `said` on opening, then `more` again and again."""

    def __init__(self, said: bytes, more: bytes) -> None:
        self.said, self.more = said, more
        self.socket = socket.socket()

    def begin(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(self.said)

    def goes_on(self) -> bool:
        """Send `more`; return whether the connection is still open."""
        try:
            self.socket.sendall(self.more)
        except OSError:
            return False
        return not self._was_cut()

    def _was_cut(self) -> bool:
        if not self.more:  # this client never reads, so it cannot detect it
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            return bool(selector.select(0))
