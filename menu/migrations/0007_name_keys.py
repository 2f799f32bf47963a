from typing import Any

from django.db import migrations

import menu.derived_fields

COLUMNS = ["name_en_key", "name_zh_hans_key", "name_pinyin", "description_pinyin"]
AT_ONCE = 200


def fill(apps: Any, schema_editor: Any) -> None:
    """Compute the new columns of the items that there are. No cached menu changes by it, so the version stays."""
    items = apps.get_model("menu", "Item").objects.using(schema_editor.connection.alias)
    rows = list(items.only("name_en", "name_zh_hans", "description_zh_hans", *COLUMNS).order_by("pk"))
    for row in rows:
        menu.derived_fields.derive_all(row)
    items.bulk_update(rows, COLUMNS, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("menu", "0006_allergens"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="name_en_key",
            field=menu.derived_fields.NameKeyField(
                blank=True, db_default="", db_index=True, default="", editable=False, max_length=32, source="name_en"
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="name_zh_hans_key",
            field=menu.derived_fields.NameKeyField(
                blank=True,
                db_default="",
                db_index=True,
                default="",
                editable=False,
                max_length=32,
                source="name_zh_hans",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="name_pinyin",
            field=menu.derived_fields.PinyinField(
                blank=True, db_default="", default="", editable=False, max_length=840, source="name_zh_hans"
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="description_pinyin",
            field=menu.derived_fields.PinyinField(
                blank=True, db_default="", default="", editable=False, max_length=840, source="description_zh_hans"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
