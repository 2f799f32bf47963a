import pytest
from django.test import Client


@pytest.fixture
def client() -> Client:
    """An API client: it sends no cookie and no CSRF token."""
    return Client(enforce_csrf_checks=True)
