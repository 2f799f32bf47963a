"""A fake café with one item that sends prescribed answers, to test that the load detects wrong ones."""

import itertools
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

MENU = {"categories": [{"items": [{"slug": "latte", "sold_out": False, "option_groups": []}]}]}


class Answer(NamedTuple):
    status: int
    said: dict[str, Any] = {}
    headers: dict[str, str] = {}


@contextmanager
def cafe_that_answers(orders: Iterable[Answer]) -> Iterator[str]:
    """Yield the fake café's URL. A POST gets the next of these answers, in rotation; a GET gets MENU."""
    turns = itertools.cycle(orders)

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(Answer(200, MENU))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(next(turns))

        def answer(self, answer: Answer) -> None:
            body = json.dumps(answer.said).encode()
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Door(ThreadingHTTPServer):
        request_queue_size = 128  # the accept queue, for many connections at the same moment

    with Door(("127.0.0.1", 0), Counter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
