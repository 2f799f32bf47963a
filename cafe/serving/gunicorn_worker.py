"""Answers at once what is ready: a page from memory needs no thread.

gunicorn's threaded worker hands every request from its main thread to one of a pool, and the connection back when it
is answered: most of the CPU time of an answer that is ready anyway. Here the main thread answers itself whatever the
application has as bytes, on connections that are kept alive, and never waits for anybody: it takes only requests that
have come whole, asks once for all that have come together, and leaves to a thread what a slow reader does not take.
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
    from cafe.serving.page_cache import Ready

MOST_HEAD = 4096  # bytes of a request's line and headers
MOST_SENDING_S = 60  # then who does not read is hung up on
WHOLE = re.compile(
    rb"GET (/[-\w/]*) HTTP/1\.1\r\n"
    rb"(?:(?!Connection:(?! ?keep-alive\r)|Content-Length|Transfer-Encoding|Expect|Upgrade)[^\r\n]+\r\n)+\r\n",
    re.IGNORECASE,
)


class PromptWorker(DrainingWorker):
    """The worker. Its application says with `ready(path, times)` what it can answer at once, if anything.

    A request that turns out to be another, or cannot be read, goes to a thread as it is, which does all that gunicorn
    does. So does the first of a connection, and every one while the worker stops.
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
        """Return the path of a request that has come whole, with nothing behind it. Its bytes stay where they are."""
        try:
            found = WHOLE.fullmatch(client.recv(MOST_HEAD, socket.MSG_PEEK))
        except OSError:  # a thread will see it again
            return None
        return found[1].decode() if found else None

    def _ready(self, path: str, times: int) -> "Ready | None":
        try:
            ready: Ready | None = self.wsgi.ready(path, times)
        except Exception:
            self.log.exception("Nothing is ready")
            return None
        return ready

    def _answer(self, conn: Any, answer: "Ready") -> None:
        try:
            request = next(conn.parser)
        except Exception as error:  # gunicorn's answer to it is written by a thread
            self._to_a_thread(conn, partial(_raise, error))
            return
        parts = Parts()
        try:
            response, environ = wsgi.create(request, parts, conn.client, conn.server, self.cfg)
            body = answer(environ, response.start_response)
            for part in body or ():
                response.write(part)
            if body is not None:
                response.close()
        except Exception:  # nothing is sent: a thread meets the same, and says so
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
            self.keepalived_conns.remove(conn)  # they stand in the order in which they end
            self.keepalived_conns.append(conn)

    def _send_rest(self, conn: Any, rest: bytes) -> bool:
        """Send it, as slowly as the client reads; by a thread. Returns whether the connection can be used again."""
        try:
            conn.sock.settimeout(MOST_SENDING_S)
            conn.sock.sendall(rest)
        except OSError:
            return False
        return True

    def _to_a_thread(self, conn: Any, read: Callable[[], Any]) -> None:
        conn.parser = ReadAhead(conn.parser, read)
        super().on_client_socket_readable(conn, conn.sock)

    def _by_a_thread(self, conn: Any, work: Callable[..., Any], *args: Any) -> None:
        self.tpool.submit(work, conn, *args).add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, conn, future)
        )

    def _forget(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)


class Parts(list[bytes]):
    """Takes what gunicorn would send over a socket."""

    def sendall(self, part: bytes) -> None:
        self.append(part)


class ReadAhead:
    """A connection's parser whose next request has been read, or could not be."""

    def __init__(self, parser: Any, read: Callable[[], Any]) -> None:
        self._parser: Any = parser._parser if isinstance(parser, ReadAhead) else parser
        self._read: Callable[[], Any] | None = read

    def __next__(self) -> Any:
        read, self._read = self._read, None
        return read() if read else next(self._parser)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)


def _raise(error: Exception) -> None:
    raise error
