"""Payments may be written off, and the bar finds money that is owed back by an index.

It only widens: the release before reads and writes the same rows meanwhile, and shows the new value as it is.
"""

from django.db import migrations, models
from django.db.models import Q

PAYMENTS = [
    ("unpaid", "Unpaid"),
    ("paid", "Paid"),
    ("refunded", "Refunded"),
    ("written_off", "Gone without paying"),
]


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_counting_since")]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="payment_status",
            field=models.CharField(choices=PAYMENTS, default="unpaid", max_length=20, verbose_name="payment"),
        ),
        migrations.AlterField(
            model_name="orderevent",
            name="from_status",
            field=models.CharField(blank=True, max_length=20, verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="orderevent",
            name="to_status",
            field=models.CharField(max_length=20, verbose_name="to"),
        ),
        migrations.RemoveConstraint(model_name="order", name="order_payment_known"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(payment_status__in=[value for value, _label in PAYMENTS]), name="order_payment_known"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["status", "payment_status", "placed_at"], name="order_status_payment"),
        ),
        migrations.RemoveIndex(model_name="order", name="order_bar"),
    ]
