"""The Locust users of bench/locustfile.py, against a real café and against a fake one with wrong answers."""

from typing import Any

import pytest

from bench import random_orders
from bench.harness import mix
from tests.bench.counterfeit import Answer, cafe_that_answers
from tests.harness.running_cafe import RunningCafe
from tests.harness.servers import execute

IN_A_HURRY = {"CAFE_THINK_S": "0.3", "CAFE_TWICE": "1"}
# 45 users browse, 4 order, 1 watches.
FIFTY: dict[str, Any] = {"users": 50, "spawn_rate": 50, "seconds": 4, "env": IN_A_HURRY}


def test_an_order_takes_as_many_options_as_each_group_allows_of_those_there_are() -> None:
    def option(number: int, is_available: bool = True) -> random_orders.Thing:
        return {"id": number, "is_available": is_available}

    size = {"min_choices": 1, "max_choices": 1, "options": [option(1), option(2, False), option(3)]}
    extras = {"min_choices": 0, "max_choices": 9, "options": [option(4), option(5)]}
    latte = {"slug": "latte", "sold_out": False, "option_groups": [size, extras]}
    assert random_orders.can_be_chosen(latte)
    chosen = {tuple(sorted(random_orders.some_options(latte))) for _ in range(500)}
    assert chosen == {(size, *more) for size in (1, 3) for more in ((), (4,), (5,), (4, 5))}
    assert not random_orders.can_be_chosen(latte | {"sold_out": True})
    assert not random_orders.can_be_chosen(latte | {"option_groups": [size | {"options": [option(2, False)]}]})


def test_what_locust_noted_becomes_a_table_of_all_and_one_of_each() -> None:
    noted = (
        "0.5\t10.0\tok\t2048\t512\tmenu page\n"
        "0.6\t30.0\tfailed\t0\t512\tmenu page\n"
        "1.5\t20.0\trefused\t2048\t1024\torder\n"
        "2.000\t0.500\n"
    )
    result = mix.read(noted)
    assert (result.table.samples, result.table.median_ms, result.table.throughput) == (3, 20.0, 1.0)
    assert (result.table.received_kb_s, result.table.sent_kb_s) == (2.0, 1.0)
    assert {name: one.errors_percent for name, one in result.by_name.items()} == {"menu page": 50.0, "order": 0.0}
    assert (result.failed, result.refused) == ({"menu page": 1}, {"order": 1})
    assert (result.curve.throughput, result.curve.errors) == ([1.0, 1.0], [1.0, 0.0])
    assert result.generator_percent == 25.0


@pytest.mark.only_full
@pytest.mark.needs_mariadb
def test_all_three_kinds_act_and_what_they_ordered_is_in_the_books(cafe: RunningCafe) -> None:
    result = mix.run(cafe.url, **FIFTY)
    assert result.failed == {}, result.said
    asked = {name: one.samples for name, one in result.by_name.items()}
    assert {"menu page", "item page", "order", "order, pressed again", "order page"} <= asked.keys()
    assert {"board", "/api/orders"} & asked.keys(), "nobody watched"
    [(placed,)] = execute(f"SELECT COUNT(*) FROM {cafe.env['DB_NAME']}.orders_order")
    # An order in flight when Locust ends is placed, but Locust does not count it.
    assert asked["order"] <= placed + result.refused.get("order", 0) <= asked["order"] + 4
    assert "The books agree." in cafe.manage("check_books")
    assert result.table.samples == sum(asked.values())
    assert result.table.received_kb_s > result.table.sent_kb_s > 0
    assert 0 < result.generator_percent < 100


@pytest.mark.only_full
def test_another_order_for_the_same_key_is_a_failure() -> None:
    with cafe_that_answers([Answer(201, {"order_id": n, "token": f"t{n}"}) for n in range(1000)]) as url:
        result = mix.run(url, **FIFTY)
    assert result.failed == {"order, pressed again": result.by_name["order, pressed again"].samples}
    assert "the same key gave another order" in result.said


@pytest.mark.only_full
def test_polite_refusals_are_counted_apart_and_others_are_failures() -> None:
    later = {"Retry-After": "1"}
    with cafe_that_answers([Answer(409, error("sold_out")), Answer(429, {}, later), Answer(503, {}, later)]) as url:
        result = mix.run(url, **FIFTY)
    assert (result.failed, result.refused) == ({}, {"order": result.by_name["order"].samples})
    with cafe_that_answers([Answer(409, error("price_changed")), Answer(429), Answer(503)]) as url:
        result = mix.run(url, **FIFTY)
    assert (result.failed, result.refused) == ({"order": result.by_name["order"].samples}, {})


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code}}
