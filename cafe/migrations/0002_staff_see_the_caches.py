from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_staff_see(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give both groups the permission, which Django itself would make only after all migrations."""
    alias = schema_editor.connection.alias
    content_type, _is_new = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(alias)
        .get_or_create(app_label="cafe", model="cacheminute")
    )
    permission, _is_new = (
        apps.get_model("auth", "Permission")
        .objects.using(alias)
        .get_or_create(
            content_type=content_type,
            codename="view_cacheminute",
            defaults={"name": "Can view minute of a cache"},
        )
    )
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=["barista", "manager"]):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("cafe", "0001_cache_minutes"),
        ("orders", "0002_staff_groups"),
    ]

    operations = [migrations.RunPython(let_staff_see, migrations.RunPython.noop)]
