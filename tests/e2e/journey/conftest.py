import pytest

from tests.e2e.conftest import DESKTOP, NewContext, SignedIn
from tests.e2e.people import Barista


@pytest.fixture
def barista(new_context: NewContext, signed_in: SignedIn) -> Barista:
    return Barista(new_context(**DESKTOP, locale="en-GB", storage_state=signed_in("barista")))
