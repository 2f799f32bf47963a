"""Graceful shutdown: serve every connection already in the accept queue, then close the listener.

gunicorn keeps the listening socket of a stopping server open until its last worker has exited, without accepting from
it: connections made meanwhile wait, and are reset at the end. Here the server first drops new SYNs, then accepts and
serves the whole accept queue, then closes the socket, so that the next connection is refused and retried elsewhere.
Keep-alive connections are left to gunicorn: it answers with `Connection: close` for two seconds.
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

# A TCP handshake that has begun is complete by then, even between nodes of a cluster.
HANDSHAKE_S = 0.2

# A classic BPF program, as (code, jump if true, jump if false, value): drop what has the SYN flag (2 in byte 13 of
# the TCP header), accept anything else. https://docs.kernel.org/networking/filter.html
NO_SYN = [(0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)]
SO_ATTACH_FILTER = 26


class DrainingWorker(ThreadWorker):
    """gunicorn's gthread worker that drains its accept queue before it closes its listeners."""

    def set_accept_enabled(self, enabled: bool) -> None:
        if self.alive or enabled:
            super().set_accept_enabled(enabled)
        else:
            self._drain_accept_queue()

    def _drain_accept_queue(self) -> None:
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


def drop_new_connections(listeners: Iterable[Any]) -> None:
    """Drop new SYNs on these listening sockets by a BPF filter; established connections are not touched.

    The client's kernel retransmits its SYN after a second and is refused, as the socket is closed by then. Without
    such a filter (not Linux) nothing is done, and a connection made during the close may be reset.
    """
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in NO_SYN))
    program = struct.pack("HL", len(NO_SYN), ctypes.addressof(code))
    for listener in listeners:
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                listener.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def when_stopping(arbiter: Any) -> None:
    """Wrap `arbiter.stop` so that new connections are dropped before the workers stop (gunicorn has no such hook)."""
    stop = arbiter.stop

    def stop_after_that(graceful: bool = True) -> None:
        drop_new_connections(arbiter.LISTENERS)
        stop(graceful)

    arbiter.stop = stop_after_that
