from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, Count, F, Max, Q, When

OPEN = ("pending", "preparing", "ready")


def let_the_newest_hold_its_number(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of open orders with one number, of several days, the newest holds it; the constraint passes over the others."""
    orders = apps.get_model("orders", "Order").objects.using(schema_editor.connection.alias)
    shared = orders.filter(status__in=OPEN).order_by().values_list("number").annotate(times=Count("pk"))
    for number, _times, newest in shared.annotate(newest=Max("pk")).filter(times__gt=1):
        orders.filter(status__in=OPEN, number=number).exclude(pk=newest).update(holds_number=None)


def show_the_history_to_staff(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the permission, which Django itself would make only after all migrations, and give it to both groups."""
    alias = schema_editor.connection.alias
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(alias)
    content_type, _is_new = content_types.get_or_create(app_label="menu", model="availabilitychange")
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    permission, _is_new = permissions.get_or_create(
        content_type=content_type,
        codename="view_availabilitychange",
        defaults={"name": "Can view change of availability"},
    )
    for group in apps.get_model("auth", "Group").objects.using(alias).filter(name__in=["barista", "manager"]):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_end_of_an_order"),
        ("menu", "0008_availability_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="holds_number",
            field=models.BooleanField(db_default=True, default=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="stockmove",
            name="counting_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="counting since"),
        ),
        migrations.RunPython(let_the_newest_hold_its_number, migrations.RunPython.noop),
        migrations.AddField(
            model_name="order",
            name="open_number",
            field=models.GeneratedField(
                db_persist=False,
                expression=Case(When(Q(holds_number=True, status__in=OPEN), then=F("number"))),
                output_field=models.PositiveIntegerField(null=True),
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("open_number",), name="order_number_open_once"),
        ),
        migrations.RunPython(show_the_history_to_staff, migrations.RunPython.noop),
    ]
