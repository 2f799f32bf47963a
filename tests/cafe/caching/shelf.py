"""A value with a version in memory, cached as the menu is in the database."""

import pytest

needs_redis = pytest.mark.needs_redis
