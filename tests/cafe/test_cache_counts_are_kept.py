"""A running café stores its cache counters: no hit is lost or counted twice, whatever the database does."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import MariaDB

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.only_full]

PATIENCE_S = 50  # five times an instance's interval between two writes
SUMS = "SELECT cache, SUM(hits), SUM(misses) FROM cloudcafe.cafe_cacheminute WHERE program = '{}' GROUP BY cache"

Counted = dict[str, tuple[int, int]]  # hits and misses of each cache


@contextmanager
def open_cafe(folder: Path, database: MariaDB, host: str, workers: int) -> Iterator[RunningCafe]:
    cafe = RunningCafe(folder, database.env() | {"WEB_WORKERS": str(workers), "HOSTNAME": host})
    cafe.prepare()
    cafe.start()
    try:
        yield cafe
    finally:
        cafe.stop()


def get(cafe: RunningCafe, path: str) -> bytes:
    with urllib.request.urlopen(cafe.url + path, timeout=30) as response:
        body: bytes = response.read()
        return body


def open_the_menu(cafe: RunningCafe, times: int) -> None:
    for _time in range(times):
        get(cafe, "/en/")


def in_memory(cafe: RunningCafe) -> Counted:
    caches = json.loads(get(cafe, "/api/cache/stats"))["caches"]
    return {name: (counted["hits"], counted["misses"]) for name, counted in caches.items()}


def in_the_table(cafe: RunningCafe, database: MariaDB) -> Counted:
    rows = database.execute(SUMS.format(f"{cafe.env['HOSTNAME']}:{cafe.port}"))
    return {cache: (int(hits), int(misses)) for cache, hits, misses in rows}


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.25)
    return is_so()


def test_the_table_sums_up_to_what_the_process_counted(tmp_path: Path, database: MariaDB) -> None:
    with open_cafe(tmp_path, database, "bar-1", workers=1) as cafe:
        open_the_menu(cafe, 20)
        assert sum(in_memory(cafe)["pages"]) >= 20  # the first may come before the page is cached
        assert in_memory(cafe).keys() == {"pages", "menu", "orders"}
        assert eventually(lambda: in_the_table(cafe, database) == in_memory(cafe))


def test_what_was_counted_while_the_database_was_away_is_written_when_it_is_back(
    tmp_path: Path, database: MariaDB
) -> None:
    with open_cafe(tmp_path, database, "bar-2", workers=1) as cafe:
        open_the_menu(cafe, 1)
        database.kill()
        try:
            open_the_menu(cafe, 20)
            time.sleep(11)  # long enough for a failed write
            open_the_menu(cafe, 20)
        finally:
            database.start()
        assert eventually(lambda: in_the_table(cafe, database) == in_memory(cafe))
        assert sum(in_the_table(cafe, database)["pages"]) > 40
        log = cafe.log.read_text()
        assert log.count("What the caches do cannot be written") == 1
        assert "The poller's step failed" not in log


def test_all_processes_of_a_program_add_into_the_same_rows(tmp_path: Path, database: MariaDB) -> None:
    with open_cafe(tmp_path, database, "bar-3", workers=3) as cafe:
        first_pages = 3 * 3  # rendered by each process: the menu in both languages, and for API clients
        assert eventually(lambda: in_the_table(cafe, database).get("pages", (0, 0))[1] == first_pages)
        hits = in_the_table(cafe, database)["pages"][0]
        open_the_menu(cafe, 60)
        assert eventually(lambda: in_the_table(cafe, database)["pages"] == (hits + 60, first_pages))
