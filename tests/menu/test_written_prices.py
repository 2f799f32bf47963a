"""Prices are parsed as people write them in the list, item form and option form; all else gets an error message."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.translation import override

from menu.price_fields import parse_price
from tests.harness.factories import latte, option
from tests.menu.admin_page import ITEMS, Page, change_page, now

CHINESE = {"accept-language": "zh-CN"}
READ = {
    "27": "27",
    "27.5": "27.5",
    "27.50": "27.50",
    " 27 ": "27",
    "¥27": "27",
    "￥27": "27",
    "¥ 27": "27",
    "27元": "27",
    "27 元": "27",
    "27 CNY": "27",
    "1,250": "1250",
    "12,345.60": "12345.60",
    "0": "0",
    "+¥3": "3",
    "-3": "-3",
    "−¥3": "-3",
}
REFUSED = {
    "1e3": "plain digits",
    "1E1": "plain digits",
    "２７": "“２７” is in full-width digits. Write it in plain digits: 27.",
    "２７．５": "“２７．５” is in full-width digits. Write it in plain digits: 27.5.",
    "￥２7": "“￥２7” is in full-width digits. Write it in plain digits: ¥27.",
    "２７，５": "such as 27 or 27.50",
    "９" * 5000: "such as 27 or 27.50",
    "٢٧": "plain digits",
    "२७": "plain digits",
    "27，5": "plain digits",
    "27,5": "plain digits",
    "1,2500": "plain digits",
    "27.": "plain digits",
    ".5": "plain digits",
    "2 7": "plain digits",
    "27_0": "plain digits",
    "0x1B": "plain digits",
    "NaN": "plain digits",
    "Infinity": "plain digits",
    "27\u200b": "plain digits",
    "--3": "plain digits",
    "$27": "plain digits",
    "27 dollars": "plain digits",
    "27.505": "at most two decimals",
    "0.001": "at most two decimals",
    "9" * 21: "too high",
    "9" * 5000: "too high",
}


@pytest.mark.parametrize(("written", "price"), READ.items())
def test_a_price_is_read_as_people_write_it(written: str, price: str) -> None:
    assert parse_price(written) == Decimal(price)


@pytest.mark.parametrize(("written", "said"), REFUSED.items(), ids=lambda text: ascii(text[:20]))
def test_what_is_no_price_is_refused_in_words(written: str, said: str) -> None:
    with override("en"), pytest.raises(ValidationError, match=said):
        parse_price(written)


# On the pages


@pytest.mark.few_cases(2)
@pytest.mark.django_db
@pytest.mark.parametrize("written", ["1e1", "２６", "26.505", "1000000", "9" * 30])
def test_the_list_and_the_forms_refuse_it_and_write_nothing(manager_client: Client, written: str) -> None:
    drink = latte()
    large = option(drink, "Large")
    for page in (
        Page(manager_client, ITEMS).enter_in(drink, price=written),
        change_page(manager_client, drink).enter(price=written),
        change_page(manager_client, large.group).enter_in(large, "options", price_delta=written),
    ):
        again = page.is_refused()
        assert "errorlist" in again.text
        assert [written] in again.fields.values()  # what was typed is still there
    assert (now(drink).price, now(large).price_delta) == (Decimal("25.00"), Decimal("6.00"))


@pytest.mark.few_cases(1)
@pytest.mark.django_db
@pytest.mark.parametrize(("written", "price"), [("¥26", "26.00"), ("26.5 元", "26.50"), ("26", "26.00")])
def test_the_list_and_the_forms_take_it(manager_client: Client, written: str, price: str) -> None:
    drink = latte()
    assert Page(manager_client, ITEMS).enter_in(drink, price=written).is_saved()
    assert now(drink).price == Decimal(price)
    assert change_page(manager_client, drink).enter(price="+" + written).is_saved()
    assert now(drink).price == Decimal(price)


@pytest.mark.django_db
def test_an_option_may_cost_less(manager_client: Client) -> None:
    large = option(latte(), "Large")
    page = change_page(manager_client, large.group).enter_in(large, "options", price_delta="¥6.50")
    assert page.is_saved()
    assert now(large).price_delta == Decimal("6.50")


@pytest.mark.django_db
def test_a_price_below_zero_is_refused(manager_client: Client) -> None:
    drink = latte()
    for page in (
        Page(manager_client, ITEMS).enter_in(drink, price="-26"),
        change_page(manager_client, drink).enter(price="−¥26"),
    ):
        page.is_refused()
    assert now(drink).price == Decimal("25.00")


@pytest.mark.django_db
def test_it_is_refused_in_chinese_too(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS).enter_in(drink, price="２７")
    answer = manager_client.post(ITEMS, page.fields | {"_save": "x"}, headers=CHINESE)
    assert "“２７”是全角数字，请改用半角数字：27" in answer.content.decode()
    answer = manager_client.post(ITEMS, page.enter_in(drink, price="1e3").fields | {"_save": "x"}, headers=CHINESE)
    assert "请用半角数字填写，例如 27 或 27.50。" in answer.content.decode()
