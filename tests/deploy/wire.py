"""Requests byte by byte, as no library would send them, and every answer that came back."""

import re
import socket
import threading
import time
from typing import NamedTuple, Self

from tests.deploy.crowd import HasPort

HEAD = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n(.*?\r\n)??\r\n", re.DOTALL)


class Reply(NamedTuple):
    """One answer; its headers as they came, name (in lower case) and value, with those that came twice."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name.lower()]

    def header(self, name: str) -> str:
        return (self.all(name) or [""])[0]

    @property
    def whose(self) -> str:
        return self.header("X-Edge-Answer") or "a program"


def request(method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def say(server: HasPort, said: bytes, *, silence_s: float = 1.0, most_s: float = 30) -> bytes:
    """Return all that came back until the server hung up, or until `silence_s` after the last byte."""
    heard, deadline = b"", time.monotonic() + most_s
    with socket.create_connection(("127.0.0.1", server.port), timeout=most_s) as line:
        # While it is sent the answer may come, and the line be cut: what has come by then is the answer.
        sender = threading.Thread(target=_send, args=[line, said], daemon=True)
        sender.start()
        while time.monotonic() < deadline:
            line.settimeout(silence_s if heard else most_s)
            try:
                more = line.recv(65536)
            except OSError:
                break
            if not more:
                break
            heard += more
    sender.join()
    return heard


def _send(line: socket.socket, said: bytes) -> None:
    try:
        line.sendall(said)
    except OSError:
        return


def replies(heard: bytes, *, to: str = "GET") -> list[Reply]:
    """Take what was heard apart. What is no HTTP answer is one with status 0."""
    found: list[Reply] = []
    while heard:
        head = HEAD.match(heard)
        if head is None:
            return [*found, Reply(0, [], heard)]
        lines = [line.partition(":") for line in (head[2] or b"").decode("latin-1").splitlines()]
        headers = [(name.lower(), value.strip()) for name, _colon, value in lines]
        reply, rest = Reply(int(head[1]), headers, b""), heard[head.end() :]
        if reply.status == 100:
            heard = rest
            continue
        if to == "HEAD" or reply.status in (204, 304):
            length = 0
        elif reply.header("Transfer-Encoding") == "chunked":
            body, rest = _unchunked(rest)
            found.append(reply._replace(body=body))
            heard = rest
            continue
        else:
            length = int(reply.header("Content-Length") or len(rest))
        found.append(reply._replace(body=rest[:length]))
        heard = rest[length:]
    return found


def _unchunked(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _end, rest = rest.partition(b"\r\n")
        length = int(size or b"0", 16)
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            return body, rest


def answer_to(server: HasPort, said: bytes) -> Reply:
    """Return the one answer to one request that ends its connection by itself."""
    told = replies(say(server, said, silence_s=10))
    assert len(told) == 1, told
    return told[0]


class HalfSaid:
    """Somebody who began a request and has not ended it."""

    def __init__(self, server: HasPort, said: bytes) -> None:
        self.line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.line.sendall(said)

    def say(self, said: bytes) -> bool:
        """Return whether the line still holds."""
        try:
            self.line.sendall(said)
        except OSError:
            return False
        return True

    def leave(self) -> None:
        self.line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.leave()
