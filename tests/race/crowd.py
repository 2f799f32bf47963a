"""A crowd of clients: threads in several processes, each process with Django, each thread with its own connection.

    crowd(buy, item_id, clients=50)                  # what buy(client, item_id) returned to each, in their order
    crowd(buy, item_id, clients=50, inside=no_claim) # … in a context manager that each process enters: a guard off
    crowd.ask(check_books)                           # what check_books() returns, in one of the processes
    crowd.retries, crowd.seconds                     # how often the last one had to start again, by reason; its time

Functions and context managers travel by their names, so they stand at the top of a module. The processes are new ones
(spawned, not forked) and live as long as the crowd: only their first start is paid for. The test's own process stays
out of the database, and so does pytest-django's transaction: what a client commits, everybody sees.

Seeds are fixed by the numbers of client and process; what the machine's scheduler does is not.
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
    """One of the crowd; its number is its place in the list of results."""

    number: int
    barrier: threading.Barrier

    def __post_init__(self) -> None:
        self.random = random.Random(self.number)

    def wait_for_all(self) -> None:
        """Go on at the moment when every client of the crowd has come this far."""
        self.barrier.wait(PATIENCE_S)


class ClientFailed(AssertionError):
    """What a client raised, as the traceback of its process."""


class Crowd:
    def __init__(self, env: dict[str, str]) -> None:
        """Start the processes; `env` says which database they use."""
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
        """Return what `function(client, *args)` returned to each client. Raises ClientFailed."""
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
        """Return what `function(*args)` returns in one of the processes. Raises ClientFailed."""
        self.pipes[0].send((function, args, range(0), contextlib.nullcontext))
        return _results(self.pipes[0].recv()[0])[0]

    def go_home(self) -> None:
        for pipe in self.pipes:
            pipe.close()  # a process ends when nobody can send it anything


def _results(outcomes: list[Outcome]) -> list[Any]:
    failures = [failure for _result, failure in outcomes if failure]
    if failures:
        raise ClientFailed(min(failures, key=lambda failure: "BrokenBarrierError" in failure))
    return [result for result, _failure in outcomes]


# In the processes


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
    """Two barriers are one: the last thread of a process to come waits there for the other processes."""
    threads = threading.Barrier(len(numbers), action=lambda: barrier.wait(PATIENCE_S))

    def live(number: int) -> Outcome:
        from django.db import connections

        client = Client(number, threads)
        outcome = _outcome(lambda: (client.wait_for_all(), function(client, *args))[1])
        if outcome[1]:
            threads.abort()  # nobody waits for one who fell
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
