"""An API client orders by item name: every database finds the right item, in one query that uses the indexes."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from menu.models import Item
from orders.models import OrderLine
from orders.placing.sellable_items import items_called
from tests.harness.factories import category, item, nothing_written

pytestmark = pytest.mark.django_db


def post(client: Client, *names: str) -> HttpResponse:
    named: dict[str, Any] = {"coffee_type": names[0]}
    if len(names) > 1:
        named = {"lines": [{"item": name} for name in names]}
    body = json.dumps({"customer_name": "王芳"} | named)
    return client.post("/api/orders", body, content_type="application/json")


def ordered(client: Client, *names: str) -> list[str]:
    response = post(client, *names)
    assert response.status_code == 201, response.content.decode()
    return list(OrderLine.objects.filter(order_id=response.json()["order_id"]).values_list("item_slug", flat=True))


def assert_unknown(client: Client, name: str) -> None:
    with nothing_written():
        response = post(client, name)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_item")


def test_names_that_differ_by_an_emoji_are_two_items(client: Client) -> None:
    item("green", name_en="Tea 🍵")
    item("bubble", name_en="Tea 🧋")
    assert ordered(client, "Tea 🍵") == ["green"]
    assert ordered(client, "tea 🧋") == ["bubble"]
    assert ordered(client, "Tea 🧋", "Tea 🍵") == ["bubble", "green"]
    assert_unknown(client, "Tea")
    assert_unknown(client, "Tea 🥤")


@pytest.mark.parametrize(
    ("name", "words", "other"),
    [
        ("Maß", ["maß", "MASS", "mass", "ＭＡＳＳ"], "Mas"),
        ("Café Latte", ["café latte", "CAFÉ LATTE", "Cafe\u0301 Latte", "ｃａｆé\u3000latte"], "Cafe Latte"),
        ("Crème brûlée", ["CRÈME BRÛLÉE"], "Creme brulee"),
        ("摩卡", ["摩卡"], "摩咔"),
        ("が", ["か\u3099"], "か"),
    ],
)
def test_a_name_is_found_in_any_case_and_width_but_not_without_its_accents(
    client: Client, name: str, words: list[str], other: str
) -> None:
    item("this", name_en=name, name_zh_hans=f"zh {name}")
    for word in [name, *words]:
        assert ordered(client, word) == ["this"]
        assert ordered(client, f"ZH {word}") == ["this"]
    assert_unknown(client, other)
    item("that", name_en=other)
    assert ordered(client, other, name) == ["that", "this"]


def test_a_slug_is_meant_before_a_name_and_the_first_on_the_menu_of_one_name(client: Client) -> None:
    item("latte", name_en="A", position=3)
    item("b", name_en="latte", position=1)
    item("c", name_zh_hans="LATTE", position=2)
    assert ordered(client, "latte") == ["latte"]
    assert ordered(client, "Latte") == ["b"]


# Rows that another release or raw SQL has written

FLAT_WHITE = "UPDATE menu_item SET name_en = 'Flat White'"


@pytest.mark.parametrize("keys", ["", ", name_en_key = '', name_zh_hans_key = '', name_pinyin = ''"])
def test_an_item_that_was_renamed_without_its_key_is_found_by_its_new_name_alone(client: Client, keys: str) -> None:
    item("one", name_en="Latte", name_zh_hans="拿铁")
    with connection.cursor() as cursor:
        cursor.execute(FLAT_WHITE + keys)
    assert ordered(client, "Flat White") == ["one"]
    assert ordered(client, "拿铁") == ["one"]
    assert_unknown(client, "Latte")
    Item.objects.get().save(update_fields=["name_en"])
    assert ordered(client, "ＦＬＡＴ white") == ["one"]


def test_a_row_inserted_without_keys_is_found(client: Client) -> None:
    item("one", name_en="Latte", price="25")
    known = [field.column for field in Item._meta.local_concrete_fields if not hasattr(field, "source")]
    columns = ", ".join(column for column in known if column not in ("id", "slug", "name_en"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO menu_item (slug, name_en, {columns}) SELECT 'two', 'Tea 🍵', {columns} FROM menu_item"
        )
    assert ordered(client, "Tea 🍵") == ["two"]
    assert_unknown(client, "Tea 🧋")


# Queries and indexes


def test_ten_names_are_one_statement() -> None:
    names = [f"Tea {number}" for number in range(10)]
    for number, name in enumerate(names):
        item(f"tea-{number}", name_en=name, price=Decimal(number))
    with CaptureQueriesContext(connection) as queries:
        found = items_called(names)
    assert [found[name].price for name in names] == [Decimal(number) for number in range(10)]
    assert len(queries) == 1


@pytest.mark.needs_mariadb
@pytest.mark.django_db(transaction=True)
def test_a_name_is_looked_up_by_the_indexes() -> None:
    Item.objects.bulk_create(
        Item(slug=f"tea-{number}", name_en=f"Tea {number}", name_zh_hans=f"茶 {number}", price=1, category=category())
        for number in range(1000)
    )
    with CaptureQueriesContext(connection) as queries:
        items_called(["茶 77"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE TABLE menu_item, menu_category")  # the query plan follows the table's statistics
        cursor.fetchall()
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        names = [column[0] for column in cursor.description]
        plan = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    of_items = [row for row in plan if row["table"] == "menu_item"]
    assert [(row["type"], int(row["rows"]) <= 10) for row in of_items] == [("index_merge", True)], plan
