"""A crowd of clients: threads in several processes, each process with Django, each thread with its own connection.

    crowd(buy, item_id, clients=50)                  # the result of buy(client, item_id) for each client, in order
    crowd(buy, item_id, clients=50, inside=no_claim) # each process enters this context manager: it removes a guard
    crowd.ask(check_books)                           # the result of check_books() in one of the processes
    crowd.retries, crowd.seconds                     # of the last run: number of retries by reason; its duration

Functions and context managers are pickled by name, so they must be defined at module level. The processes are
spawned, not forked, and live as long as the crowd, so their start is paid only once. The test's own process does not
use the database, so pytest-django's transaction does not hide what a client commits.

Random seeds are fixed by client and process number; the scheduling by the machine is not.
"""

import contextlib
import multiprocessing
import os
import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.race import retries

PROCESSES = 5
PATIENCE_S = 60

Outcome = tuple[Any, str | None]  # what a client's function returned, or the traceback of what it raised


@dataclass
class Client:
    """One client of the crowd; `number` is its index in the list of results."""

    number: int
    barrier: threading.Barrier

    def __post_init__(self) -> None:
        self.random = random.Random(self.number)

    def wait_for_all(self) -> None:
        """Block until every client of the crowd has called this (a barrier)."""
        self.barrier.wait(PATIENCE_S)


class ClientFailed(AssertionError):
    """A client raised an exception; the message is the traceback from its process."""


class Crowd:
    def __init__(self, env: dict[str, str]) -> None:
        """Start the processes; `env` names the database that they use."""
        context = multiprocessing.get_context("spawn")
        self.barrier = context.Barrier(PROCESSES)
        self.pipes = []
        self.retries, self.seconds = Counter[str](), 0.0
        for seed in range(PROCESSES):
            pipe, its_end = context.Pipe()
            context.Process(target=_work, args=(seed, env, its_end, self.barrier), daemon=True).start()
            its_end.close()
            self.pipes.append(pipe)

    def __call__(
        self, function: Callable[..., Any], *args: Any, clients: int, inside: Any = contextlib.nullcontext
    ) -> list[Any]:
        """Run `function(client, *args)` for each client concurrently; return their results. Raises ClientFailed."""
        assert clients >= PROCESSES, "every process has a client"
        self.barrier.reset()
        ends = [number * clients // PROCESSES for number in range(PROCESSES + 1)]
        for pipe, start, end in zip(self.pipes, ends, ends[1:], strict=False):
            pipe.send((function, args, range(start, end), inside))
        started = time.monotonic()
        answers = [pipe.recv() for pipe in self.pipes]
        self.seconds = time.monotonic() - started
        self.retries = sum((counted for _outcomes, counted in answers), Counter[str]())
        return _results([outcome for outcomes, _counted in answers for outcome in outcomes])

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return the result of `function(*args)` in one of the processes. Raises ClientFailed."""
        self.pipes[0].send((function, args, range(0), contextlib.nullcontext))
        return _results(self.pipes[0].recv()[0])[0]

    def go_home(self) -> None:
        for pipe in self.pipes:
            pipe.close()  # a process ends when its pipe is closed


def _results(outcomes: list[Outcome]) -> list[Any]:
    failures = [failure for _result, failure in outcomes if failure]
    if failures:
        raise ClientFailed(min(failures, key=lambda failure: "BrokenBarrierError" in failure))
    return [result for result, _failure in outcomes]


# Code of the client processes


def _work(seed: int, env: dict[str, str], pipe: Any, barrier: Any) -> None:
    os.environ.update(env, DJANGO_SETTINGS_MODULE="cafe.settings")
    import django

    django.setup()
    retries.start_counting()
    random.seed(seed)
    with contextlib.suppress(EOFError):
        while True:
            function, args, numbers, inside = pipe.recv()
            with inside():
                outcomes = _run(function, args, numbers, barrier) if numbers else [_outcome(function, *args)]
            pipe.send((outcomes, retries.take()))


def _run(function: Callable[..., Any], args: tuple[Any, ...], numbers: range, barrier: Any) -> list[Outcome]:
    """Run one thread a client. The thread barrier and the process barrier act as one: the last thread of a process to
    reach the first waits at the second for the other processes."""
    threads = threading.Barrier(len(numbers), action=lambda: barrier.wait(PATIENCE_S))

    def live(number: int) -> Outcome:
        from django.db import connections

        client = Client(number, threads)
        outcome = _outcome(lambda: (client.wait_for_all(), function(client, *args))[1])
        if outcome[1]:
            threads.abort()  # so that no client waits for a failed one
            barrier.abort()
        connections.close_all()
        return outcome

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(live, numbers))


def _outcome(function: Callable[..., Any], *args: Any) -> Outcome:
    try:
        return function(*args), None
    except Exception:
        return None, traceback.format_exc()
