import re
from collections.abc import Iterator

import pytest

from tests.e2e.broken_network import BrokenNetwork
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer
from tests.harness.running_cafe import RunningCafe


@pytest.fixture
def line(cafe: RunningCafe) -> Iterator[BrokenNetwork]:
    """The proxy to the café; the phone uses its address as the café's."""
    line = BrokenNetwork(cafe.port)
    yield line
    line.close()


@pytest.fixture
def customer(new_context: NewContext, line: BrokenNetwork) -> Customer:
    return Customer(new_context(**PHONE, locale="en-GB", base_url=f"http://{line.address}"))


@pytest.fixture(autouse=True)
def _answers_that_are_no_page_s_fault(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    """Ignore console errors about lost connections, and about /favicon.ico, which the browser requests for a response
    that is not HTML and so names no icon."""
    yield
    expected = re.compile(r"server responded with a status of 503|net::ERR_|/api/menu: .* status of 404")
    page_errors[:] = [error for error in page_errors if not expected.search(error)]
