import pytest
from django.test import Client

from tests.harness.factories import croissant, group, item, latte


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def menu() -> None:
    """A latte with required options, a counted croissant, and a tea with options of its own."""
    latte()
    croissant(stock=5)
    tea = item("tea", name_en="Tea", name_zh_hans="茶")
    tea.option_groups.add(group("Leaf", "茶叶", 1, 1, ("Green", "绿茶", "0")))
