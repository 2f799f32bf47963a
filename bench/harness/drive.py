"""Generate bounded load on local addresses from the other core (wrk: peaks; h2load: time lines, open loops)."""

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Cell, Part
from bench.harness.groups import ASKED_FROM, Group
from bench.harness.load import Load, read
from bench.harness.rounds import BUSY_PERCENT, Measure
from bench.harness.samples import Sample, curve, table

SCRIPTS = Path(__file__).parent.parent / "scripts"
WAITS_S = 30  # timeout for a generator to exit after its duration
Parts = Mapping[str, Sequence[Group]]  # "programs": [group, group], "database": [group], …


@dataclass(frozen=True)
class Way:
    """The requests of a load: URL, connections and headers; `script` is a file of SCRIPTS with its arguments."""

    url: str
    connections: int = 16
    headers: tuple[str, ...] = ()
    script: tuple[str, ...] = ()


def peak(way: Way, parts: Parts, *, seconds: float) -> Measure:
    """Return the answers a second of a closed loop of wrk, and each part's CPU (µs) per answer. Raises RuntimeError
    when wrk is missing or fails."""
    _check_local(way.url)
    script = ["-s", str(SCRIPTS / way.script[0])] if way.script else []
    command = ["wrk", "-t1", f"-c{way.connections}", f"-d{max(1, round(seconds))}s", *script, *_sent(way)]
    command += [way.url, *(["--", *way.script[1:]] if way.script else [])]
    watch = Watch(parts)
    with _generator() as group:
        load = read(_run(command, group, seconds))
        busy = group.cpu_s()
    return Measure(
        value=load.a_second,
        cpu_us=watch.cpu_us(load.answers),
        generator_percent=100 * busy / load.seconds,
        failed=load.failed,
        answers=load.answers,
    )


@dataclass(frozen=True)
class Line:
    """The settings of a time line: `rate` requests a second in all (None: a closed loop), `idle` more connections."""

    name: str
    users: str
    seconds: float
    rate: float | None = None
    idle: int = 0
    bin_s: float = 1.0
    paths: tuple[str, ...] = ()  # requested in rotation; else the way's own URL
    post: str = ""  # the body of a POST


def timeline(way: Way, parts: Parts, line: Line) -> Cell:
    """Return the cell of an h2load run, from its log of single answers. Raises RuntimeError when h2load is missing or
    fails."""
    _check_local(way.url)
    with tempfile.TemporaryDirectory(prefix="cafe-bench-") as folder, idle_connections(way.url, line.idle):
        watch = Watch(parts)
        log = Path(folder) / "answers"
        command = h2load(way, line, log, Path(folder))
        with _generator() as group:
            began = time.time()
            said = _run(command, group, line.seconds)
            busy = 100 * group.cpu_s() / line.seconds
        samples, failed = samples_of(log, began, said)
        sent = sent_bytes(way, line) * len(samples)
    received = int(re.search(r"traffic: \S+ \((\d+)\)", said)[1])  # type: ignore[index]
    why_not = f"The generator was {busy:.0f} % busy." if busy >= BUSY_PERCENT else ""
    return Cell(
        name=line.name,
        users=line.users,
        table=table(samples, line.seconds, received, sent),
        curve=curve(samples, line.seconds, line.bin_s),
        parts=[*watch.parts(line.seconds), Part("generator", round(busy, 1), None)],
        cpu_us=round(sum(watch.cpu_us(len(samples) - failed).values()), 1) if len(samples) > failed else None,
        generator="h2load --h1",
        generator_percent=round(busy, 1),
        is_valid=not why_not,
        why_not=why_not,
    )


class Watch:
    """Measures the CPU time of each part since its creation, and the parts' present memory."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._before = self._used()

    def _used(self) -> dict[str, float]:
        return {name: sum(group.cpu_s() for group in groups) for name, groups in self._parts.items()}

    def cpu_s(self) -> dict[str, float]:
        return {name: used - self._before[name] for name, used in self._used().items()}

    def cpu_us(self, answers: int) -> dict[str, float]:
        return {name: round(used * 1e6 / max(answers, 1), 1) for name, used in self.cpu_s().items()}

    def parts(self, seconds: float) -> list[Part]:
        memory = {name: sum(group.memory_mib() for group in groups) for name, groups in self._parts.items()}
        return [
            Part(name, round(100 * used / seconds, 1), round(memory[name], 1)) for name, used in self.cpu_s().items()
        ]


def h2load(way: Way, line: Line, log: Path, folder: Path) -> list[str]:
    command = [
        "h2load",
        "--h1",
        "-t1",
        f"-c{way.connections}",
        f"-D{1000 * line.seconds:.0f}ms",
        f"--log-file={log}",
        *_sent(way),
    ]
    if line.rate:
        command.append(f"--rps={line.rate / way.connections:g}")
    if line.post:
        (folder / "body").write_text(line.post)
        command += [f"--data={folder}/body", "-H", "Content-Type: application/json"]
    return [*command, *([way.url.rstrip("/") + path for path in line.paths] or [way.url])]


def follow(way: Way, script: str, *, apart_ms: float, ends: threading.Event) -> list[Sample]:
    """Run an open loop with a changing rate until `ends` is set: each connection follows h2load's timing `script` and
    begins `apart_ms` after the one before. Return each answer with its time since the start."""
    _check_local(way.url)
    with tempfile.TemporaryDirectory(prefix="cafe-bench-") as folder, _generator() as group:
        log, lines = Path(folder) / "answers", Path(folder) / "script"
        lines.write_text(script)
        command = ["h2load", "--h1", "-t1", f"-c{way.connections}", "-r1", f"--rate-period={max(apart_ms, 1):.0f}ms"]
        command += [f"--timing-script-file={lines}", f"--log-file={log}", *_sent(way)]
        began = time.time()
        with subprocess.Popen(group.command(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as asking:
            ends.wait()
            asking.terminate()  # loses no sample: h2load does not buffer its log
        return samples_of(log, began, "")[0]


def samples_of(log: Path, began: float, said: str) -> tuple[list[Sample], int]:
    """Return the samples of h2load's log, each at the end of its answer, and the number of failures.

    Requests without an answer are not in the log; they are counted from its output `said`."""
    samples = []
    for line in log.read_text().splitlines():
        start_us, status, took_us = line.split("\t")[:3]
        at_s = (int(start_us) + int(took_us)) / 1e6 - began
        samples.append(Sample(max(at_s, 0.0), int(took_us) / 1000, 200 <= int(status) < 400, 0))
    told = re.search(r"(\d+) failed, (\d+) errored, (\d+) timeout", said)
    lost = int(told[2]) + int(told[3]) if told else 0
    return samples, sum(not sample.ok for sample in samples) + lost


def sent_bytes(way: Way, line: Line) -> int:
    """Return how many bytes h2load sends for one request, by receiving one on a local socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{'/' if line.paths else _path(way.url)}"
        once = Line(line.name, "", 1, paths=line.paths[:1], post=line.post)
        command = h2load(Way(url, 1, way.headers), once, Path(folder) / "log", Path(folder))
        command = [word for word in command if not word.startswith("-D")] + ["-n1"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connection, _address = listener.accept()
        with connection:
            connection.settimeout(2)
            heard = _hear(connection, len(line.post.encode()))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        process.kill()
        process.wait()
    return heard


def _hear(connection: socket.socket, body: int) -> int:
    heard = b""
    while b"\r\n\r\n" not in heard or len(heard.partition(b"\r\n\r\n")[2]) < body:
        more = connection.recv(65536)
        if not more:
            break
        heard += more
    return len(heard)


@contextlib.contextmanager
def idle_connections(url: str, count: int) -> Iterator[None]:
    """Keep `count` idle connections open while the block runs; each has sent one request before."""
    if not count:
        yield
        return
    port = int(url.split(":")[2].split("/")[0])
    kept = [socket.create_connection(("127.0.0.1", port), timeout=10) for _number in range(count)]
    hello = b"HEAD /zh-hans/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for connection in kept:
        connection.sendall(hello)
    for connection in kept:
        connection.recv(4096)
    try:
        yield
    finally:
        for connection in kept:
            connection.close()


@contextlib.contextmanager
def _generator() -> Iterator[Group]:
    group = Group("generator", core=ASKED_FROM)
    try:
        yield group
    finally:
        group.close()


def _run(command: list[str], group: Group, seconds: float) -> str:
    if not shutil.which(command[0]):
        raise RuntimeError(f"{command[0]} is not here (Debian: apt-get install wrk nghttp2-client)")
    done = subprocess.run(group.command(command), capture_output=True, text=True, timeout=seconds + WAITS_S)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _sent(way: Way) -> list[str]:
    return [word for header in way.headers for word in ("-H", header)]


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _check_local(url: str) -> None:
    assert url.startswith("http://127.0.0.1:"), "load is for local addresses"


__all__ = ["Line", "Load", "Parts", "Watch", "Way", "peak", "timeline"]
