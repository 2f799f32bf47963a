"""The allergens of an order line: combined from item and chosen options, shown with the line, and stored with it."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from menu.catalogue import current
from menu.dietary.allergens import DietaryInfo
from menu.models import Item, Option, OptionGroup
from orders.models import Order, OrderLine
from orders.placing.sellable_items import items_with_ids
from tests.harness.factories import croissant, group, item, latte, manager, option, wanted
from tests.harness.factories import order as place_order
from tests.orders.customer import a_device, add, place, text_of

pytestmark = pytest.mark.django_db

STATED = {"allergens_are_stated": True, "diets": "vegan"}
CHOSEN = ("Large", "Oat drink", "Hazelnut syrup")


def stated(what: Item | Option, allergens: str = "", **fields: object) -> None:
    type(what).objects.filter(pk=what.pk).update(**STATED | {"allergens": allergens} | fields)


@pytest.fixture
def drink() -> Item:
    """A latte whose own allergens are stated as none; groups: size (adds no ingredients), milk, extras."""
    made = item("latte", name_en="Latte", name_zh_hans="拿铁", price="25.00", **STATED)
    size = group("Size", "杯型", 1, 1, ("Small", "小杯", "0"), ("Large", "大杯", "6"))
    OptionGroup.objects.filter(pk=size.pk).update(adds_ingredients=False)
    milk = group("Milk", "奶", 1, 1, ("Whole milk", "全脂牛奶", "0"), ("Oat drink", "燕麦奶", "5"))
    extras = group("Extras", "加料", 0, 2, ("Hazelnut syrup", "榛果糖浆", "3"), ("Secret sauce", "秘制酱", "3"))
    made.option_groups.set([size, milk, extras])
    for name, allergens in (("Whole milk", "milk"), ("Oat drink", "gluten"), ("Hazelnut syrup", "nuts")):
        stated(option(made, name), allergens)
    return made


def sold(*lines: object, **fields: object) -> OrderLine:
    return place_order(*lines, **fields).lines.get()  # type: ignore[arg-type]


# Combined


def test_the_chosen_options_add_their_allergens(drink: Item) -> None:
    assert sold(wanted(drink, *CHOSEN)).contents == DietaryInfo("gluten nuts", True)
    assert sold(wanted(drink, "Small", "Whole milk")).contents == DietaryInfo("milk", True)


def test_the_cart_and_the_sale_add_up_alike(drink: Item) -> None:
    """The snapshot and the rows that an order reads give the same allergens."""
    shown, on_sale = current.current_menu().item("latte"), items_with_ids([drink.pk])[drink.pk]
    assert shown
    for names in (CHOSEN, ("Small", "Whole milk"), ("Small", "Oat drink", "Secret sauce")):
        ids = {option(drink, name).pk for name in names}
        of_menu, of_sale = (
            one.contents_with(option for group in one.groups for option in group.options if option.id in ids)
            for one in (shown, on_sale)
        )
        assert (of_menu.allergens, of_menu.is_stated) == (of_sale.allergens, of_sale.is_stated)


def test_a_group_that_adds_nothing_adds_nothing(drink: Item) -> None:
    stated(option(drink, "Large"), "celery")
    assert sold(wanted(drink, "Large", "Oat drink")).contents == DietaryInfo("gluten", True)
    OptionGroup.objects.filter(name_en="Size").update(adds_ingredients=True)
    assert sold(wanted(drink, "Large", "Oat drink")).contents == DietaryInfo("gluten celery", True)


def test_an_item_without_options_has_its_own() -> None:
    roll = croissant()
    stated(roll, "gluten eggs milk")
    assert sold(wanted(roll)).contents == DietaryInfo("gluten eggs milk", True)


def test_an_option_that_states_nothing_makes_the_sum_incomplete(drink: Item) -> None:
    assert sold(wanted(drink, "Small", "Oat drink", "Secret sauce")).contents == DietaryInfo("gluten", False)


def test_a_program_that_leaves_the_defaults_gets_their_allergens(drink: Item) -> None:
    Client().post("/api/orders", {"customer_name": "a", "coffee_type": "latte"}, content_type="application/json")
    assert OrderLine.objects.get().contents == DietaryInfo("milk", True)


def test_it_takes_one_statement(drink: Item, django_assert_num_queries: Callable[..., object]) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        items_with_ids([drink.pk])


# Stored


def test_an_order_keeps_its_allergens_though_the_menu_changes(drink: Item) -> None:
    line = sold(wanted(drink, *CHOSEN))
    Item.objects.update(allergens="celery")
    Option.objects.update(allergens="", allergens_are_stated=False)
    line.refresh_from_db()
    assert line.contents == DietaryInfo("gluten nuts", True)


def test_a_line_of_an_older_release_states_nothing(drink: Item) -> None:
    """During a rolling update, instances of the old release insert lines without these columns."""
    device = a_device()
    add(device, drink, *CHOSEN)
    placed = place(device)
    columns = [field.column for field in OrderLine._meta.concrete_fields if "allergens" not in field.column]
    names = ", ".join(column for column in columns if column != "id")
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO orders_orderline ({names}) SELECT {names} FROM orders_orderline")
    old = placed.lines.latest("pk")
    assert old.contents == DietaryInfo()
    words = text_of(device.get(f"/en/order/{placed.token}/"))
    assert "Contains gluten, nuts" in words
    assert "Allergens not stated" in words


# Shown


def pages_of(device: Client, barista_client: Client, placed: Order, language: str) -> dict[str, HttpResponse]:
    return {
        "order": device.get(f"/{language}/order/{placed.token}/"),
        "slip": device.get(f"/{language}/order/{placed.token}/paper/"),
        "sheet": device.get(f"/{language}/order/{placed.token}/paper/", {"on": "a4"}),
        "board": barista_client.get("/admin/bar/"),
        "ticket": barista_client.get(f"/admin/bar/{placed.token}/"),
        "slip at the bar": barista_client.get(f"/admin/bar/{placed.token}/paper/"),
    }


@pytest.mark.parametrize(("language", "words"), [("en", "Contains gluten, nuts"), ("zh-hans", "含麸质、坚果")])
def test_every_page_that_shows_the_line_names_them(
    drink: Item, barista_client: Client, language: str, words: str
) -> None:
    device = a_device()
    add(device, drink, *CHOSEN)
    before = {name: device.get(f"/{language}/{name}/") for name in ("cart", "checkout")}
    placed = place(device)
    Order.objects.update(language=language)
    barista_client.cookies["django_language"] = language
    for name, page in (before | pages_of(device, barista_client, placed, language)).items():
        assert words in text_of(page), name


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (("Small", "Oat drink", "Secret sauce"), "Contains gluten; more is not stated"),
        (("Small", "Soda"), "None of the 14 allergens"),
    ],
)
def test_unknown_is_told_apart_from_none(
    drink: Item, barista_client: Client, chosen: tuple[str, ...], words: str
) -> None:
    milk = OptionGroup.objects.get(name_en="Milk")
    milk.options.create(name_en="Soda", name_zh_hans="苏打水", price_delta=0, **STATED)
    device = a_device()
    add(device, drink, *chosen)
    before = {name: device.get(f"/en/{name}/") for name in ("cart", "checkout")}
    for name, page in (before | pages_of(device, barista_client, place(device), "en")).items():
        assert words in text_of(page), name


def test_what_nobody_stated_is_never_called_free(barista_client: Client) -> None:
    device = a_device()
    add(device, latte(), "Small", "Cream")
    before = {name: device.get(f"/en/{name}/") for name in ("cart", "checkout")}
    pages = before | pages_of(device, barista_client, place(device), "en")
    for name, page in pages.items():
        words = text_of(page)
        assert "None of the 14" not in words
        is_staffs = name in ("board", "ticket")
        assert ("Allergens not stated" in words) != is_staffs, (
            "a café that states none reads nothing of it at the bar"
        )


def test_the_bar_says_what_is_unknown_beside_what_is_known(drink: Item, barista_client: Client) -> None:
    placed = place_order(wanted(drink, "Small", "Oat drink"), wanted(croissant()))
    for address in ("/admin/bar/", f"/admin/bar/{placed.token}/"):
        words = text_of(barista_client.get(address))
        assert "Contains gluten" in words
        assert "Allergens not stated" in words


def test_a_program_reads_them_with_its_order(drink: Item) -> None:
    placed = place_order(wanted(drink, *CHOSEN), wanted(croissant()))
    lines = Client().get(f"/api/orders/{placed.token}").json()["lines"]
    assert [line["contents"] for line in lines] == [
        {"allergens": ["gluten", "nuts"], "is_complete": True},
        {"allergens": [], "is_complete": False},
    ]


def test_the_admin_names_them(drink: Item) -> None:
    placed = place_order(wanted(drink, *CHOSEN))
    boss = Client(headers={"accept-language": "en"})
    boss.force_login(manager())
    page = boss.get(f"/admin/orders/order/{placed.pk}/change/")
    assert re.search(r"Contains gluten, nuts", text_of(page))
