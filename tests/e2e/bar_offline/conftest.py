import re
from collections.abc import Iterator

import pytest

from tests.e2e.bar_offline.tablet import TABLET
from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import NewContext, SignedIn
from tests.e2e.people import Barista, Till
from tests.harness.running_cafe import RunningCafe


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[BrokenNetwork]:
    line = BrokenNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture
def barista(new_context: NewContext, signed_in: SignedIn, line: BrokenNetwork) -> Barista:
    address = f"http://{line.address}"
    return Barista(new_context(**TABLET, storage_state=signed_in("barista"), base_url=address))


@pytest.fixture
def till(new_context: NewContext, signed_in: SignedIn, cafe: RunningCafe) -> Till:
    """The same barista's session on an intact connection."""
    return Till(new_context(storage_state=signed_in("barista")).request, cafe.url)


@pytest.fixture(autouse=True)
def _lost_connections_are_no_error(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    yield
    page_errors[:] = [
        error for error in page_errors if not re.search(r"status of (503|409)|Code 503|net::ERR_|htmx:", error)
    ]
