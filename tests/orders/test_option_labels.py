"""Option labels outside their group: the group's name precedes an option name that is ambiguous without it."""

import pytest
from django.test import Client
from django.utils.translation import override

from menu.catalogue import current
from menu.models import Item, Option, OptionGroup
from menu.options.labels import option_labels
from orders.errors import SoldOut
from orders.models import OrderLine
from tests.harness.factories import barista, group, item, option, wanted
from tests.harness.factories import order as place_order
from tests.orders.customer import a_device, add, place, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def drink() -> Item:
    made = item("lemonade", name_en="Lemonade", name_zh_hans="柠檬气泡")
    made.option_groups.set(
        [
            group("Size", "杯型", 1, 1, ("Medium", "中杯", "0"), ("Large", "大杯", "4")),
            group("Sweetness", "甜度", 1, 1, ("Standard", "标准", "0"), ("Half sweet", "半糖", "0")),
            group("Warm it up?", "需要加热吗？", 0, 1, ("Yes", "要", "0")),
        ]
    )
    return made


def labels(what: Item, *names: str, language: str = "en") -> list[str]:
    shown = current.current_menu().item(what.slug)
    assert shown
    ids = {option(what, name).pk for name in names}
    with override(language):
        return option_labels(shown, [one for group in shown.groups for one in group.options if one.id in ids])


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["Medium", "Sweetness: Standard", "Warm it up: Yes"]),
        ("zh-hans", ["中杯", "甜度：标准", "需要加热吗：要"]),
    ],
)
def test_a_bare_word_of_degree_comes_with_its_group(drink: Item, language: str, shown: list[str]) -> None:
    names = ("Medium", "Standard", "Yes")
    assert labels(drink, *names, language=language) == shown
    line = place_order(wanted(drink, *names)).lines.get()
    with override(language):
        assert line.option_names == shown


@pytest.mark.parametrize(
    ("english", "chinese", "in_english", "in_chinese"),
    [
        ("Regular", "正常", "Sweetness: Regular", "甜度：正常"),
        ("NONE", "不加", "Sweetness: NONE", "甜度：不加"),
        ("Less", "少糖", "Sweetness: Less", "少糖"),
        ("Standard sweetness", "标准", "Standard sweetness", "甜度：标准"),
    ],
)
def test_each_language_tells_for_itself(
    drink: Item, english: str, chinese: str, in_english: str, in_chinese: str
) -> None:
    Option.objects.filter(name_en="Standard").update(name_en=english, name_zh_hans=chinese)
    assert labels(drink, english) == [in_english]
    assert labels(drink, english, language="zh-hans") == [in_chinese]


def test_a_name_that_two_groups_of_an_item_share_comes_with_its_group(drink: Item) -> None:
    strength = group("Strength", "浓度", 1, 1, ("Medium", "中度", "0"), ("Bold", "浓郁", "0"))
    drink.option_groups.add(strength)
    chosen = [strength.options.get(name_en="Medium").pk, option(drink, "Large").pk]
    shown = current.current_menu().item("lemonade")
    assert shown
    with override("en"):
        found = option_labels(shown, [one for group in shown.groups for one in group.options if one.id in chosen])
    assert found == ["Large", "Strength: Medium"]


def test_a_name_that_groups_of_other_items_share_tells(drink: Item) -> None:
    other = item("latte")
    other.option_groups.set([group("Size", "杯型", 1, 1, ("Medium", "中杯", "0"))])
    assert labels(drink, "Large") == ["Large"]
    assert labels(other, "Medium") == ["Medium"]


def test_the_group_is_remembered_as_it_was_called(drink: Item) -> None:
    line = place_order(wanted(drink, "Medium", "Standard")).lines.get()
    OptionGroup.objects.update(name_en="Other", name_zh_hans="别的")
    line.refresh_from_db()
    with override("en"):
        assert line.option_names == ["Medium", "Sweetness: Standard"]
    names = {"id": option(drink, "Medium").pk, "name_en": "Medium", "name_zh_hans": "中杯", "price_delta": "0.00"}
    assert line.options[0] == names, "a name that tells is kept alone, as before"


def test_an_order_of_an_older_release_is_shown_as_it_was(drink: Item) -> None:
    line = place_order(wanted(drink, "Medium", "Standard")).lines.get()
    for chosen in line.options:
        chosen.pop("group_en", None)
        chosen.pop("group_zh_hans", None)
    OrderLine.objects.update(options=line.options)
    with override("en"):
        assert OrderLine.objects.get().option_names == ["Medium", "Standard"]


def test_every_page_that_shows_the_line_says_it(drink: Item) -> None:
    device, bar = a_device(), Client(headers={"accept-language": "en"})
    bar.force_login(barista())
    add(device, drink, "Medium", "Standard")
    pages = [device.get("/en/cart/"), device.get("/en/checkout/")]
    placed = place(device)
    pages += [device.get(f"/en/order/{placed.token}/{end}") for end in ("", "paper/")]
    pages += [bar.get("/admin/bar/"), bar.get(f"/admin/bar/{placed.token}/")]
    for page in pages:
        assert "Sweetness: Standard" in text_of(page), page.request["PATH_INFO"]


def test_a_changed_cart_says_it_too(drink: Item) -> None:
    device = a_device()
    add(device, drink, "Medium", "Half sweet")
    Option.objects.filter(name_en="Half sweet").update(is_available=False)
    assert "Lemonade comes with “Sweetness: Standard” instead." in text_of(device.get("/en/cart/"))


def test_a_refusal_says_it_too(drink: Item) -> None:
    line = wanted(drink, "Medium", "Standard")
    Option.objects.filter(name_en="Standard").update(is_available=False)
    with override("en"), pytest.raises(SoldOut, match="Lemonade: Sweetness: Standard is sold out today"):
        place_order(line)
