"""A TCP proxy between the browser and the café that delays each request, some longer than others."""

import contextlib
import socket
import threading
import time


class SlowNetwork:
    """Forwards each connection to the café at `port`. A request is delayed by `delay_s`, or by the seconds that
    `delays_s` has for the first of its keys that the request line contains.

    `most_at_once` is the largest number of cart writes in progress at the same time.
    """

    def __init__(self, port: int) -> None:
        self._cafe = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.delay_s = 0.0
        self.delays_s: dict[str, float] = {}
        self.most_at_once = 0
        self._on_their_way = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=[browser], daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        writes: list[bool] = []  # for each unanswered request of this connection: is it a cart write?
        with browser, contextlib.suppress(OSError), socket.create_connection(self._cafe) as cafe:
            threading.Thread(target=self._pass_on, args=[browser, cafe, writes], daemon=True).start()
            while some := cafe.recv(65536):
                if some.startswith(b"HTTP/1.1 ") and writes and writes.pop(0):
                    self._count(-1)
                browser.sendall(some)
            for end in (browser, cafe):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, browser: socket.socket, cafe: socket.socket, writes: list[bool]) -> None:
        with contextlib.suppress(OSError):
            while some := browser.recv(65536):
                first = some.partition(b" HTTP/1.1\r\n")[0].decode("latin-1")
                writes.append(first.startswith("POST") and "/cart/" in first)
                self._count(int(writes[-1]))
                time.sleep(next((delay for text, delay in self.delays_s.items() if text in first), self.delay_s))
                cafe.sendall(some)

    def _count(self, more: int) -> None:
        with self._lock:
            self._on_their_way += more
            self.most_at_once = max(self.most_at_once, self._on_their_way)
