"""A TCP proxy between the edge and an instance, which tests break (fault injection)."""

import contextlib
import socket
import threading
import time

SORRY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsorry\n"


class BrokenNetwork:
    """Forwards each connection to the instance at `port`, after `delay_s`. The next `answers_to_lose` answers are
    read to their end, so that the request is executed, and then the connection is closed without them. While it
    `is_dead`, it drops all data silently; while it `is_sorry`, it answers every request with 503."""

    def __init__(self, port: int) -> None:
        self._program = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.answers_to_lose = 0
        self.is_dead = False
        self.is_sorry = False
        self.delay_s = 0.0
        self.heard: list[str] = []  # the first line of each request
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                edge, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=[edge], daemon=True).start()

    def _serve(self, edge: socket.socket) -> None:
        with edge, contextlib.suppress(OSError), socket.create_connection(self._program) as program:
            asking = threading.Thread(target=self._pass_on, args=[edge, program], daemon=True)
            asking.start()
            while some := program.recv(65536):
                if self.answers_to_lose and some.startswith(b"HTTP/1.1 "):
                    self.answers_to_lose -= 1
                    break
                edge.sendall(some)
            for end in (edge, program):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, edge: socket.socket, program: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while some := edge.recv(65536):
                if b" HTTP/1.1\r\n" in some:
                    self.heard.append(some.partition(b" HTTP/1.1\r\n")[0].decode())
                time.sleep(self.delay_s)
                if self.is_sorry:
                    edge.sendall(SORRY)
                    edge.shutdown(socket.SHUT_RDWR)
                elif not self.is_dead:
                    program.sendall(some)
