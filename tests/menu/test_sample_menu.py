"""The sample menu is complete, in both languages, has drawings, and can be loaded repeatedly."""

import re
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from menu.catalogue import current
from menu.catalogue.records import Menu
from menu.drawing import cutaway
from menu.models import Category, Item, Option, OptionGroup
from menu.options import selection
from orders import pricing
from orders.placing.sellable_items import items_called

pytestmark = pytest.mark.django_db


def load(*arguments: str) -> str:
    out = StringIO()
    call_command("load_sample_menu", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def menu() -> Menu:
    load()
    return current.current_menu()


def every_row() -> dict[str, Any]:
    models = (Category, Item, OptionGroup, Option, Item.option_groups.through)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_it_has_30_items_in_6_categories_or_more(menu: Menu) -> None:
    assert len(menu.categories) >= 6
    assert len(list(menu.items())) >= 30
    assert all(len(category.items) >= 2 for category in menu.categories)
    assert f"{len(list(menu.items()))} items in {len(menu.categories)} categories" in load()


def test_every_name_is_in_both_languages(menu: Menu) -> None:
    rows = [*Category.objects.all(), *Item.objects.all(), *OptionGroup.objects.all(), *Option.objects.all()]
    for row in rows:
        assert row.name_en.strip(), row.pk
        assert row.name_en.isascii() or "é" in row.name_en, row.name_en
        assert re.search(r"[\u4e00-\u9fff]", row.name_zh_hans), row.name_en
    for item in menu.items():
        assert item.description_en, item.slug
        assert re.search(r"[\u4e00-\u9fff]", item.description_zh_hans), item.slug


def test_no_name_is_given_twice(sample_menu: Menu) -> None:
    """API clients find an item by its name."""
    names = [name for item in sample_menu.items() for name in (item.slug, item.name_en, item.name_zh_hans)]
    assert len(set(names)) == len(names)


def test_prices_and_times_are_believable(sample_menu: Menu) -> None:
    for item in sample_menu.items():
        assert 5 <= item.price <= 200, item.slug
        assert 0 <= item.prep_seconds <= 900, item.slug
        assert 1 <= item.max_per_order <= 99, item.slug
        assert not item.sold_out, item.slug
        assert all(-10 <= option.price_delta <= 20 for group in item.groups for option in group.options), item.slug


def test_a_required_group_has_exactly_one_default_and_it_costs_nothing() -> None:
    load()
    required = OptionGroup.objects.filter(min_choices__gte=1)
    assert required
    for group in required:
        defaults = list(group.options.filter(is_default=True))
        assert len(defaults) == 1, group
        assert defaults[0].price_delta == 0, group


def test_every_group_can_be_satisfied() -> None:
    load()
    for group in OptionGroup.objects.all():
        assert group.options.count() >= max(group.min_choices, 1), group
        assert group.items.exists(), group


@pytest.mark.parametrize(("slug", "name", "price"), [("latte", "拿铁", "25.00"), ("americano", "美式咖啡", "18.00")])
def test_the_courses_drinks_cost_what_the_course_says(menu: Menu, slug: str, name: str, price: str) -> None:
    item = items_called([name])[name]
    assert (item.slug, item.price) == (slug, Decimal(price))
    assert pricing.unit_price(item, selection.default_choice(item)) == Decimal(price)


@pytest.mark.parametrize(("name", "quantity", "total"), [("美式咖啡", 1, 18.00), ("拿铁", 2, 50.00)])
def test_the_courses_orders_go_through_as_written(menu: Menu, name: str, quantity: int, total: float) -> None:
    body = {"customer_name": "缓存测试", "coffee_type": name, "quantity": quantity, "total_price": total}
    response = Client().post("/api/orders", body, content_type="application/json")
    assert (response.status_code, response.json()["total_price"]) == (201, total)


def test_every_item_can_be_ordered_with_its_defaults(menu: Menu) -> None:
    for item in menu.items():
        assert selection.choose(item, [option.id for option in selection.default_choice(item)]) is not None


def test_loading_twice_changes_nothing() -> None:
    load()
    before = every_row()
    load()
    assert every_row() == before


def test_loading_over_the_notes_of_a_release_before_adds_no_group(menu: Menu) -> None:
    before = every_row()
    for group in OptionGroup.objects.all():
        OptionGroup.objects.filter(pk=group.pk).update(note=group.note.rpartition(" · ")[2])
    assert OptionGroup.objects.filter(note="hot drinks").count() == 2
    load()
    assert every_row() == before


def test_loading_again_sets_the_samples_items_back_and_keeps_others() -> None:
    load()
    before = every_row()
    Item.objects.filter(slug="latte").update(price="1.00", name_en="Other")
    Item.objects.get(slug="latte").option_groups.clear()
    Option.objects.filter(name_en="Large").update(price_delta="99")
    category = Category.objects.create(slug="ours", name="Ours")
    Item.objects.create(slug="ours", name="Ours", price="1", category=category)
    load()
    assert Item.objects.get(slug="ours").name == "Ours"
    category.items.all().delete()
    category.delete()
    links = Item.option_groups.through.__name__
    after = every_row()
    assert {name: rows for name, rows in after.items() if name != links} == {
        name: rows for name, rows in before.items() if name != links
    }
    pairs = [sorted((row["item_id"], row["optiongroup_id"]) for row in rows[links]) for rows in (after, before)]
    assert pairs[0] == pairs[1]


def test_if_empty_leaves_a_menu_alone() -> None:
    Category.objects.create(slug="ours", name="Ours")
    load("--if-empty")
    assert not Item.objects.exists()
    Category.objects.all().delete()
    load("--if-empty")
    assert Item.objects.exists()


# Allergens and diets


def test_everything_on_it_states_what_is_in_it(menu: Menu) -> None:
    for row in [*Item.objects.all(), *Option.objects.filter(group__adds_ingredients=True)]:
        row.full_clean()
        assert row.allergens_are_stated, row.name_en
    for item in menu.items():
        assert item.contents.is_stated, item.slug


@pytest.mark.few_cases(3)
@pytest.mark.parametrize(
    ("slug", "allergens", "by_choice"),
    [
        ("latte", "milk", "milk vegan"),
        ("americano", "", ""),
        ("iced-oat-latte", "gluten", "gluten"),
        ("dirty", "milk", ""),
        ("butter-croissant", "gluten eggs milk", ""),
        ("salmon-bagel", "gluten fish milk sesame", ""),
    ],
)
def test_it_says_the_truth(sample_menu: Menu, slug: str, allergens: str, by_choice: str) -> None:
    item = sample_menu.item(slug)
    assert item
    assert item.contents.allergens == allergens
    assert item.can_suit == by_choice


def test_what_is_made_of_milk_or_egg_says_so(sample_menu: Menu) -> None:
    """The layers of a drawing name the ingredients in the cup."""
    of = {"milk": {"milk", "cream", "cheese", "yoghurt", "milk_tea", "custard"}, "eggs": {"egg", "custard"}}
    for item in sample_menu.items():
        if item.slug in ("yirgacheffe", "iced-oat-latte"):  # a bag of beans in the colours of its taste; oat foam
            continue
        drawn = set(re.findall(r"[a-z_]+", item.cutaway.layers))
        for allergen, layers in of.items():
            assert not drawn & layers or item.contents.contains(allergen), (item.slug, allergen)


# Drawings


def test_every_item_is_drawn_from_what_a_manager_can_edit(menu: Menu) -> None:
    for row in Item.objects.all():
        row.full_clean()
        assert row.layers, row.slug
    drawings = {item.slug: str(item.drawing) for item in menu.items()}
    assert all(drawn.startswith("<svg") for drawn in drawings.values())
    without_ids = {re.sub(r'(id="|#)[\w-]+', "", drawn) for drawn in drawings.values()}
    assert len(without_ids) >= len(drawings) * 0.8, "items are told apart by their drawings"


def assert_sound(drawn: str) -> None:
    """Assert that a drawing is well-formed, hidden from screen readers, without inline style, script or address."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    assert root.attrib["aria-hidden"] == "true"
    for word in ("style=", "<style", "<script", "href", "http", "nan", "inf", "None"):
        assert word not in drawn


def test_every_drawing_is_sound(sample_menu: Menu) -> None:
    for item in sample_menu.items():
        assert_sound(item.drawing)


def test_no_two_drawings_of_a_page_share_an_id(sample_menu: Menu) -> None:
    ids = [id_ for item in sample_menu.items() for id_ in re.findall(r'\sid="([^"]+)"', item.drawing)]
    assert len(set(ids)) == len(ids)


def test_the_page_of_the_sample_menu_has_no_inline_style(menu: Menu) -> None:
    for path in ("/en/", "/zh-hans/"):
        page = Client().get(path).content.decode()
        assert "style=" not in page
        assert page.count('<article class="item-card') == len(list(menu.items()))
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("glass", [key for key, _label in cutaway.GLASSES])
def test_every_glass_takes_every_garnish(glass: str) -> None:
    layers = "espresso 25, milk 60, foam 15"
    for garnish, _label in cutaway.GARNISHES:
        assert_sound(cutaway.draw(cutaway.Cutaway(glass, layers, True, True, True, garnish), key="k"))


def test_every_fill_is_drawn_alone_and_over_milk() -> None:
    for fill, _label in cutaway.FILLS:
        for layers in (f"{fill} 100", f"milk 50, {fill} 50"):
            assert_sound(cutaway.draw(cutaway.Cutaway("tumbler", layers), key="k"))


@pytest.mark.parametrize(
    "layers",
    [
        "",
        "nothing",
        "milk",
        "milk 0",
        "milk -1",
        "milk 1e9",
        "milk 50 50",
        "milk ५",
        "<b> 5",
        "，，、",
        "milk 1," * 9,
    ],
)
def test_old_layers_that_cannot_be_read_are_left_out(layers: str) -> None:
    assert_sound(cutaway.draw(cutaway.Cutaway("no such glass", layers, garnish="none such"), key='"><script>'))


def test_a_drawing_is_small(sample_menu: Menu) -> None:
    sizes: dict[str, int] = {item.slug: len(item.drawing) for item in sample_menu.items()}
    assert max(sizes.values()) < 6000, max(sizes, key=lambda slug: sizes[slug])
