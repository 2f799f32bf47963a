"""A fixture for load tests: a running café (gunicorn) on its own database, with the sample menu."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB, execute


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[RunningCafe]:
    name = f"test_bench_{secrets.token_hex(4)}"
    execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    read = [*MariaDB(tmp_path).env(), "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"]
    cafe = RunningCafe(
        tmp_path / "cafe", {key: os.environ[key] for key in read if key in os.environ} | {"DB_NAME": name}
    )
    try:
        cafe.prepare()
        cafe.start()
        yield cafe
    finally:
        cafe.kill()
        execute(f"DROP DATABASE {name}")
