"""bin/setup, tested by its output. The script is real; the Python that it finds on PATH is a fake."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FAKE_PYTHON = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
    "-m venv"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; touch .venv/pip ;;
    "-m pip --version") test -f .venv/pip ;;
    "-m pip"*requirements-mysql.txt) echo "mysql_config: not found"; exit "${DRIVER:-0}" ;;
    *ensurepip*) exit "${VENV_MODULE:-0}" ;;
    *print*) echo 3.11 ;;
    *"version_info <"*) exit "${TOO_OLD:-0}" ;;
    --version) echo Python 3.11.2 ;;
esac
"""
SUDO = "" if os.getuid() == 0 else "sudo "
Setup = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the files that bin/setup uses, with a fake python3.11 in the folder `path`."""
    clone = tmp_path / "clone"
    (clone / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "bin/setup", clone / "bin/setup")
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, clone)
    (clone / "path").mkdir()
    for tool in ("sh", "dirname", "cat", "cksum", "id", "rm", "mkdir", "cp", "touch"):
        (clone / "path" / tool).symlink_to(shutil.which(tool) or tool)
    fake = clone / "path/python3.11"
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    return clone


@pytest.fixture
def setup(clone: Path) -> Setup:
    """Return a function that runs bin/setup: `setup("--dev", DRIVER="1")`."""

    def run(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        calls = {"CALLS": str(clone / "calls"), "PATH": str(clone / "path")}
        return subprocess.run(
            [clone / "bin/setup", *arguments], cwd=clone, env=calls | env, capture_output=True, text=True
        )

    return run


def test_missing_python_is_said(clone: Path, setup: Setup) -> None:
    (clone / "path/python3.11").unlink()
    done = setup()
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.11 or newer found.\n")


def test_an_old_python_is_not_taken(clone: Path, setup: Setup) -> None:
    done = setup(TOO_OLD="1")
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.11 or newer found.\n")
    assert not (clone / ".venv").exists()


def test_a_missing_venv_module_gets_the_command_that_adds_it(clone: Path, setup: Setup) -> None:
    done = setup(VENV_MODULE="1")
    assert done.returncode == 1
    assert done.stderr == (
        "Python 3.11 is here, but its venv module is not. Add it, then run this again:\n"
        f"    {SUDO}apt-get install -y python3.11-venv\n"
    )
    assert not (clone / ".venv").exists()


def test_a_driver_that_cannot_be_built_is_left_out_with_one_line(clone: Path, setup: Setup) -> None:
    first = setup(DRIVER="1")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1].startswith("The MySQL driver is left out")
    assert "mysql_config" not in first.stdout
    (clone / "calls").unlink()
    second = setup(DRIVER="1")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert "pip" not in (clone / "calls").read_text()


@pytest.mark.parametrize(("arguments", "env"), [([], {"DB_HOST": "db"}), (["--dev"], {})], ids=["DB_HOST", "--dev"])
def test_a_driver_that_is_asked_for_and_cannot_be_built_stops_the_start(
    setup: Setup, arguments: list[str], env: dict[str, str]
) -> None:
    assert setup(DRIVER="1").returncode == 0
    done = setup(*arguments, DRIVER="1", **env)
    assert done.returncode == 1
    packages = "gcc pkg-config default-libmysqlclient-dev python3.11-dev"
    assert done.stderr.splitlines()[-1] == f"    {SUDO}apt-get install -y {packages}"


def test_a_half_made_environment_is_made_anew(clone: Path, setup: Setup) -> None:
    """Debian leaves such an environment, a Python without pip, when its venv package is missing."""
    (clone / ".venv/bin").mkdir(parents=True)
    shutil.copy(clone / "path/python3.11", clone / ".venv/bin/python")
    done = setup()
    assert done.returncode == 0, done.stderr
    assert "Making .venv with Python 3.11.2." in done.stdout


def test_a_changed_requirement_is_installed(clone: Path, setup: Setup) -> None:
    assert setup().returncode == 0
    with (clone / "requirements.txt").open("a") as requirements:
        requirements.write("segno==1.6.6\n")
    assert setup().stdout == "Installing what the café runs on.\n"
