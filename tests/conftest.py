"""What every test may use. The servers come from tests/servers.py, before the settings are read."""

import os

import pytest
from django.core.management import call_command


def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect the static files once, before any worker: pages name files by their hash."""
    if "PYTEST_XDIST_WORKER" not in os.environ and not session.config.option.collectonly:
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def full_size(pytestconfig: pytest.Config) -> bool:
    """True under `bin/test --full`: races and loads run at their full size."""
    return bool(pytestconfig.option.full)
