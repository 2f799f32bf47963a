from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="allergens",
            field=models.CharField(blank=True, db_default="", default="", max_length=150, verbose_name="allergens"),
        ),
        migrations.AddField(
            model_name="orderline",
            name="allergens_are_stated",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="this list of allergens is complete"
            ),
        ),
    ]
