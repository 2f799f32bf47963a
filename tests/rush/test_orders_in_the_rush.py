"""Orders and the caches: the order list is never out of date, and an order does not increment the menu's version."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.race.web import program
from tests.rush.shop import Shop

pytestmark = pytest.mark.only_full

Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def the_books_agree(shop: Shop) -> Iterator[None]:
    yield
    assert "The books agree." in shop.instances[0].manage("check_books")


def version(shop: Shop) -> tuple[str, int]:
    ((epoch, number),) = shop.database.execute("SELECT epoch, version FROM cloudcafe.menu_menuversion")
    return epoch, number


def test_an_order_is_in_the_very_next_list_of_every_program(
    shop: Shop, full_size: bool, record_property: Record
) -> None:
    rounds = 1000 if full_size else 75
    missing = 0
    with (
        program(shop.instances[0].url) as a,
        program(shop.instances[1].url) as b,
        program(shop.instances[2].url) as c,
    ):
        instances = [a, b, c]
        for number in range(rounds):
            placed = instances[number % 3].order("espresso")
            assert placed.status == 201
            for reader in (instances[(number + 1) % 3], instances[(number + 2) % 3], instances[number % 3]):
                reader.connection.request("GET", "/orders")
                missing += json.load(reader.connection.getresponse())[0]["id"] != placed.body["order_id"]
    assert missing == 0
    hits = sum(shop.stats(one)["orders"]["hits"] for one in shop.instances)
    assert hits > 0, "the list came from the cache now and then, or this shows nothing"
    record_property(
        "figures", f"{rounds} orders, {3 * rounds} lists, {missing} without it, {hits:.0f} from the cache"
    )


def test_orders_of_a_counted_item_leave_the_menus_version_alone_and_sold_out_is_shown(
    shop: Shop, full_size: bool, record_property: Record
) -> None:
    count = 1000 if full_size else 50
    stock = (
        "from menu.models import Item; from orders.services import set_stock;"
        "set_stock(item=Item.objects.get(slug='{slug}'), available={count}, reason='test')"
    )
    shop.instances[0].manage("shell", "-c", stock.format(slug="espresso", count=count))
    before = version(shop)
    with (
        program(shop.instances[0].url) as a,
        program(shop.instances[1].url) as b,
        program(shop.instances[2].url) as c,
    ):
        for number in range(count):
            assert [a, b, c][number % 3].order("espresso").status == 201
        took_s = shop.wait_until(lambda one: shop.menu(one)["espresso"]["sold_out"])
        refused = a.order("espresso")
    assert (refused.status, refused.code) == (409, "sold_out")
    assert version(shop) == before
    shop.instances[0].manage("shell", "-c", stock.format(slug="espresso", count=None))
    shop.wait_until(lambda one: not shop.menu(one)["espresso"]["sold_out"])
    assert version(shop) == before
    record_property(
        "figures", f"{count} orders of a counted item: version unmoved, sold out shown after {took_s:.2f} s"
    )
