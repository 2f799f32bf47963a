"""Run Locust headless in the bench: the users of bench/locustfile.py, with a sample of each answer."""

import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Curve, Table
from bench.harness.samples import Sample, curve, table
from bench.harness.servers import ROOT

LOCK = ROOT / "bench" / "requirements" / "load.txt"
FOLDER = ROOT / "var" / "bench" / "venv"
PEOPLE = ROOT / "bench" / "locustfile.py"
SAMPLES = ROOT / "bench" / "harness" / "locust_samples.py"
NAME = "browse, order, watch (90/8/2)"


@dataclass(frozen=True)
class Answer:
    """A line of bench/harness/locust_samples.py."""

    sample: Sample
    kind: str  # "ok", "refused" politely, "failed"
    sent_bytes: int
    name: str


@dataclass(frozen=True)
class MixResult:
    table: Table  # of all requests; an expected refusal is no error
    curve: Curve
    by_name: dict[str, Table]  # "menu page", "order" …
    refused: dict[str, int]  # expected refusals by name: sold out, or 429 or 503 with Retry-After
    failed: dict[str, int]
    seconds: float
    generator_percent: float  # CPU of a core
    said: str  # Locust's output: its own tables, and the errors


def install() -> Path:
    """Return Locust's executable in its own virtual environment. Uses the network only when its lock file changed."""
    stamp = FOLDER / ".pin"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        print(f"Installing Locust into {FOLDER.relative_to(ROOT)}.", file=sys.stderr)
        venv.create(FOLDER, with_pip=True, clear=True)
        command = [str(FOLDER / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "--require-hashes", "-r", str(LOCK)], check=True)
        stamp.write_text(LOCK.read_text())
    return FOLDER / "bin" / "locust"


def run(
    host: str,
    *,
    users: int,
    spawn_rate: float,
    seconds: int,
    core: int | None = None,
    env: dict[str, str] | None = None,
) -> MixResult:
    """Run `users` users, started `spawn_rate` a second, and return their result with the actual duration (s).

    Locust is pinned to `core`; `env` may hold CAFE_THINK_S and CAFE_TWICE. Raises RuntimeError, with Locust's output,
    when Locust did not run; failures of the café are in the result.
    """
    assert host.startswith("http://127.0.0.1:"), "load is for local addresses"
    pinned = ["taskset", "--cpu-list", str(core)] if core is not None else []
    command = [*pinned, str(install()), "-f", f"{PEOPLE},{SAMPLES}", "--headless", "--only-summary", "--host", host]
    command += ["--users", str(users), "--spawn-rate", str(spawn_rate), "--run-time", f"{seconds}s"]
    command += ["--stop-timeout", "10", "--exit-code-on-error", "0"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "samples")
        own = os.environ | {"CAFE_SAMPLES": str(file)} | (env or {})
        done = subprocess.run(command, env=own, capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode or not file.exists():
            raise RuntimeError(f"Locust did not run:\n{done.stdout}{done.stderr}")
        return read(file.read_text(), said=done.stdout + done.stderr)


def read(text: str, *, said: str = "") -> MixResult:
    """Parse the log that bench/harness/locust_samples.py wrote."""
    *lines, last = text.splitlines()
    seconds, cpu_s = map(float, last.split("\t"))
    answers = [_answer(line) for line in lines]
    names = sorted({answer.name for answer in answers})
    return MixResult(
        table=_table(answers, seconds),
        curve=curve([answer.sample for answer in answers], seconds),
        by_name={name: _table([answer for answer in answers if answer.name == name], seconds) for name in names},
        refused=_count(answers, "refused"),
        failed=_count(answers, "failed"),
        seconds=seconds,
        generator_percent=100 * cpu_s / seconds,
        said=said,
    )


def _answer(line: str) -> Answer:
    at_s, took_ms, kind, received, sent, name = line.split("\t")
    return Answer(Sample(float(at_s), float(took_ms), kind != "failed", int(received)), kind, int(sent), name)


def _table(answers: list[Answer], seconds: float) -> Table:
    samples = [answer.sample for answer in answers]
    received = sum(sample.received_bytes for sample in samples)
    return table(samples, seconds, received, sum(answer.sent_bytes for answer in answers))


def _count(answers: Iterable[Answer], kind: str) -> dict[str, int]:
    return dict(Counter(answer.name for answer in answers if answer.kind == kind))
