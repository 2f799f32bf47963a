from typing import Any

from django.db import migrations, models

from menu.photos.encoding import small_photo


def make_small_ones(apps: Any, schema_editor: Any) -> None:
    pictures = apps.get_model("menu", "Picture").objects.using(schema_editor.connection.alias)
    for key in list(pictures.filter(small=None).values_list("pk", flat=True)):
        content = bytes(pictures.values_list("content", flat=True).get(pk=key))
        pictures.filter(pk=key).update(small=small_photo(content))


class Migration(migrations.Migration):
    dependencies = [
        ("menu", "0003_items_by_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="small",
            field=models.BinaryField(null=True, verbose_name="small"),
        ),
        migrations.RunPython(make_small_ones, migrations.RunPython.noop, elidable=True),
    ]
