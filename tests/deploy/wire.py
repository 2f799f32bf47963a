"""Raw HTTP over sockets: requests that no library would send, and the answers parsed from the bytes."""

import re
import socket
import threading
import time
from typing import NamedTuple, Self

from tests.deploy.crowd import HasPort

HEAD = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n(.*?\r\n)??\r\n", re.DOTALL)


class Reply(NamedTuple):
    """One HTTP answer; `headers` are (lower-case name, value) pairs as received, with duplicates."""

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
    """Send `said`; return all bytes received until the server closes, or until `silence_s` after the last byte."""
    heard, deadline = b"", time.monotonic() + most_s
    with socket.create_connection(("127.0.0.1", server.port), timeout=most_s) as line:
        # The server may answer and close while we still send: the bytes received until then are the answer.
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
    """Parse the received bytes into answers. Bytes that are no HTTP answer become one with status 0."""
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
    """Send one request after which the server closes the connection; return its one answer."""
    told = replies(say(server, said, silence_s=10))
    assert len(told) == 1, told
    return told[0]


class HalfSaid:
    """A client that has sent part of a request."""

    def __init__(self, server: HasPort, said: bytes) -> None:
        self.line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.line.sendall(said)

    def say(self, said: bytes) -> bool:
        """Send more; return whether the connection is still open."""
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
