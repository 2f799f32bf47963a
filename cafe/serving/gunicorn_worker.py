"""A gunicorn worker whose main thread answers from the page cache, without a thread of the pool.

gunicorn's threaded worker hands every request from its main thread to the thread pool, and the connection back after
the response: most of the CPU time of a cached page. This worker's main thread answers cached pages on keep-alive
connections itself, and never blocks: it handles only fully received GETs, checks Redis once per batch, and hands
unsent bytes to a thread.
"""

import re
import socket
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.http import wsgi

from cafe.serving.draining import DrainingWorker

if TYPE_CHECKING:  # gunicorn loads this before the apps are ready
    from cafe.serving.page_cache import Responder

MAX_HEAD_BYTES = 4096  # request line and headers
SEND_TIMEOUT_S = 60  # then the connection of a client that does not read is closed
COMPLETE_GET = re.compile(
    rb"GET (/[-\w/]*) HTTP/1\.1\r\n"
    rb"(?:(?!Connection:(?! ?keep-alive\r)|Content-Length|Transfer-Encoding|Expect|Upgrade)[^\r\n]+\r\n)+\r\n",
    re.IGNORECASE,
)


class FastPathWorker(DrainingWorker):
    """The worker. `application.ready(path, times)` returns a `Responder` for `times` requests of a path, or None.

    Any other request, one that cannot be parsed, the first one of a connection, and every one during shutdown go to a
    thread, as in gunicorn.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: list[tuple[Any, str]] = []

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        path = self._path_asked(client) if self.alive and hasattr(self.wsgi, "ready") else None
        if path is None:
            super().on_client_socket_readable(conn, client)
        else:
            self._asked.append((conn, path))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(timeout)
        asked, self._asked = self._asked, []
        ready = {path: self._ready(path, times) for path, times in Counter(path for _conn, path in asked).items()}
        for conn, path in asked:
            answer = ready[path]
            if answer is None:
                super().on_client_socket_readable(conn, conn.sock)
            else:
                self._answer(conn, answer)

    def _path_asked(self, client: socket.socket) -> str | None:
        """Return the path of a fully received GET with nothing behind it, or None. Peeks: the bytes stay unread."""
        try:
            found = COMPLETE_GET.fullmatch(client.recv(MAX_HEAD_BYTES, socket.MSG_PEEK))
        except OSError:  # a thread gets the same error
            return None
        return found[1].decode() if found else None

    def _ready(self, path: str, times: int) -> "Responder | None":
        try:
            ready: Responder | None = self.wsgi.ready(path, times)
        except Exception:
            self.log.exception("Nothing is ready")
            return None
        return ready

    def _answer(self, conn: Any, answer: "Responder") -> None:
        try:
            request = next(conn.parser)
        except Exception as error:  # a thread writes gunicorn's error response
            self._to_a_thread(conn, partial(_raise, error))
            return
        parts = BufferedSocket()
        try:
            response, environ = wsgi.create(request, parts, conn.client, conn.server, self.cfg)
            body = answer(environ, response.start_response)
            for part in body or ():
                response.write(part)
            if body is not None:
                response.close()
        except Exception:  # nothing was sent: a thread raises the same and logs it
            body = None
        if body is None:
            self._to_a_thread(conn, lambda: request)
        else:
            self._send(conn, parts)

    def _send(self, conn: Any, parts: list[bytes]) -> None:
        try:
            sent = conn.sock.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:  # the client has gone
            self._forget(conn)
            self.nr_conns -= 1
            conn.close()
            return
        rest = b"".join(parts)[sent:] if sent < sum(map(len, parts)) else b""
        if rest or conn.parser.unreader.buf.getvalue():
            self._forget(conn)
            self._by_a_thread(conn, self._send_rest, rest)
        else:
            conn.set_timeout()
            self.keepalived_conns.remove(conn)  # ordered by timeout
            self.keepalived_conns.append(conn)

    def _send_rest(self, conn: Any, rest: bytes) -> bool:
        """Send the rest in a thread, as slowly as the client reads. Return whether the connection stays usable."""
        try:
            conn.sock.settimeout(SEND_TIMEOUT_S)
            conn.sock.sendall(rest)
        except OSError:
            return False
        return True

    def _to_a_thread(self, conn: Any, read: Callable[[], Any]) -> None:
        conn.parser = PrefetchedParser(conn.parser, read)
        super().on_client_socket_readable(conn, conn.sock)

    def _by_a_thread(self, conn: Any, work: Callable[..., Any], *args: Any) -> None:
        self.tpool.submit(work, conn, *args).add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, conn, future)
        )

    def _forget(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)


class BufferedSocket(list[bytes]):
    """Collects what gunicorn sends."""

    def sendall(self, part: bytes) -> None:
        self.append(part)


class PrefetchedParser:
    """A connection's parser whose next request was parsed already (or raised)."""

    def __init__(self, parser: Any, read: Callable[[], Any]) -> None:
        self._parser: Any = parser._parser if isinstance(parser, PrefetchedParser) else parser
        self._read: Callable[[], Any] | None = read

    def __next__(self) -> Any:
        read, self._read = self._read, None
        return read() if read else next(self._parser)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)


def _raise(error: Exception) -> None:
    raise error
