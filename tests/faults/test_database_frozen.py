"""MariaDB freezes with its connections open (SIGSTOP): requests are still answered within the timeouts.

The timeouts: connect 2 s, read 5 s, no retry starts after 3 s. So the last attempt may start at 3 s, wait 5 s for an
answer, and 2 s for the new connection on which its transaction ends: 10 s. These tests wait five times that.
"""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.client_process import Program
from tests.faults.conftest import START
from tests.faults.proxy import Fate, Proxy, let_pass
from tests.faults.shopper import BASKET, post_order
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB

LIMIT_S = 10
PATIENCE = 5
NOT_KNOWN_YET, NOTHING_WRITTEN = "还不知道", "什么都没有写入"


@pytest.mark.only_full
def test_a_database_that_freezes_is_answered_in_time_and_no_order_is_doubled(
    mariadb: MariaDB,
    proxy: Proxy,
    cafe: RunningCafe,
    witness: Program,
    full_size: bool,
    record_property: Callable[[str, object], None],
) -> None:
    longest = 0.0
    cases = [("COMMIT", NOT_KNOWN_YET)] + [("INSERT INTO `orders_order`", NOTHING_WRITTEN)] * full_size
    for frozen_at, words in cases:
        caught, late = secrets.token_hex(8), secrets.token_hex(8)

        def freeze(sql: str, frozen_at: str = frozen_at) -> Fate:
            if sql.startswith(frozen_at):
                mariadb.pause()
            return Fate.PASS

        proxy.decide = freeze
        with ThreadPoolExecutor() as people:
            try:
                answers = [people.submit(timed_post, cafe, caught)]
                time.sleep(1)  # so that the next request meets a database that is already frozen
                answers.append(people.submit(timed_post, cafe, late))
                results = [answer.result() for answer in answers]
            finally:
                proxy.decide = let_pass
                mariadb.resume()
        for status, headers, _body, seconds in results:
            assert status == 503
            assert int(headers["Retry-After"]) > 0
            assert seconds < LIMIT_S * PATIENCE
            longest = max(longest, seconds)
        assert words in results[0][2]["error"]["message"]
        for key in (caught, late):
            status, _headers, body, _seconds = timed_post(cafe, key)
            assert status == 201
            assert witness.do("orders", key) == [body["order_id"]]
    assert witness.do("left") == [START - 2 * len(cases)] * 2
    record_property("figures", f"{2 * len(cases)} requests, the slowest answered in {longest:.1f} s")


def timed_post(cafe: RunningCafe, key: str) -> tuple[int, dict[str, str], dict[str, Any], float]:
    started = time.monotonic()
    return *post_order(cafe.port, key, BASKET), time.monotonic() - started
