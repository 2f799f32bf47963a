"""Load generation and control groups of `bin/bench`, against a minimal HTTP server."""

import os
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from bench.harness import groups
from bench.harness.drive import Line, Way, follow, idle_connections, peak, sent_bytes, timeline
from bench.harness.groups import SERVED_ON, Group, why_not

needs_load = pytest.mark.skipif(
    not (shutil.which("h2load") and shutil.which("wrk")) and os.environ.get("CI") != "true",
    reason="bin/packages load",
)


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        self._answer(503 if self.path == "/busy" else 200)

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(201 if self.headers["Content-Type"] == "application/json" else 415)

    def _answer(self, status: int, body: bytes = b"hello") -> None:
        self.asked.append((self.command, self.path))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        Answers.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.only_full
@needs_load
def test_a_time_line_counts_what_was_answered_and_what_was_refused(url) -> None:
    cell = timeline(Way(url, 2), {}, Line("name", "2", 1, rate=40, bin_s=0.5, paths=("/", "/busy")))
    refused = [path for _method, path in Answers.asked].count("/busy")
    assert 0 < cell.table.samples <= 44, "as many as were asked for, or fewer on a busy machine"
    assert cell.table.samples == pytest.approx(len(Answers.asked), abs=2)
    assert cell.table.errors_percent == pytest.approx(100 * refused / len(Answers.asked), abs=10)
    good = len(Answers.asked) - refused
    assert 0 < sum(cell.curve.throughput) * 0.5 <= good, "a late answer is on no curve"
    assert cell.table.min_ms > 0
    assert {path for _method, path in Answers.asked} >= {"/", "/busy"}


@needs_load
def test_an_order_is_posted_as_json(url) -> None:
    cell = timeline(Way(f"{url}/orders", 1), {}, Line("name", "1", 1, rate=10, post='{"quantity":1}'))
    assert cell.table.errors_percent == 0
    assert ("POST", "/orders") in Answers.asked


@needs_load
def test_what_is_sent_is_counted_by_listening(url) -> None:
    line = Line("name", "1", 1, paths=("/",))
    plain, longer = (sent_bytes(Way(url, 1, headers=headers), line) for headers in ((), ("X-More: 1234",)))
    assert longer - plain == len("x-more: 1234\r\n")


@pytest.mark.only_full
@needs_load
def test_a_script_is_followed_until_it_is_enough(url) -> None:
    script = "".join(f"{at_ms}\t{url}/{at_ms}\n" for at_ms in (0, 200, 400, 600_000))
    ends = threading.Event()
    threading.Timer(2, ends.set).start()
    samples = follow(Way(url, 2), script, apart_ms=10, ends=ends)
    assert len(samples) == 6
    assert max(sample.at_s for sample in samples) > 0.4
    assert sorted(path for _method, path in Answers.asked) == ["/0", "/0", "/200", "/200", "/400", "/400"]


@pytest.mark.only_full
@needs_load
def test_a_peak_is_of_answers_and_tells_of_failures(url) -> None:
    good, bad = (peak(Way(url + path, 2), {}, seconds=1) for path in ("/", "/busy"))
    assert good.value > 0
    assert good.failed == 0
    assert bad.failed == bad.answers > 0


@pytest.mark.only_full
def test_connections_stay_open_beside_the_load(url) -> None:
    with idle_connections(url, 20):
        assert Answers.asked == [("HEAD", "/zh-hans/")] * 20


def test_load_is_for_this_machine_alone() -> None:
    with pytest.raises(AssertionError, match="local"):
        peak(Way("http://192.0.2.1/"), {}, seconds=1)


@pytest.mark.parametrize("are_there", [True, False])
def test_a_group_knows_what_its_processes_have_used(monkeypatch, tmp_path, are_there) -> None:
    if not are_there:
        monkeypatch.setattr(groups, "BASE", tmp_path)  # as if control groups were not allowed
        assert groups.why_not()
    group = Group("test")
    command = group.command([sys.executable, "-c", "sum(range(5_000_000)); input()"])
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        while group.cpu_s() < 0.05:
            assert process.poll() is None
        assert process.pid in group.processes()
        assert group.memory_mib() > 1
        assert f"Cpus_allowed_list:\t{SERVED_ON}" in Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.communicate(b"\n")
        group.close()


@pytest.mark.skipif(bool(why_not()), reason=f"no control groups: {why_not()}")
def test_a_quota_holds() -> None:
    group = Group("test", quota=0.2)
    code = "import time; end = time.monotonic() + 1\nwhile time.monotonic() < end: pass"
    subprocess.run(group.command([sys.executable, "-c", code]), check=True)
    used = group.cpu_s()
    group.close()
    assert used < 0.2 * 1.6  # tolerance: the process start adds CPU time to the measured second
