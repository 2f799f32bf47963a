"""The pytest plugin that starts MariaDB and Redis for the tests, and ends them with the run.

It is loaded by `-p tests.harness.plugin` (pyproject.toml) so that the servers run, and the environment names them,
*before* pytest-django reads the settings. With xdist the controller starts one MariaDB for all workers, each with a
test database of its own, and one Redis per worker, so that no test sees another's keys. Where a server cannot be
started, the tests run on the embedded default and those marked `needs_mariadb` or `needs_redis` are skipped; with
CI=true that is a failure.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.processes import SEARCH_PATH
from tests.harness.servers import SETTINGS_READ, MariaDB, Redis


def missing_servers() -> dict[str, str]:
    """Return the reason for each of "mariadb", "redis" and "nginx" that cannot start here; empty when all can."""
    missing = {}
    for server, programs, package in (
        ("mariadb", ["mariadbd", "mariadb-install-db"], "mariadb-server"),
        ("redis", ["redis-server"], "redis-server"),
        ("nginx", ["nginx"], "nginx-light"),
    ):
        if absent := [program for program in programs if not shutil.which(program, path=SEARCH_PATH)]:
            missing[server] = f"{' and '.join(absent)} not found (Debian: apt-get install {package})"
    with contextlib.suppress(ImportError):
        import MySQLdb  # noqa: F401

        return missing
    return {"mariadb": "the MySQL driver is not installed (bin/setup --dev)"} | missing


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cafe")
    group.addoption("--full", action="store_true", help="full-size races and loads (slow)")
    group.addoption("--no-servers", action="store_true", help="the embedded default: start no MariaDB and no Redis")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    options = early_config.known_args_namespace
    if "PYTEST_XDIST_WORKER" not in os.environ and not options.help and not options.version:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: stops the servers in order
        folder = _run_folder()
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        for name in SETTINGS_READ:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
        os.environ["CAFE_DATA_DIR"] = str(folder / "cafe")
        # Hundreds of processes of the tests would otherwise compile every module again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False
        if not options.no_servers and not options.collectonly:
            _start_servers(early_config, folder)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Start a separate Redis for each xdist worker."""
    if "REDIS_HOST" in os.environ:
        for spec in specs:
            redis = Redis(Path(os.environ["CAFE_DATA_DIR"]).parent / f"redis-{spec.id}").start()
            config.add_cleanup(redis.kill)
            spec.env.update(redis.env())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    why = "--no-servers was given" if config.option.no_servers else None
    missing = missing_servers()
    for marker, server, is_there in (
        ("needs_mariadb", "mariadb", "DB_HOST" in os.environ),
        ("needs_redis", "redis", "REDIS_HOST" in os.environ),
        ("needs_nginx", "nginx", "nginx" not in missing),  # each test starts its own nginx
    ):
        if not is_there:
            skip = pytest.mark.skip(reason=f"no {server} here: {why or missing.get(server, 'not started')}")
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(skip)


def pytest_report_header() -> str:
    names = {"DB_HOST": "MariaDB", "REDIS_HOST": "Redis"}
    started = [name for variable, name in names.items() if variable in os.environ]
    return f"servers: {' and '.join(started) or 'none, the embedded default'}"


def _start_servers(config: pytest.Config, folder: Path) -> None:
    missing = missing_servers()
    if missing and os.environ.get("CI") == "true":
        raise pytest.UsageError("; ".join(missing.values()))
    for name, kind in (("mariadb", MariaDB), ("redis", Redis)):
        if name not in missing:
            server = kind(folder / name)
            config.add_cleanup(server.kill)
            os.environ.update(server.start().env())


def _run_folder() -> Path:
    """Return a new folder, on tmpfs if it has 2 GiB free, and delete the folders of killed runs."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    home = memory if roomy else Path(tempfile.gettempdir())
    for old in home.glob("cafe-tests-*"):
        if not Path(f"/proc/{old.name.split('-')[2]}").exists() and sys.platform == "linux":
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"cafe-tests-{os.getpid()}-", dir=home))
