"""The menu takes the same number of database queries for 40 items and for 1,000."""

from typing import Any

import pytest
from django.test import Client

from menu.models import Item
from orders.models import Stock
from tests.harness.factories import category, group

pytestmark = pytest.mark.django_db

SIX = 6  # sold out, items, links to groups, groups, options, categories


def fill(count: int) -> None:
    """Make a menu of `count` items in eight categories, each with two option groups; every tenth sold out."""
    shelves = [category(f"shelf-{number}", f"Shelf {number}", f"货架{number}") for number in range(8)]
    groups = [
        group(f"Group {number}", f"组{number}", number % 2, 1, ("One", "一", "0"), ("Two", "二", "1"))
        for number in range(10)
    ]
    items = Item.objects.bulk_create(
        Item(category=shelves[number % 8], slug=f"item-{number}", name=f"Item {number}", price=number)
        for number in range(count)
    )
    items = list(Item.objects.filter(slug__in=[made.slug for made in items]))
    through = Item.option_groups.through
    through.objects.bulk_create(
        through(item_id=made.pk, optiongroup_id=groups[(made.pk + offset) % 10].pk)
        for made in items
        for offset in (0, 1)
    )
    Stock.objects.bulk_create(Stock(item=made, available=0) for made in items[::10])


@pytest.mark.few_cases(3)
@pytest.mark.parametrize("count", [40, 1000])
@pytest.mark.parametrize("path", ["/en/", "/zh-hans/", "/en/item/item-7/", "/api/menu"])
def test_the_menu_takes_six_queries_whatever_its_size(
    client: Client, django_assert_num_queries: Any, path: str, count: int
) -> None:
    fill(count)
    with django_assert_num_queries(SIX):
        page = client.get(path).content.decode()
    if path in ("/en/", "/zh-hans/"):
        assert page.count('<article class="item-card') == count


def test_a_known_page_takes_six_queries_too(client: Client, django_assert_num_queries: Any) -> None:
    fill(40)
    etag = client.get("/en/")["ETag"]
    with django_assert_num_queries(SIX):
        assert client.get("/en/", headers={"if-none-match": etag}).status_code == 304


def test_a_menu_without_options_takes_four(client: Client, django_assert_num_queries: Any) -> None:
    fill(40)
    Item.option_groups.through.objects.all().delete()
    with django_assert_num_queries(4):
        client.get("/en/")


def test_a_picture_takes_one_query(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        client.get(f"/media/{'a' * 64}.webp")


@pytest.mark.parametrize("count", [40, 1000])
def test_the_cart_takes_six_queries_whatever_the_menu(django_assert_num_queries: Any, count: int) -> None:
    fill(count)
    client = Client(headers={"sec-fetch-site": "same-origin"})
    for slug in ("item-3", "item-4"):
        client.post("/en/cart/add/", {"item": Item.objects.get(slug=slug).pk})
    for path in ("/en/cart/", "/en/checkout/"):
        with django_assert_num_queries(SIX):
            assert client.get(path).status_code == 200
