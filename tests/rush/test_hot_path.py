"""A view of the menu sends no query to the database and no command to Redis."""

import time
from collections.abc import Callable

import pytest

from tests.rush.shop import Shop, at_once, looks, reads_of_items

pytestmark = pytest.mark.only_full

Record = Callable[[str, object], None]


def test_unknown_items_are_answered_without_a_query(shop: Shop, full_size: bool, record_property: Record) -> None:
    count = 10_000 if full_size else 600
    requests = [(shop.instances[number % 3], f"/en/item/no-such-{number}/") for number in range(count)]
    before = shop.redis_calls()
    with shop.statements() as statements:
        assert set(at_once(requests)) == {404}
    after = shop.redis_calls()
    assert not_of_the_poller(statements) == []
    assert_only_pollers_asked_redis(before, after)
    record_property("figures", f"{count} unknown slugs: 0 queries but the pollers' {len(statements)}")


def test_a_warm_menu_costs_two_small_queries_a_second_and_nothing_of_redis(
    shop: Shop, full_size: bool, record_property: Record
) -> None:
    count = 10_000 if full_size else 1_500
    paths = ["/en/", "/zh-hans/", "/api/menu", "/en/item/latte/"]
    at_once([(one, path) for one in shop.instances for path in paths])
    hits = [shop.stats(one)["pages"]["hits"] for one in shop.instances]
    before = shop.redis_calls()
    started = time.monotonic()
    with shop.statements() as statements:
        assert set(at_once([(shop.instances[n % 3], paths[n // 3 % 4]) for n in range(count)])) == {200}
        time.sleep(max(0.0, 3 - (time.monotonic() - started)))
    took_s = time.monotonic() - started
    after = shop.redis_calls()
    assert not_of_the_poller(statements) == []
    assert len(looks(statements)) <= 2 * 3 * (took_s + 1)
    assert_only_pollers_asked_redis(before, after)
    grown = [shop.stats(one)["pages"]["hits"] - old for one, old in zip(shop.instances, hits, strict=True)]
    assert sum(grown) == count
    record_property(
        "figures",
        f"{count} views in {took_s:.1f} s at 3 processes: {len(looks(statements))} looks, no other query, no GET",
    )


def test_three_thousand_items_cost_a_warm_page_no_query_and_no_rendering(
    shop: Shop, full_size: bool, record_property: Record
) -> None:
    items = 3_000 if full_size else 400
    columns = (
        "category_id, name_en, name_zh_hans, description_en, description_zh_hans, price, is_listed, is_available,"
        " is_new, prep_seconds, max_per_order, position, glass, layers, ice, straw, steam, garnish"
    )
    shop.change(
        f"INSERT INTO menu_item (slug, {columns}) SELECT CONCAT('many-', seq), {columns} FROM seq_1_to_{items}"
        " JOIN menu_item ON slug = 'latte'"
    )
    try:
        took_s = shop.wait_until(lambda one: len(shop.menu(one)) == 40 + items)
        paths = ["/en/", "/zh-hans/", "/api/menu", "/en/item/many-7/"]
        # On a busy machine an instance delayed by 5 s marks its pages with their age, and has to render them again.
        for _attempt in range(3):
            at_once([(one, path) for one in shop.instances for path in paths])
            before = [shop.stats(one)["pages"] for one in shop.instances]
            calls = shop.redis_calls()
            with shop.statements() as statements:
                assert set(at_once([(one, path) for one in shop.instances for path in paths * 25], clients=4)) == {
                    200
                }
            after = [shop.stats(one)["pages"] for one in shop.instances]
            misses = [new["misses"] - old["misses"] for old, new in zip(before, after, strict=True)]
            if not any(misses):
                break
        assert misses == [0, 0, 0]
        assert [new["hits"] - old["hits"] for old, new in zip(before, after, strict=True)] == [100, 100, 100]
        assert reads_of_items(statements) == 0
        assert not_of_the_poller(statements) == []
        assert_only_pollers_asked_redis(calls, shop.redis_calls())
        record_property(
            "figures", f"{40 + items} items shown everywhere after {took_s:.1f} s; 300 views: 0 renderings"
        )
    finally:
        shop.change("DELETE FROM menu_item WHERE slug LIKE 'many-%'")
        shop.wait_until(lambda one: len(shop.menu(one)) == 40)


def assert_only_pollers_asked_redis(before: dict[str, int], after: dict[str, int]) -> None:
    """Assert that only pollers called Redis: every 15 s a poller, to share its menu, reads once and writes twice."""
    reads, writes = (after.get(call, 0) - before.get(call, 0) for call in ("get", "set"))
    assert reads <= 6, "two of each program at most, for hundreds of views"
    assert writes <= 12


def not_of_the_poller(statements: list[str]) -> list[str]:
    """Return the statements other than the pollers' version queries and their cache statistics, which they write a
    few times a minute."""
    return [text for text in statements if text not in looks(statements) and "cacheminute" not in text]
