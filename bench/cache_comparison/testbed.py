"""The servers of a comparison: one MariaDB, one Redis, one menu, and for each variant a gunicorn and a manager."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import redis

from bench.cache_comparison import libraries
from bench.cache_comparison.variants import BARE, Variant
from bench.harness.servers import ROOT, Gunicorn
from bench.harness.writer import Manager, Prices
from tests.harness.servers import SETTINGS_READ, MariaDB, Redis


class Testbed:
    """A context manager that starts its servers on entry and kills every process it started on exit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answer = folder / "answer.json"
        self.prices = Prices()
        self.database = MariaDB(folder / "mariadb")
        self.redis = Redis(folder / "redis")
        self._stack = ExitStack()
        self._started = 0

    def __enter__(self) -> Self:
        for server in (self.database, self.redis):
            self._stack.callback(server.kill)
            server.start()
        self._collected = subprocess.Popen(self._manage("collectstatic", "--no-input"), **self._run())
        self.manage("migrate", "--database", "maintenance")
        self.manage("load_sample_menu")
        assert self._collected.wait() == 0, "collectstatic failed"
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def env(self, variant: Variant | None = None, *, database_port: int | None = None) -> dict[str, str]:
        """Return a variant's environment, or without one the café's with the database but no Redis."""
        env = {name: value for name, value in os.environ.items() if name not in SETTINGS_READ}
        env |= self.database.env() | {
            "CAFE_DATA_DIR": str(self.folder / "cafe"),
            "DJANGO_SETTINGS_MODULE": "cafe.settings",
        }
        env |= {"LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"}  # the page cache logs no request, so no variant may
        env |= {"DB_PORT": str(database_port)} if database_port else {}
        if variant is None:
            return env
        address = f"redis://:{self.redis.password}@127.0.0.1:{self.redis.port}/{variant.redis_db}"
        env |= self.redis.env() | {"BENCH_REDIS": address, "BENCH_ANSWER": str(self.answer)}
        env |= {"PYTHONPATH": str(libraries.install("caches"))} if variant.needs_libraries else {}
        return env | {"DJANGO_SETTINGS_MODULE": variant.settings}

    def serve(self, variant: Variant, env: dict[str, str]) -> Gunicorn:
        """Start a gunicorn. Raises RuntimeError, with the end of its log, when it does not answer."""
        self._started += 1
        gunicorn = Gunicorn(self.folder / f"gunicorn-{self._started}", variant.application, env)
        gunicorn.start()
        self._stack.callback(gunicorn.kill)
        return gunicorn

    def employ(self, env: dict[str, str]) -> Manager:
        manager = Manager(env, self.prices)
        self._stack.callback(manager.close)
        return manager

    def forget(self, variant: Variant) -> None:
        """Flush a variant's Redis database: other managers have written since without invalidating its cache."""
        if variant is not BARE:
            with redis.Redis(port=self.redis.port, password=self.redis.password, db=variant.redis_db) as client:
                client.flushdb()

    def fill_orders(self, count: int) -> None:
        subprocess.run([sys.executable, "-m", "bench.data.fill_orders", str(count)], **self._run(), check=True)

    def manage(self, *arguments: str) -> None:
        done = subprocess.run(self._manage(*arguments), **self._run())
        assert done.returncode == 0, f"manage.py {arguments[0]} failed"

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments, "--verbosity", "0"]

    def _run(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": self.env(), "stdout": sys.stderr}
