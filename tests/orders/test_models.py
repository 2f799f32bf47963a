"""Database constraints: a row that breaks a rule is refused, whichever code writes it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client

from menu.models import Category, Item, Option, OptionGroup, Picture
from orders import selectors
from orders.models import Order, OrderLine, Stock, new_token
from tests.harness.factories import americano, barista, category, croissant, group, item, latte, order, wanted

pytestmark = pytest.mark.django_db


def refused(write: Any, *arguments: Any, **fields: Any) -> None:
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        write(*arguments, **fields)


def test_a_price_is_not_negative() -> None:
    refused(Item.objects.filter(pk=americano().pk).update, price=Decimal("-0.01"))


@pytest.mark.parametrize("most", [0, 100])
def test_an_order_takes_1_to_99_of_an_item(most: int) -> None:
    refused(Item.objects.filter(pk=americano().pk).update, max_per_order=most)


@pytest.mark.parametrize(("least", "most"), [(0, 0), (2, 1), (1, 0)])
def test_a_group_takes_at_least_one_and_no_less_than_it_asks_for(least: int, most: int) -> None:
    refused(OptionGroup.objects.create, name="Size", min_choices=least, max_choices=most)


def test_a_default_option_costs_nothing() -> None:
    size = group("Size", "杯型", 1, 1, ("Small", "小杯", "0"), ("Large", "大杯", "6"))
    refused(Option.objects.filter(group=size).update, is_default=True)


def test_a_category_with_items_is_protected() -> None:
    item("cake")
    with pytest.raises(ProtectedError):
        category().delete()


def test_a_picture_may_go_and_leaves_its_item() -> None:
    picture = Picture.objects.create(content_hash="a" * 64, content=b"x", width=1, height=1)
    drink = americano(picture=picture)
    picture.delete()
    drink.refresh_from_db()
    assert drink.picture is None


def test_stock_is_not_negative() -> None:
    refused(Stock.objects.filter(item=croissant(stock=1)).update, available=-1)


def test_an_item_has_one_count() -> None:
    refused(Stock.objects.create, item=croissant(stock=1), available=1)


@pytest.mark.parametrize("wrong", [{"total": Decimal("-0.01")}, {"status": "lost"}, {"payment_status": "gold"}])
def test_an_order_has_a_known_status_and_no_negative_total(wrong: dict[str, Any]) -> None:
    refused(Order.objects.filter(pk=order().pk).update, **wrong)


def test_a_number_is_called_once_a_day() -> None:
    first = order()
    refused(Order.objects.create, number=first.number, business_day=first.business_day, customer_name="a", total=0)


def test_a_submission_key_places_one_order() -> None:
    order(submission_key="k")
    fields = {"number": 1, "business_day": date(2026, 1, 1), "customer_name": "a", "total": 0}
    refused(Order.objects.create, submission_key="k", **fields)
    Order.objects.create(submission_key="K", **fields)


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"unit_price": Decimal("-0.01")}])
def test_a_line_has_a_quantity_and_no_negative_price(wrong: dict[str, Any]) -> None:
    placed = order()
    refused(OrderLine.objects.filter(order=placed).update, **wrong)


def test_the_account_of_who_acted_is_kept() -> None:
    from orders.services import advance_order

    actor = barista()
    advance_order(order=order(), actor=actor)
    with pytest.raises(ProtectedError):
        actor.delete()


def test_slugs_and_keys_are_told_from_their_other_case() -> None:
    for slug in ("abc", "ABC", "Abc"):
        item(slug)
        category(f"cat-{slug}")
    assert Item.objects.get(slug="ABC").slug == "ABC"
    assert Item.objects.filter(slug="abc").count() == 1
    assert Category.objects.filter(slug="cat-aBC").count() == 0


def test_a_slug_is_unique() -> None:
    item("abc")
    refused(item, "abc")


def test_a_token_has_128_random_bits_in_22_characters() -> None:
    tokens = {new_token() for _token in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {22}


@pytest.mark.parametrize("word", ["é", "拿铁", "🐼", "\ud800", "", "\x00", "a" * 10_000])
def test_a_token_or_key_that_is_none_of_ours_finds_nothing(word: str) -> None:
    order(submission_key="k")
    assert selectors.order_with_token(word) is None
    assert selectors.order_with_key(word) is None


@pytest.mark.parametrize(
    "path",
    ["/en/order/é/", "/en/order/拿铁/", "/en/order/🐼/", "/en/order/%00/", "/en/item/拿铁/", "/media/拿铁.webp"],
)
def test_an_address_with_other_characters_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_name_in_both_languages_is_set_at_once_and_read_in_the_active_one() -> None:
    drink = Item(name="Affogato")
    assert (drink.name_en, drink.name_zh_hans) == ("Affogato", "Affogato")
    created = Category.objects.create(slug="new", name="New")
    assert (created.name_en, created.name_zh_hans) == ("New", "New")


def test_a_line_remembers_its_options_in_both_languages() -> None:
    from django.utils.translation import override

    line = order(wanted(latte(), "Large")).lines.get()
    with override("en"):
        assert (line.name, line.option_names) == ("Latte", ["Large"])
    with override("zh-hans"):
        assert (line.name, line.option_names) == ("拿铁", ["大杯"])
