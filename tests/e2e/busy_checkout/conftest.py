import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.busy_checkout.rush import Rush
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.people import Customer
from tests.harness.running_cafe import RunningCafe


@pytest.fixture
def rush(tmp_path: Path, cafe: RunningCafe) -> Iterator[Rush]:
    rush = Rush(tmp_path, cafe)
    yield rush
    rush.close()


@pytest.fixture
def customer(rush: Rush, new_context: NewContext) -> Customer:
    # `rush` is requested first, so that at teardown the page, which polls the edge, is closed before the edge stops.
    return Customer(new_context(**PHONE, locale="en-GB", base_url=rush.edge.url))


@pytest.fixture(autouse=True)
def _answers_that_are_no_page_s_fault(_nothing_goes_wrong_on_a_page: None, page_errors: list[str]) -> Iterator[None]:
    """Ignore console errors about refusals and broken connections, which these tests cause."""
    yield
    expected = re.compile(r"server responded with a status of (409|422|429|503)|net::ERR_")
    page_errors[:] = [error for error in page_errors if not expected.search(error)]
