"""The ceiling of a write: a bare Django view that reads an order's JSON and runs one INSERT through the ORM.

`DJANGO_SETTINGS_MODULE=bench.baselines.one_insert_settings`, the café's environment and gunicorn.conf.py serve it;
`python -m bench.baselines.one_insert COUNT` creates its table with that many rows. It validates nothing and
guarantees nothing.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.baselines.one_insert_settings")
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - these need the settings
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402


class OneInsert(models.Model):
    """The columns that the course's program stores of an order."""

    customer_name = models.CharField(max_length=100)
    coffee_type = models.CharField(max_length=50)
    quantity = models.IntegerField()
    total_price = models.DecimalField(max_digits=10, decimal_places=2)
    status = models.CharField(max_length=20, default="pending")
    order_time = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "peers"
        managed = False
        db_table = "bench_one_insert"

    def __str__(self) -> str:
        return f"{self.pk}"


def orders(request: HttpRequest) -> JsonResponse:
    wanted = json.loads(request.body)
    placed = OneInsert.objects.create(
        customer_name=wanted["customer_name"],
        coffee_type=wanted["coffee_type"],
        quantity=wanted["quantity"],
        total_price=wanted["total_price"],
    )
    return JsonResponse({"order_id": placed.pk, "message": "Order created successfully"}, status=201)


def ready(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy"})


urlpatterns = [path("api/orders", orders), path("health/ready/", ready)]


def make_table(rows: int) -> None:
    """Recreate the table, with `rows` rows."""
    with connection.schema_editor() as editor:
        editor.execute(f"DROP TABLE IF EXISTS {OneInsert._meta.db_table}")
        editor.create_model(OneInsert)
    row = {"customer_name": "Customer", "coffee_type": "latte", "quantity": 1, "total_price": "38.00"}
    OneInsert.objects.bulk_create([OneInsert(**row) for _row in range(rows)], batch_size=1000)


class Alone:
    """Django's own WSGI application, with the `open` method that gunicorn.conf.py calls in each process."""

    def __init__(self) -> None:
        self._django = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._django(environ, start_response)

    def open(self) -> None:
        """Start nothing: no background thread runs in this process."""


application = Alone()

if __name__ == "__main__":
    make_table(int(sys.argv[1]))
