"""Names that are equal after NFKC and casefold are one name, on every database; the key columns stay current."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from menu.derived_fields import name_key, pinyin
from menu.models import Item, MenuVersion, OptionGroup
from tests.harness.factories import client_of, item, manager
from tests.menu.admin_page import Page

pytestmark = pytest.mark.django_db

ALIKE = [
    ("Latte", "LATTE"),
    ("Latte", "ｌａｔｔｅ"),
    ("Maß", "MASS"),
    ("Straße", "strasse"),
    ("Café", "CAFE\u0301"),
    ("ﬁg", "fig"),
    ("①", "1"),
    ("Ωmega", "ωmega"),
    ("ΟΔΟΣ", "οδος"),
    ("❤\ufe0f Tea", "❤ tea"),
    ("oat  milk", "Oat\u3000Milk"),
    ("ｶﾌｪ", "カフェ"),
]
APART = [
    ("Tea 🍵", "Tea 🧋"),
    ("Maß", "Mas"),
    ("Café", "Cafe"),
    ("Tea", "Tea 🍵"),
    ("Zoë", "Zoe"),
    ("か", "が"),
    ("拿铁", "拿鐵"),
    ("naïve", "naive"),
    ("İ", "i"),
    ("1", "2"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_alike_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_apart_have_keys_of_their_own(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_key_is_ascii_of_one_length() -> None:
    assert {len(name_key(name)) for name in ("a", "ﷺ" * 60, "🍵" * 60)} == {32}
    assert name_key("") == ""
    assert name_key("Latte").isascii()


# The admin


@pytest.mark.few_cases(3)
@pytest.mark.parametrize(("taken", "name"), ALIKE)
def test_two_items_of_one_name_are_refused(taken: str, name: str) -> None:
    item("first", name_en=taken)
    second = item("second")
    for field in ("name_en", "name_zh_hans"):
        page = Page(client_of(manager()), f"/admin/menu/item/{second.pk}/change/").enter(**{field: name}).is_refused()
        assert "Another item has this name." in page.text


@pytest.mark.few_cases(3)
@pytest.mark.parametrize(("taken", "name"), APART)
def test_two_items_of_names_apart_are_taken(taken: str, name: str) -> None:
    item("first", name_en=taken)
    second = item("second")
    assert Page(client_of(manager()), f"/admin/menu/item/{second.pk}/change/").enter(name_en=name).is_saved()
    assert Item.objects.get(pk=second.pk).name_en == name


# Every way to write a name


def renamed_by_save(one: Item) -> None:
    one.name_en, one.name_zh_hans = "Oat Latte", "燕麦拿铁"
    one.save()


def renamed_by_update_fields(one: Item) -> None:
    one.name_en, one.name_zh_hans = "Oat Latte", "燕麦拿铁"
    one.save(update_fields=["name_en", "name_zh_hans"])


def renamed_with_deferred_columns(one: Item) -> None:
    deferred = Item.objects.only("name_en", "name_zh_hans").get(pk=one.pk)
    deferred.name_en, deferred.name_zh_hans = "Oat Latte", "燕麦拿铁"
    deferred.save()


def renamed_by_update(one: Item) -> None:
    Item.objects.filter(pk=one.pk).update(name_en="Oat Latte", name_zh_hans="燕麦拿铁")


def renamed_by_bulk_update(one: Item) -> None:
    one.name_en, one.name_zh_hans = "Oat Latte", "燕麦拿铁"
    Item.objects.bulk_update([one], ["name_en", "name_zh_hans"])


def renamed_by_update_or_create(one: Item) -> None:
    Item.objects.update_or_create(slug=one.slug, defaults={"name_en": "Oat Latte", "name_zh_hans": "燕麦拿铁"})


def renamed_by_bulk_create(one: Item) -> None:
    Item.objects.filter(pk=one.pk).delete()
    one.name_en, one.name_zh_hans = "Oat Latte", "燕麦拿铁"
    Item.objects.bulk_create([one])


def renamed_by_a_fixture_of_the_release_before(one: Item) -> None:
    one.name_en, one.name_zh_hans = "Oat Latte", "燕麦拿铁"
    columns = [field.name for field in Item._meta.fields if not hasattr(field, "source")]
    fixture = serializers.serialize("json", [one], fields=columns)
    for loaded in serializers.deserialize("json", fixture):
        loaded.save()


WAYS = [way for name, way in sorted(globals().items()) if name.startswith("renamed_")]


@pytest.mark.parametrize("rename", WAYS)
def test_the_columns_follow_the_name_however_it_is_written(rename: Callable[[Item], None]) -> None:
    rename(item("one", name_en="Latte", name_zh_hans="拿铁"))
    row = Item.objects.get(slug="one")
    assert row.name_en == "Oat Latte"
    assert (row.name_en_key, row.name_zh_hans_key) == (name_key("oat latte"), name_key("燕麦拿铁"))
    assert row.name_pinyin == "yan mai na tie"


def test_a_name_that_the_database_computes_has_no_key_until_the_row_is_saved() -> None:
    one = item("one", name_en="Latte", name_zh_hans="拿铁")
    Item.objects.update(name_en=Concat(F("name_en"), Value("!")))
    one.refresh_from_db()
    assert (one.name_en, one.name_en_key) == ("Latte!", "")
    one.save(update_fields=["price"])
    one.refresh_from_db()
    assert one.name_en_key == name_key("latte!")


def test_the_migration_fills_the_rows_that_there_are() -> None:
    item("one", name_en="Latte", name_zh_hans="燕麦拿铁", description_zh_hans="加薄荷")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE menu_item SET name_en_key = '', name_zh_hans_key = '', name_pinyin = '', description_pinyin = ''"
        )
    version = MenuVersion.objects.get().version
    migration = importlib.import_module("menu.migrations.0007_name_keys")
    migration.fill(apps, connection.schema_editor())
    row = Item.objects.get()
    assert (row.name_en_key, row.name_zh_hans_key) == (name_key("latte"), name_key("燕麦拿铁"))
    assert (row.name_pinyin, row.description_pinyin) == ("yan mai na tie", "jia bo he")
    assert MenuVersion.objects.get().version >= version


def test_the_sample_menu_is_set_back_beside_groups_that_only_look_alike() -> None:
    call_command("load_sample_menu", verbosity=0)
    groups = OptionGroup.objects.count()
    one = OptionGroup.objects.filter(name_en="Size").first()
    assert one
    OptionGroup.objects.create(name_en="Sizé", name_zh_hans="x", note=one.note)
    OptionGroup.objects.filter(pk=one.pk).update(name_en="SIZE")
    call_command("load_sample_menu", verbosity=0)
    assert OptionGroup.objects.count() == groups + 1
    assert OptionGroup.objects.filter(pk=one.pk, min_choices=one.min_choices).exists()


# Pinyin


@pytest.mark.parametrize(
    ("name", "syllables"),
    [
        ("燕麦冰拿铁", "yan mai bing na tie"),
        ("薄荷番茄", "bo he fan qie"),  # not bao, not jia
        ("橙C美式", "cheng c mei shi"),
        ("云南保山 250 克", "yun nan bao shan 250 ke"),
        ("绿茶", "lv cha"),
        ("Dirty", ""),
        ("", ""),
        ("🍵", ""),
    ],
)
def test_pinyin_is_what_people_type(name: str, syllables: str) -> None:
    assert pinyin(name) == syllables


def test_a_program_loads_the_pinyin_library_only_when_a_name_is_written() -> None:
    """Loading the library takes 55 MiB of memory and most of a second."""
    script = "import sys, django; django.setup(); import cafe.wsgi; print('pypinyin' in sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "cafe.settings"}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
