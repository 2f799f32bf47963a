"""Hooks and fixtures for every test. tests/harness/plugin.py starts the servers before the settings are read."""

import os
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.harness.factories import barista, client_of, manager
from tests.harness.servers import MariaDB, Redis

# Each folder or file runs on one xdist worker: its tests share a café, and concurrent races slow each other down.
ON_ONE_WORKER = (
    "tests/cache/",
    "tests/cafe/health_full/",
    "tests/cafe/test_cache_counts_are_kept.py",
    "tests/cafe/test_gunicorn_worker.py",
    "tests/deploy/",
    "tests/e2e/",
    "tests/faults/",
    "tests/kustomize/",
    "tests/orders/test_health.py",
    "tests/race/",
    "tests/rehearsal/",
    "tests/rush/",
    "tests/test_embedded_default.py",
)

# Number of workers, with --full, for a folder that would keep one worker busy long after the others; split by file.
PARTS = {"tests/e2e/": 2}


def pytest_configure(config: pytest.Config) -> None:
    """Make WhiteNoise find each static file on request, not list all files for each new test client; hash passwords
    in one round."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Run collectstatic once, before any xdist worker starts: pages link to static files by their hashed names."""
    if "PYTEST_XDIST_WORKER" not in os.environ and not session.config.option.collectonly:
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedule each folder of ON_ONE_WORKER on one worker, or on as many as PARTS says. (The mark `xdist_group`
    groups nothing with pytest 9.2: pytest-xdist issue 1386.) All other tests are scheduled one by one; those that
    empty the database run last."""
    from xdist.scheduler import LoadGroupScheduling

    class OneWorkerAFolder(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folders = [folder for folder in ON_ONE_WORKER if nodeid.startswith(folder)]
            if not folders:
                return super()._split_scope(nodeid)
            file = nodeid.split("::")[0]
            parts = PARTS.get(folders[0], 1) if config.option.full else 1
            return f"{folders[0]} {crc32(file.encode()) % parts}"

    return OneWorkerAFolder(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --full, leave out the tests marked `only_full`, browser tests not marked `every_run`, and most cases of
    the tests marked `few_cases`."""
    if config.option.full:
        return
    left_out = {item for item in items if _is_only_full(item)} | _cases_beyond_a_few(items)
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _is_only_full(item: pytest.Item) -> bool:
    is_in_browser = item.nodeid.startswith("tests/e2e/")  # about 3 s of CPU each
    return bool(item.get_closest_marker("only_full") or (is_in_browser and not item.get_closest_marker("every_run")))


def _cases_beyond_a_few(items: list[pytest.Item]) -> set[pytest.Item]:
    """Return the cases that `few_cases(n)` leaves out: it keeps n of a test's cases, evenly spread over its list."""
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("few_cases") and not _is_only_full(item):
            cases[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for of_a_test in cases.values():
        mark = of_a_test[0].get_closest_marker("few_cases")
        count = min(mark.args[0], len(of_a_test)) if mark else 0
        kept = {of_a_test[number * len(of_a_test) // count] for number in range(count)}
        left_out |= set(of_a_test) - kept
    return left_out


@pytest.fixture(scope="session")
def full_size(pytestconfig: pytest.Config) -> bool:
    """True under `bin/test --full`: races and loads run at their full size."""
    return bool(pytestconfig.option.full)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts of race and fault tests: the property `figures` that a passed test recorded."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value}")


# The cast of the tests without a browser; tests/e2e/conftest.py has that of the browser tests


@pytest.fixture
def barista_client(db: None) -> Client:
    return client_of(barista())


@pytest.fixture
def manager_client(db: None) -> Client:
    return client_of(manager())


# Module-scoped servers


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    database = MariaDB(tmp_path_factory.mktemp("mariadb")).start()
    yield database
    database.kill()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis")).start()
    yield redis
    redis.kill()
