"""The JMeter plan bench/cafe.jmx, for readers of the load reports, run by Debian's JMeter."""

import csv
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from bench import jmeter
from deploy.local.processes import free_port
from tests.bench.counterfeit import Answer, cafe_that_answers
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import execute

SAMPLERS = {"GET /zh-hans/", "GET /api/menu", "GET /api/orders", "POST /api/orders"}
SHORT = ["-Jusers=3", "-Jseconds=4", "-Jramp=1", "-Jthink=100", "-Jjmeter.save.saveservice.print_field_names=true"]

pytestmark = [
    pytest.mark.only_full,
    pytest.mark.skipif(
        not jmeter.HTTP.exists() and os.environ.get("CI") != "true", reason="JMeter is missing: bin/packages jmeter"
    ),
]


class LineRequests(NamedTuple):
    well: Counter[str]  # by the name of the sampler
    badly: Counter[str]


def run(folder: Path, port: int) -> LineRequests:
    log = folder / "cafe.jtl"
    command = jmeter.command(f"-Jport={port}", "-l", str(log), *SHORT)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = LineRequests(Counter(), Counter())
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            (asked.well if row["success"] == "true" else asked.badly)[row["label"]] += 1
    return asked


@pytest.mark.needs_mariadb
def test_every_sampler_is_served_and_the_orders_are_in_the_books(cafe: RunningCafe, tmp_path: Path) -> None:
    asked = run(tmp_path, cafe.port)
    assert asked.badly == {}
    assert asked.well.keys() == SAMPLERS
    [(placed, keys)] = execute(
        f"SELECT COUNT(*), COUNT(DISTINCT submission_key) FROM {cafe.env['DB_NAME']}.orders_order WHERE total = 18"
    )
    assert placed == keys == asked.well["POST /api/orders"] > 0
    assert "The books agree." in cafe.manage("check_books")


def test_where_there_is_no_cafe_every_answer_is_an_error(tmp_path: Path) -> None:
    asked = run(tmp_path, free_port())
    assert asked.well == {}
    assert asked.badly.keys() == SAMPLERS


def test_an_answer_that_is_not_the_one_asked_for_is_an_error_whatever_its_status(tmp_path: Path) -> None:
    with cafe_that_answers([Answer(201, {"order_id": 1, "total_price": 17.0})]) as url:
        asked = run(tmp_path, int(url.rpartition(":")[2]))
    assert asked.well == {}
    assert asked.badly.keys() == SAMPLERS
