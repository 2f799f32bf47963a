"""How a program leaves while customers are coming: nobody who has reached its door is turned away.

gunicorn leaves a stopping program's listening socket open until its last worker has gone, and accepts nothing from it
meanwhile: who connects then waits, and is reset at the end. Here the program first stops *hearing* new callers, then
serves all who stand in line, then closes the socket, so that the next caller is refused and led to another program.
Requests on connections that are kept alive are gunicorn's: answered with `Connection: close` for two seconds.
"""

import contextlib
import ctypes
import socket
import struct
import sys
import time
from collections.abc import Iterable
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# A handshake that had begun is over by then, even between nodes of a cluster.
HANDSHAKE_S = 0.2

# A classic BPF program, as (code, jump if true, jump if false, value): drop what has the SYN flag (2 in byte 13 of
# the TCP header), accept anything else. https://docs.kernel.org/networking/filter.html
NO_SYN = [(0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)]
SO_ATTACH_FILTER = 26


class DrainingWorker(ThreadWorker):
    """gunicorn's gthread worker. At its end it serves who stands in line, then closes its listening sockets."""

    def set_accept_enabled(self, enabled: bool) -> None:
        if self.alive or enabled:
            super().set_accept_enabled(enabled)
        else:
            self._serve_who_stands_in_line()

    def _serve_who_stands_in_line(self) -> None:
        until = time.monotonic() + HANDSHAKE_S
        while self._accepting and time.monotonic() < until:
            self.wait_for_and_dispatch_events(timeout=HANDSHAKE_S / 4)
        super().set_accept_enabled(False)
        for listener in self.sockets:
            while self._takes_one_more(listener):
                pass
            listener.close()

    def _takes_one_more(self, listener: Any) -> bool:
        before = self.nr_conns
        self.accept(listener)
        return bool(self.nr_conns > before)


def stop_hearing_newcomers(listeners: Iterable[Any]) -> None:
    """Let these listening sockets drop who asks for a connection from now on; established ones are not touched.

    The caller's kernel asks again after a second and is refused, if the socket is closed by then. Where the kernel
    has no such filter nothing is done, and who comes in the very moment of closing may be reset.
    """
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in NO_SYN))
    program = struct.pack("HL", len(NO_SYN), ctypes.addressof(code))
    for listener in listeners:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                listener.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def when_stopping(arbiter: Any) -> None:
    """Make gunicorn's arbiter stop hearing newcomers before it stops its workers (it has no hook for that moment)."""
    stop = arbiter.stop

    def stop_after_that(graceful: bool = True) -> None:
        stop_hearing_newcomers(arbiter.LISTENERS)
        stop(graceful)

    arbiter.stop = stop_after_that
