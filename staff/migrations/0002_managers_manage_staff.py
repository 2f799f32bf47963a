from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_managers_manage_staff(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the group its permission, which Django itself would make only after all migrations."""
    alias = schema_editor.connection.alias
    content_type, _is_new = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(alias)
        .get_or_create(app_label="staff", model="member")
    )
    permission, _is_new = (
        apps.get_model("auth", "Permission")
        .objects.using(alias)
        .get_or_create(content_type=content_type, codename="manage_staff", defaults={"name": "Can manage staff"})
    )
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name="manager"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_initial"),
        ("orders", "0002_staff_groups"),
    ]

    operations = [migrations.RunPython(let_managers_manage_staff, migrations.RunPython.noop)]
