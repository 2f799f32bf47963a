"""The rules of option selection, on a menu built in memory: no database."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from menu.catalogue.option_records import MenuGroup, MenuOption
from menu.catalogue.records import MenuItem
from menu.drawing.cutaway import Cutaway
from menu.options.selection import ChoiceError, choose, default_choice
from orders.pricing import unit_price

SMALL, LARGE, SHOT, VANILLA, CREAM, FOREIGN = 1, 2, 3, 4, 5, 99


def an_option(id_: int, delta: str = "0", *, available: bool = True, default: bool = False) -> MenuOption:
    return MenuOption(id_, f"Option {id_}", f"选项{id_}", Decimal(delta), available, default)


def a_group(id_: int, least: int, most: int, *options: MenuOption) -> MenuGroup:
    return MenuGroup(id_, f"Group {id_}", f"组{id_}", least, most, options)


def an_item(*groups: MenuGroup, price: str = "25.00") -> MenuItem:
    return MenuItem(
        id=7,
        slug="latte",
        name_en="Latte",
        name_zh_hans="拿铁",
        description_en="",
        description_zh_hans="",
        price=Decimal(price),
        is_available=True,
        is_counted_out=False,
        is_new=False,
        prep_seconds=120,
        max_per_order=20,
        tint="paper",
        groups=groups,
        cutaway=Cutaway("cup"),
        picture_hash="",
    )


SIZES = a_group(1, 1, 1, an_option(SMALL, default=True), an_option(LARGE, "6.00"))
EXTRAS = a_group(2, 0, 2, an_option(SHOT, "4.00"), an_option(VANILLA, "3.00"), an_option(CREAM, "-1.50"))
LATTE = an_item(SIZES, EXTRAS)


def ids(options: tuple[MenuOption, ...]) -> list[int]:
    return [option.id for option in options]


def refusal(item: MenuItem, *option_ids: int) -> ChoiceError:
    with override("en"), pytest.raises(ChoiceError) as refused:
        choose(item, option_ids)
    return refused.value


@pytest.mark.parametrize("chosen", [(SMALL,), (LARGE,), (SMALL, SHOT), (SMALL, SHOT, VANILLA)])
def test_a_choice_within_the_rules_is_taken(chosen: tuple[int, ...]) -> None:
    assert ids(choose(LATTE, chosen)) == list(chosen)


def test_what_is_chosen_comes_in_the_menus_order() -> None:
    assert ids(choose(LATTE, (CREAM, LARGE, SHOT))) == [LARGE, SHOT, CREAM]


def test_an_item_without_groups_takes_nothing() -> None:
    assert choose(an_item(), ()) == ()
    assert refusal(an_item(), SMALL).message == "Latte does not have one of these options."


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ((), "Latte: choose “Group 1”."),
        ((SHOT,), "Latte: choose “Group 1”."),
        ((SMALL, LARGE), "Latte: choose at most 1 of “Group 1”."),
        ((SMALL, SHOT, VANILLA, CREAM), "Latte: choose at most 2 of “Group 2”."),
        ((SMALL, FOREIGN), "Latte does not have one of these options."),
        ((SMALL, SMALL), "Latte does not have one of these options."),
        ((SMALL, SHOT, SHOT), "Latte does not have one of these options."),
        ((0,), "Latte does not have one of these options."),
        ((-1,), "Latte does not have one of these options."),
        ((10**400,), "Latte does not have one of these options."),
    ],
)
def test_a_choice_against_the_rules_is_refused(chosen: tuple[int, ...], message: str) -> None:
    refused = refusal(LATTE, *chosen)
    assert refused.message == message
    assert not refused.is_sold_out


def test_a_group_may_ask_for_more_than_one() -> None:
    pair = an_item(a_group(1, 2, 3, *(an_option(number) for number in range(1, 5))))
    assert refusal(pair, 1).message == "Latte: choose at least 2 of “Group 1”."
    assert refusal(pair, 1, 2, 3, 4).message == "Latte: choose at most 3 of “Group 1”."
    assert ids(choose(pair, (1, 4))) == [1, 4]


@pytest.mark.parametrize("group", [1, 2])
def test_an_option_that_is_gone_today_is_sold_out(group: int) -> None:
    gone = a_group(group, 2 - group, 1, an_option(1, available=False), an_option(2))
    refused = refusal(an_item(gone), 1)
    assert refused.is_sold_out
    assert refused.message == "Latte: Option 1 is sold out today."


def test_the_words_are_in_the_readers_language() -> None:
    with override("zh-hans"), pytest.raises(ChoiceError) as refused:
        choose(LATTE, ())
    assert "拿铁" in refused.value.message
    assert "组1" in refused.value.message


# Defaults


def test_the_default_of_each_required_group_is_taken_and_no_other() -> None:
    optional = a_group(3, 0, 1, an_option(10, default=True))
    assert ids(default_choice(an_item(SIZES, EXTRAS, optional))) == [SMALL]


def test_a_group_of_two_takes_two_defaults_and_never_more_than_its_most() -> None:
    options = [an_option(number, default=True) for number in range(1, 4)]
    assert ids(default_choice(an_item(a_group(1, 2, 2, *options)))) == [1, 2]


def test_a_required_group_without_a_default_must_be_chosen() -> None:
    with pytest.raises(ChoiceError) as refused:
        default_choice(an_item(a_group(1, 1, 1, an_option(1), an_option(2))))
    assert not refused.value.is_sold_out


def test_a_default_that_is_gone_today_is_sold_out() -> None:
    gone = a_group(1, 1, 1, an_option(1, available=False, default=True), an_option(2))
    with pytest.raises(ChoiceError) as refused:
        default_choice(an_item(gone))
    assert refused.value.is_sold_out


# Prices


@pytest.mark.parametrize(
    ("chosen", "price"),
    [((SMALL,), "25.00"), ((LARGE,), "31.00"), ((LARGE, SHOT, VANILLA), "38.00"), ((SMALL, CREAM), "23.50")],
)
def test_a_price_is_the_items_and_its_options(chosen: tuple[int, ...], price: str) -> None:
    assert unit_price(LATTE, choose(LATTE, chosen)) == Decimal(price)


def test_a_price_is_never_below_zero() -> None:
    assert unit_price(an_item(price="1.00"), [an_option(1, "-5.00")]) == 0


# What can be made


def test_an_item_can_be_made_while_its_required_groups_have_enough() -> None:
    one_left = a_group(1, 1, 1, an_option(1, available=False), an_option(2))
    none_left = a_group(1, 1, 1, an_option(1, available=False))
    assert an_item(one_left).can_be_made
    assert not an_item(none_left).can_be_made
    assert an_item(none_left).sold_out
    assert an_item(a_group(2, 0, 1, an_option(1, available=False))).can_be_made
