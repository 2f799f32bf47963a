from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BARISTA = {
    "menu": ["view_category", "view_item", "view_optiongroup", "view_option", "view_picture"],
    "orders": [
        "work_bar",
        "view_order",
        "view_orderline",
        "view_orderevent",
        "view_stock",
        "change_stock",
        "add_stock",
        "view_stockmove",
    ],
}
MANAGER = {
    "menu": [
        f"{verb}_{model}"
        for model in ("category", "item", "optiongroup", "option", "picture")
        for verb in ("view", "add", "change", "delete")
    ],
    "orders": [*BARISTA["orders"], "refund_order"],
}
# Models whose permissions are not named "<verb>_<model>".
MODEL_OF = {"work_bar": "order", "refund_order": "order"}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups with their permissions, which Django itself would make only after all migrations."""
    alias = schema_editor.connection.alias
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    content_type_model = apps.get_model("contenttypes", "ContentType")
    for group_name, wanted in (("barista", BARISTA), ("manager", MANAGER)):
        group, _is_new = group_model.objects.using(alias).get_or_create(name=group_name)
        for app_label, codenames in wanted.items():
            for codename in codenames:
                model = MODEL_OF.get(codename) or codename.partition("_")[2]
                content_type, _is_new = content_type_model.objects.using(alias).get_or_create(
                    app_label=app_label, model=model
                )
                permission, _is_new = permission_model.objects.using(alias).get_or_create(
                    content_type=content_type,
                    codename=codename,
                    defaults={"name": f"Can {codename.replace('_', ' ')}"},
                )
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("menu", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
