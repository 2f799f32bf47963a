from typing import Any

import pytest

from tests.cafe.health_full.report import EDGE


@pytest.fixture
def open_to(settings: Any) -> None:
    settings.HEALTH_FULL_FROM = ["10.9.0.0/16", "2001:db8:9::/48"]
    settings.TRUSTED_PROXIES = [EDGE]
