"""The test's side of the client process: starts tests/faults/client.py and calls its functions."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tests.harness.running_cafe import ROOT
from tests.harness.servers import die_with_parent


@dataclass(frozen=True)
class Answer:
    """The outcome of one call: a result, an OrderError by name (`refusal`), a database error (`database_away`), or
    any other exception (`crash`)."""

    seconds: float
    result: Any = None
    refusal: str = ""
    is_unsure: bool = False
    message: str = ""
    database_away: str = ""
    crash: str = ""

    @property
    def kind(self) -> str:
        if self.crash or self.database_away:
            return "crash" if self.crash else "database away"
        return "not known yet" if self.is_unsure else self.refusal or "done"


class Program:
    """The client process: Django set up for the database of `env`; `call` runs a function of client.py in it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client"],
            cwd=ROOT,
            env={**env, "DJANGO_SETTINGS_MODULE": "cafe.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )

    def call(self, word: str, *arguments: Any) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([word, *arguments]) + "\n")
        self._process.stdin.flush()
        return Answer(**json.loads(self._process.stdout.readline()))

    def do(self, word: str, *arguments: Any) -> Any:
        """Call a function and return its result. Raises AssertionError for any other outcome."""
        answer = self.call(word, *arguments)
        assert answer.kind == "done", answer
        return answer.result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait()
