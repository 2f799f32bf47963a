import pytest
from django.test import Client

from tests.cafe.cache_page.page import client_of
from tests.harness.factories import manager


@pytest.fixture
def boss() -> Client:
    return client_of(manager())
