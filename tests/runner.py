"""Django test runner for `manage.py test`: it translates Django's arguments and runs `python -m pytest`."""

import argparse
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# Maps Django's options to pytest's. "" drops an option that pytest does not need.
SWITCHES = {"--failfast": "--exitfirst", "--keepdb": "--reuse-db", "--noinput": "", "--no-input": ""}
WITH_VALUE = {"--settings": "--ds", "--verbosity": "", "-v": "", "--testrunner": "", "--pythonpath": ""}


def pytest_arguments(given: list[str]) -> list[str]:
    """Return `given`, the arguments after `manage.py test`, translated to pytest's arguments."""
    words = deque(given)
    result: list[str] = []
    while words:
        word = words.popleft()
        name, _, value = word.partition("=")
        if name in WITH_VALUE:
            value = value or (words.popleft() if words else "")
            result += [WITH_VALUE[name], value] if WITH_VALUE[name] else []
        elif name == "--parallel":
            result += ["-n", value or (words.popleft() if words and words[0].isdigit() else "auto")]
        elif name in SWITCHES:
            result += [SWITCHES[name]] if SWITCHES[name] else []
        else:
            result.append(_path_of_label(word))
    return result


def _path_of_label(word: str) -> str:
    """Return the path of a dotted label such as `tests.test_imports`; return any other word unchanged."""
    path = f"{word.replace('.', '/')}.py"
    return path if "." in word and (ROOT / path).is_file() else word


class PytestRunner:
    """Django's TEST_RUNNER: runs pytest in a subprocess."""

    def __init__(self, **options: Any) -> None:
        pass

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Make the parser accept unknown arguments: pytest validates them, not Django."""
        parser.parse_args = lambda args: parser.parse_known_args(args)[0]  # type: ignore[method-assign]

    def run_tests(self, test_labels: list[str], **kwargs: Any) -> int:
        """Run pytest and exit with its exit status."""
        given = sys.argv[sys.argv.index("test") + 1 :]
        sys.exit(subprocess.run([sys.executable, "-m", "pytest", *pytest_arguments(given)], cwd=ROOT).returncode)
