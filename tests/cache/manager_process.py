"""The manager process: a separate process with Django on the café's database and Redis that runs a test's functions.

    manager_process.ask(function, *args)    # returns function(*args) from there; raises Failed with its traceback
    manager_process.dies_of(function)       # runs function(), which kills the process; returns the signal

Functions are pickled by name, so they have to be defined at module level.
"""

import multiprocessing
import os
import traceback
from collections.abc import Callable
from typing import Any

PATIENCE_S = 120


class Failed(AssertionError):
    """An exception in the manager process; its message is the traceback there."""


class ManagerProcess:
    def __init__(self, env: dict[str, str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, its_end = context.Pipe()
        self._process = context.Process(target=_work, args=(env, its_end), daemon=True)
        self._process.start()
        its_end.close()

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        self._pipe.send((function, args))
        assert self._pipe.poll(PATIENCE_S), f"{function.__name__} does not come to an end"
        result, failure = self._pipe.recv()
        if failure:
            raise Failed(failure)
        return result

    def dies_of(self, function: Callable[..., Any], *args: Any) -> int | None:
        """Run the function and return the number of the signal that killed the process; None if none did."""
        self._pipe.send((function, args))
        self._process.join(PATIENCE_S)
        return -self._process.exitcode if self._process.exitcode and self._process.exitcode < 0 else None

    def close(self) -> None:
        self._pipe.close()  # EOF on its pipe ends the process
        self._process.join(PATIENCE_S)


def _work(env: dict[str, str], pipe: Any) -> None:
    os.environ.clear()
    os.environ.update(env, DJANGO_SETTINGS_MODULE="cafe.settings")
    import django

    django.setup()
    while True:
        try:
            function, args = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(function, args))


def _outcome(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, str]:
    try:
        return function(*args), ""
    except Exception:
        return None, traceback.format_exc()
