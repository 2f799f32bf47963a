"""The sample menu's texts agree with its data: an item or option whose text names an allergen or a diet states it."""

import re

import pytest

from menu.catalogue.records import Menu
from menu.dietary.allergens import ALLERGENS, DIETS, DietaryInfo

pytestmark = pytest.mark.django_db

# Words for each allergen: English ones (with their plural), and Chinese ones anywhere in a text.
WORDS = {
    "gluten": (
        "wheat flour bread sourdough toast bagel croissant pastry dough muffin cookie cake tart sandwich granola oat "
        "barley rye malt pasta noodle",
        "小麦 面粉 面包 吐司 贝果 可颂 酥皮 面团 麦芬 曲奇 蛋糕 蛋挞 三明治 谷物 燕麦 大麦 黑麦 麦芽 酸种",
    ),
    "crustaceans": ("crab prawn shrimp lobster crayfish", "虾 蟹"),
    "eggs": ("egg custard meringue mayonnaise", "蛋 卡仕达"),
    "fish": ("fish salmon tuna anchovy anchovies cod", "鱼"),
    "peanuts": ("peanut groundnut satay", "花生 沙爹"),
    "soya": ("soya soy soybean tofu edamame miso", "大豆 豆浆 豆奶 豆腐 毛豆 味噌"),
    "milk": (
        "milk cream butter cheese cheesecake yoghurt yogurt custard gruyère parmesan mozzarella feta whey",
        "奶 乳 黄油 芝士 乳酪 帕玛森",
    ),
    "nuts": (
        "nut hazelnut almond walnut cashew pecan pistachio macadamia praline marzipan nougat",
        "坚果 榛 杏仁 扁桃仁 核桃 腰果 碧根果 开心果 夏威夷果",
    ),
    "celery": ("celery celeriac", "芹"),
    "mustard": ("mustard", "芥末"),
    "sesame": ("sesame tahini", "芝麻"),
    "sulphites": ("sulphite sulfite wine", "亚硫酸 葡萄酒"),
    "lupin": ("lupin", "羽扇豆"),
    "molluscs": ("mollusc oyster mussel clam squid octopus scallop", "贝类 牡蛎 蛤 鱿鱼 章鱼 扇贝"),
}
DIET_WORDS = {
    "vegan": ("vegan", "纯素 全素"),
    "vegetarian": ("vegetarian", "蛋奶素 素食"),
    "caffeine_free": ("no caffeine|caffeine-free|decaf", "不含咖啡因 无咖啡因 低因"),
}
# Phrases that sound like an allergen, and the words that replace them in the check.
INNOCENT = {
    "oat milk": "oat",
    "燕麦奶": "燕麦",
    "coconut milk": "",
    "椰乳": "",
    "椰奶": "",
    "cocoa butter": "",
    "牛油果": "",
}


def named(text: str) -> set[str]:
    """Return the allergens that a text names."""
    plain = text.casefold()
    for words, truth in INNOCENT.items():
        plain = plain.replace(words, truth)
    return {key for key, (english, chinese) in WORDS.items() if _names(plain, english.split(), chinese.split())}


def diets_named(text: str) -> set[str]:
    return {
        key
        for key, (english, chinese) in DIET_WORDS.items()
        if _names(text.casefold(), english.split("|"), chinese.split())
    }


def _names(text: str, english: list[str], chinese: list[str]) -> bool:
    return bool(re.search(rf"\b({'|'.join(english)})(s|es)?\b", text)) or any(word in text for word in chinese)


def untrue(text: str, contents: DietaryInfo) -> set[str]:
    """Return the allergens and diets that a text names and its contents do not state."""
    return (named(text) - set(contents.allergen_keys)) | (diets_named(text) - set(contents.diet_keys))


def texts_of(row: object) -> str:
    fields = ("name_en", "name_zh_hans", "description_en", "description_zh_hans")
    return " / ".join(getattr(row, field, "") for field in fields)


def test_what_an_item_says_is_in_its_allergens_and_diets(sample_menu: Menu) -> None:
    said = {item.slug: untrue(texts_of(item), item.contents) for item in sample_menu.items()}
    assert {slug: words for slug, words in said.items() if words} == {}


def test_what_an_option_says_is_in_its_allergens_and_diets(sample_menu: Menu) -> None:
    options = {option for item in sample_menu.items() for group in item.groups for option in group.options}
    said = {option.name_en: untrue(texts_of(option), option.contents) for option in options}
    assert {name: words for name, words in said.items() if words} == {}


def test_the_words_are_found_in_the_sample(sample_menu: Menu) -> None:
    """Control: a list of words that finds nothing would agree with any menu."""
    found = {allergen for item in sample_menu.items() for allergen in named(texts_of(item))}
    assert {"gluten", "milk", "eggs", "fish"} <= found
    assert set(WORDS) == set(ALLERGENS)
    assert set(DIET_WORDS) == set(DIETS)


@pytest.mark.parametrize(
    ("text", "allergens"),
    [
        ("Short, dark, with a hazelnut crema", {"nuts"}),
        ("黑巧、坚果、焦糖，做奶咖最合适", {"nuts", "milk"}),
        ("Chocolate, roasted nuts, caramel", {"nuts"}),
        ("Satay dressing and prawns", {"peanuts", "crustaceans"}),
        ("芝麻豆浆配油条，撒花生", {"sesame", "soya", "peanuts"}),
        ("Two eggs on sourdough, oyster sauce", {"eggs", "gluten", "molluscs"}),
        ("燕麦奶与厚椰乳，牛油果", {"gluten"}),
        ("Oat milk, coconut milk, nutmeg, a buttery finish", {"gluten"}),
    ],
)
def test_a_text_names_its_allergens_in_either_language(text: str, allergens: set[str]) -> None:
    assert named(text) == allergens
    assert untrue(text, DietaryInfo(" ".join(sorted(allergens)), True)) == set()
    assert untrue(text, DietaryInfo("", True)) == allergens


@pytest.mark.parametrize(
    ("text", "diet"), [("Roselle, no caffeine", "caffeine_free"), ("纯素可颂", "vegan"), ("蛋奶素", "vegetarian")]
)
def test_a_text_that_names_a_diet_has_its_tick(text: str, diet: str) -> None:
    assert untrue(text, DietaryInfo("gluten milk eggs", True)) == {diet}
    assert untrue(text, DietaryInfo("gluten milk eggs", True, diet)) == set()
