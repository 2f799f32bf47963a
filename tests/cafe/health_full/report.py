"""The report of `/health/full/`, and the settings of who may read it."""

import pytest

FULL, NOWHERE = "/health/full/", "/health/nope/"  # equally long, because a page contains its own address


OPERATOR, EDGE, CUSTOMER = "10.9.0.7", "10.0.0.1", "203.0.113.9"


CHECKS = ["database", "migrations", "counts", "redis", "cache_breaker", "menu", "poller"]


asks_the_database = pytest.mark.django_db(databases=["default", "poller"])
