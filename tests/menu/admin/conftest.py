import pytest
from django.test import Client

from menu.models import OptionGroup, Picture
from tests.harness.factories import barista, latte, manager
from tests.menu.admin.pages import client_of


@pytest.fixture
def boss() -> Client:
    return client_of(manager())


@pytest.fixture
def bar() -> Client:
    return client_of(barista())


@pytest.fixture(autouse=True)
def rows() -> dict[str, int]:
    """A row of each model, by the model's name."""
    drink = latte()
    picture = Picture.objects.create(content_hash="a" * 64, content=b"x", width=1, height=1, title="photo")
    return {
        "category": drink.category_id,
        "item": drink.pk,
        "optiongroup": OptionGroup.objects.get(name_en="Size").pk,
        "picture": picture.pk,
    }
