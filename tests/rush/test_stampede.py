"""Single flight: a thousand concurrent requests for the menu cause one build in each process at most."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from tests.rush.shop import Shop, at_once, reads_of_items

pytestmark = pytest.mark.only_full


def crowd(shop: Shop, count: int) -> list[Any]:
    paths = cycle(["/en/", "/zh-hans/", "/api/menu", "/en/item/latte/"])
    return [(one, next(paths)) for one, _number in zip(cycle(shop.instances), range(count), strict=False)]


def test_a_crowd_at_an_empty_cache_reads_the_menu_once_a_process_at_most(
    shop: Shop, full_size: bool, record_property: Callable[[str, object], None]
) -> None:
    for one in shop.instances:
        one.stop()
    shop.redis.stop()
    shop.redis.start()  # empty, because it does not persist to disk
    with shop.statements() as statements:
        for one in shop.instances:
            one.start()
        statuses = at_once(crowd(shop, 1000 if full_size else 300))
    assert set(statuses) == {200}
    builds = reads_of_items(statements)
    assert 1 <= builds <= 3
    record_property("figures", f"{len(statuses)} requests at 3 empty processes: {builds} builds")


def test_a_crowd_at_a_new_version_reads_it_once_a_process_at_most(
    shop: Shop, full_size: bool, record_property: Callable[[str, object], None]
) -> None:
    versions = 5
    with shop.statements() as statements:
        for version in range(versions):
            shop.change(f"UPDATE menu_item SET price = {30 + version} WHERE slug = 'latte'")
            assert set(at_once(crowd(shop, 1000 if full_size else 200))) == {200}
            shop.wait_until(lambda one, price=30 + version: shop.menu(one)["latte"]["price"] == price)
    builds = reads_of_items(statements)
    assert versions <= builds <= 3 * versions
    shop.change("UPDATE menu_item SET price = 25 WHERE slug = 'latte'")
    shop.wait_until(lambda one: shop.menu(one)["latte"]["price"] == 25)
    record_property("figures", f"{versions} versions under a crowd, 3 processes: {builds} builds")
