"""A price change of more than half must be confirmed: one question a save, nothing is written before the answer."""

import re
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client

from menu.models import Option, OptionGroup
from menu.versioning.querysets import MenuVersion
from tests.harness.factories import americano, croissant, latte, option
from tests.harness.html_forms import fields_of
from tests.menu.admin_page import ITEMS, Page, change_page, now, set_by_other

pytestmark = pytest.mark.django_db


class Question:
    """The confirmation page that replaces a save; `yes` and `no` press its buttons, without JavaScript."""

    def __init__(self, client: Client, address: str, answer: HttpResponse) -> None:
        assert answer.status_code == 200
        self.client, self.address, self.text = client, address, answer.content.decode()
        self.fields = fields_of(self.text, "price-question")
        [self.confirm] = re.findall(r'<button [^>]*name="confirmed_prices" value="([^"]+)"', self.text)

    @property
    def changes(self) -> list[str]:
        rows = re.findall(r'<li class="price-changes__one">(.*?)</li>', self.text)
        return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]

    def yes(self, **changed: str) -> HttpResponse:
        return self.client.post(self.address, self.fields | {"confirmed_prices": self.confirm} | changed)

    def no(self) -> HttpResponse:
        return self.client.post(self.address, self.fields | {"_look_again": "1"})


def asked(page: Page) -> Question:
    version = MenuVersion.objects.get().version
    question = Question(page.client, page.address, page.save())
    assert MenuVersion.objects.get().version == version
    return question


def test_2700_instead_of_27_is_asked_about_and_not_written(manager_client: Client) -> None:
    drink = latte(price="27.00")
    question = asked(Page(manager_client, ITEMS).enter_in(drink, price="2700"))
    assert question.changes == ["Latte ¥27 → ¥2,700"]
    assert now(drink).price == Decimal("27.00")
    assert question.yes().status_code == 302
    assert now(drink).price == Decimal("2700.00")


def test_one_question_for_all_of_a_save(manager_client: Client) -> None:
    drink, black, bread = latte(), americano(), croissant()
    page = (
        Page(manager_client, ITEMS)
        .enter_in(drink, price="2.50")
        .enter_in(black, price="180")
        .enter_in(bread, price="17")
    )
    question = asked(page)
    assert sorted(question.changes) == ["Americano ¥18 → ¥180", "Latte ¥25 → ¥2.50"]
    assert [now(item).price for item in (drink, black, bread)] == [25, 18, 16]
    assert question.yes().status_code == 302
    assert [now(item).price for item in (drink, black, bread)] == [Decimal("2.50"), 180, 17]


def test_a_second_question_does_not_ask_the_first_again(manager_client: Client) -> None:
    drink, black = latte(), americano()
    page = Page(manager_client, ITEMS).enter_in(drink, price="250")
    first = asked(page)
    second = Question(manager_client, ITEMS, first.yes(**{page.row(black) + "price": "180"}))
    assert second.changes == ["Americano ¥18 → ¥180"]
    assert second.yes().status_code == 302
    assert (now(drink).price, now(black).price) == (250, 180)


def test_no_leads_back_to_the_list_as_it_was_typed(manager_client: Client) -> None:
    drink, bread = latte(), croissant()
    page = Page(manager_client, ITEMS).enter_in(drink, price="250").enter_in(bread, position="7")
    answer = asked(page).no()
    assert answer.status_code == 200
    again = Page(manager_client, ITEMS, answer)
    assert again.fields[again.row(drink) + "price"] == ["250"]
    assert again.fields[again.row(bread) + "position"] == ["7"]
    assert "¥25 → ¥250: is that right?" in again.text
    assert (now(drink).price, now(bread).position) == (25, 0)
    assert again.enter_in(drink, price="25.50").is_saved()
    assert (now(drink).price, now(bread).position) == (Decimal("25.50"), 7)


@pytest.mark.parametrize(
    ("price", "is_asked"),
    [("37.50", False), ("37.51", True), ("12.50", False), ("12.49", True), ("0", True), ("25", False)],
)
def test_more_than_half_of_what_it_was_is_asked(manager_client: Client, price: str, is_asked: bool) -> None:
    drink = latte()
    answer = Page(manager_client, ITEMS).enter_in(drink, price=price).save()
    assert (answer.status_code == 200) == is_asked
    assert (now(drink).price == Decimal(price)) == (not is_asked)


def test_what_was_free_is_asked_about_and_a_new_item_is_not(manager_client: Client) -> None:
    water = americano(price="0")
    assert asked(Page(manager_client, ITEMS).enter_in(water, price="1")).changes == ["Americano ¥0 → ¥1"]
    form = {
        "slug": "tea",
        "name_en": "Tea",
        "name_zh_hans": "茶",
        "price": "2700",
        "category": str(water.category_id),
    }
    page = change_page(manager_client, water)
    page.address = f"{ITEMS}add/"
    assert page.forget().enter(**form).is_saved()


def test_an_item_s_form_asks(manager_client: Client) -> None:
    drink = latte()
    question = asked(change_page(manager_client, drink).enter(price="250", name_en="Caffè Latte"))
    assert question.changes == ["Caffè Latte ¥25 → ¥250"]
    assert (now(drink).price, now(drink).name_en) == (25, "Latte")
    assert question.yes().status_code == 302
    assert (now(drink).price, now(drink).name_en) == (250, "Caffè Latte")


def test_an_option_s_price_asks(manager_client: Client) -> None:
    large = option(latte(), "Large")
    question = asked(change_page(manager_client, large.group).enter_in(large, "options", price_delta="60"))
    assert question.changes == ["Large ¥6 → ¥60"]
    assert now(large).price_delta == 6
    assert question.yes().status_code == 302
    assert now(large).price_delta == 60


def test_an_option_that_is_deleted_is_not_asked_about(manager_client: Client) -> None:
    large = option(latte(), "Large")
    page = change_page(manager_client, large.group).enter_in(large, "options", price_delta="60", DELETE="on")
    assert page.enter(reason="season is over").is_saved()
    assert not Option.objects.filter(pk=large.pk).exists()
    assert OptionGroup.objects.filter(pk=large.group_id).exists()


def test_a_yes_is_for_the_prices_that_were_shown(manager_client: Client) -> None:
    drink = latte()
    page = Page(manager_client, ITEMS)
    question = asked(page.enter_in(drink, price="250"))
    again = question.yes(**{page.row(drink) + "price": "2500"})
    assert Question(manager_client, ITEMS, again).changes == ["Latte ¥25 → ¥2,500"]
    assert now(drink).price == 25


def test_a_price_that_changed_meanwhile_is_told_before_a_yes_counts(manager_client: Client) -> None:
    drink = latte()
    question = asked(Page(manager_client, ITEMS).enter_in(drink, price="250"))
    set_by_other(drink, price="30.00")
    answer = question.yes()
    assert answer.status_code == 200
    assert "Somebody else changed this meanwhile; it is 30.00 now." in answer.content.decode()
    assert now(drink).price == 30


def test_other_mistakes_are_shown_first(manager_client: Client) -> None:
    drink, bread = latte(), croissant()
    again = Page(manager_client, ITEMS).enter_in(drink, price="250").enter_in(bread, price="x").is_refused()
    assert "plain digits" in again.text
    assert "price-question" not in again.text
    assert asked(again.enter_in(bread, price="17")).changes == ["Latte ¥25 → ¥250"]


def test_a_row_that_somebody_deleted_meanwhile_does_not_undo_a_yes(manager_client: Client) -> None:
    drink, bread = latte(), croissant()
    question = asked(Page(manager_client, ITEMS).enter_in(drink, price="250"))
    bread.delete()
    assert question.yes().status_code == 302
    assert now(drink).price == 250


def test_a_program_that_shows_nothing_is_asked_too(manager_client: Client) -> None:
    drink = latte()
    answer = Page(manager_client, ITEMS).enter_in(drink, price="250").forget().save()
    assert Question(manager_client, ITEMS, answer).yes().status_code == 302
    assert now(drink).price == 250
