import pytest

from menu.models import OptionGroup, Picture
from tests.harness.factories import latte


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
