"""Lock files: each installed requirement has one pinned version, and the hash of each of its files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ASKED = sorted([*ROOT.glob("requirements*.in"), *ROOT.glob("bench/requirements/*.in")])
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", re.MULTILINE)


def pins(file: Path) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(file.read_text())}


@pytest.mark.parametrize("asked", ASKED, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_lock_holds_what_is_asked_for_and_hashes(asked: Path) -> None:
    """Control: bin/lock was forgotten after a change of an .in file."""
    lock = asked.with_suffix(".txt")
    assert pins(asked)
    assert pins(asked).items() <= pins(lock).items(), "run bin/lock"
    for requirement in re.split(r"\n(?=\S)", lock.read_text().strip()):
        assert re.search(r"==.*--hash=sha256:[0-9a-f]{64}", requirement, re.DOTALL), requirement


def test_the_tests_run_on_the_versions_that_the_cafe_runs_on() -> None:
    dev = pins(ROOT / "requirements-dev.txt")
    for name in ("requirements.txt", "requirements-mysql.txt"):
        assert pins(ROOT / name).items() <= dev.items()
