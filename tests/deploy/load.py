"""Load generator for orders, in its own process: one epoll loop over bare sockets, so that sending a request costs a
small part of what answering it does.

    took = ask(edge, rate=2000, seconds=4)        # open loop: sends at this rate, without waiting for answers
    took = ask(edge, at_once=16, seconds=2)       # closed loop: 16 customers, each with one order after another

Each order has its own idempotency key and its own client address, sent in X-Forwarded-For: the edge must trust
127.0.0.1.
"""

import json
import re
import resource
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from statistics import median
from typing import NamedTuple

from tests.deploy.crowd import HasPort

BODY = '{"customer_name":"王芳","coffee_type":"latte","quantity":1}'.encode()
ASK = (
    "POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\nX-Forwarded-For: %s\r\nIdempotency-Key: %s\r\n\r\n"
)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
WAITS_FOR_THE_LAST_S = 30
MAX_OPEN = 3500
WARM_S = 0.5


class Told(NamedTuple):
    """The outcome of one order; status 0 means no answer.

    `late_s`: delay between its due time and its sending; `at_s`: time of its answer, from the start of the load.
    """

    key: str
    late_s: float
    at_s: float
    took_s: float
    status: int
    code: str
    retry_after: str
    order_id: int


@dataclass
class LineRequests:
    port: int
    name: str  # prefix of the idempotency keys
    seconds: float
    rate: float = 0
    at_once: int = 0


class Load(list[Told]):
    """The outcomes of all orders, in the order of their answers."""

    def __init__(self, told: list[Told], seconds: float) -> None:
        super().__init__(told)
        self.seconds = seconds

    @property
    def goodput(self) -> float:
        """Orders placed per second while the load lasted, without the first WARM_S seconds."""
        placed = sum(told.status == 201 and WARM_S < told.at_s <= self.seconds for told in self)
        return placed / (self.seconds - WARM_S)

    @property
    def placed(self) -> dict[str, int]:
        return {told.key: told.order_id for told in self if told.status == 201}

    @property
    def refused(self) -> list[Told]:
        return [told for told in self if told.status != 201]

    @property
    def offered(self) -> float:
        return len(self) / self.seconds

    def median_ms(self, *, placed: bool) -> float:
        return 1000 * median([told.took_s for told in self if (told.status == 201) is placed] or [0])

    def late_ms(self, share: float) -> float:
        """The quantile `share` of `late_s`, in milliseconds."""
        late = sorted(told.late_s for told in self)
        return 1000 * late[min(int(share * len(late)), len(late) - 1)]

    def answers(self) -> Counter[tuple[int, str]]:
        return Counter((told.status, told.code) for told in self)

    def in_words(self) -> str:
        return (
            f"{self.offered:.0f}/s asked, {self.goodput:.0f}/s placed, median {self.median_ms(placed=True):.0f} ms;"
            f" {len(self.refused)} refused, median {self.median_ms(placed=False):.1f} ms;"
            f" asked {self.late_ms(0.5):.1f} ms late (99 %: {self.late_ms(0.99):.0f})"
        )


def ask(edge: HasPort, *, name: str, seconds: float, rate: float = 0, at_once: int = 0) -> Load:
    asked = LineRequests(edge.port, name, seconds, rate, at_once)
    done = subprocess.run(
        [sys.executable, "-m", __name__, json.dumps(asdict(asked))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Load([Told(*told) for told in json.loads(done.stdout)], seconds)


# Code of the generator process


class Line:
    """One kept-alive connection, with at most one pending order."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.number = -1
        self.due_s = self.sent_s = 0.0
        self.heard = b""


class Generator:
    def __init__(self, asked: LineRequests) -> None:
        self.asked = asked
        self.poll = select.epoll()
        self.lines: dict[int, Line] = {}
        self.free: deque[Line] = deque()
        self.told: list[Told] = []
        self.sent = 0
        self.started = time.monotonic()

    def run(self) -> list[Told]:
        asked = self.asked
        most = int(asked.rate * asked.seconds) if asked.rate else sys.maxsize
        end = self.started + asked.seconds
        while (now := time.monotonic()) < end + WAITS_FOR_THE_LAST_S:
            is_open = self.sent < most if asked.rate else now < end
            if asked.rate:
                while self.sent < most and (due := self.started + self.sent / asked.rate) <= now and self.has_room:
                    self.send(due)
            else:
                while is_open and len(self.lines) - len(self.free) < asked.at_once:
                    self.send(now)
            if not is_open and len(self.free) == len(self.lines):
                break
            next_s = self.started + self.sent / asked.rate if asked.rate and is_open else now + 0.05
            for number, _event in self.poll.poll(max(next_s - time.monotonic(), 0.0 if self.has_room else 0.001)):
                self.hear(self.lines[number])
        for line in self.lines.values():
            if line.number >= 0:
                self.note(line, 0, "", "", 0)
        return self.told

    @property
    def has_room(self) -> bool:
        """Whether a connection is free or may be opened; if not, the next order is sent late (`late_s`)."""
        return bool(self.free) or len(self.lines) < MAX_OPEN

    def send(self, due_s: float) -> None:
        line = self.free.pop() if self.free else self.new_line()
        line.number, line.due_s, line.sent_s, line.heard = self.sent, due_s, time.monotonic(), b""
        number = self.sent
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        line.socket.send((ASK % (address, f"{self.asked.name}-{number}")).encode() + BODY)
        self.sent += 1

    def new_line(self) -> Line:
        line = Line(self.asked.port)
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket.fileno(), select.EPOLLIN)
        return line

    def hear(self, line: Line) -> None:
        try:
            heard = line.socket.recv(65536)
        except OSError:
            heard = b""
        line.heard += heard
        head, found, body = line.heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if found else None
        if length and len(body) >= int(length[1]):
            self.note_answer(line, head.decode("latin-1"), body)
        if not heard or (length and line.number < 0 and b"\r\nConnection: close" in head):
            self.hang_up(line)
        elif length and line.number < 0:
            self.free.append(line)

    def note_answer(self, line: Line, head: str, body: bytes) -> None:
        retry = re.search(r"\r\nRetry-After: *(\S+)", head)
        said = json.loads(body)
        code = said["error"]["code"] if "error" in said else ""
        self.note(line, int(head[9:12]), code, retry[1] if retry else "", said.get("order_id", 0))

    def note(self, line: Line, status: int, code: str, retry_after: str, order_id: int) -> None:
        now = time.monotonic()
        key = f"{self.asked.name}-{line.number}"
        late_s, at_s, took_s = line.sent_s - line.due_s, now - self.started, now - line.sent_s
        self.told.append(Told(key, late_s, at_s, took_s, status, code, retry_after, order_id))
        line.number = -1

    def hang_up(self, line: Line) -> None:
        if line.number >= 0:
            self.note(line, 0, "", "", 0)
        if line in self.free:
            self.free.remove(line)
        del self.lines[line.socket.fileno()]
        line.socket.close()


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(Generator(LineRequests(**json.loads(sys.argv[1]))).run()))
