"""Insert orders with `bulk_create`: `python -m bench.data.fill_orders COUNT` with the café's environment."""

import sys
from datetime import timedelta
from decimal import Decimal

A_DAY = 1000  # orders a day: a number is unique within its day
OPEN = 40  # the newest; all others are completed


def main(count: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from menu.models import Item
    from orders.models import FORWARD, Order, OrderEvent, OrderLine, Status

    items, now = list(Item.objects.all()), timezone.now()
    orders = Order.objects.bulk_create(
        [
            Order(
                number=1 + index % A_DAY,
                business_day=timezone.localdate() - timedelta(days=index // A_DAY),
                customer_name=f"Customer {index}",
                status=Status.PENDING if index < OPEN else Status.COMPLETED,
                total=Decimal("38.00"),
                placed_at=now - timedelta(minutes=index),
                moved_at=now - timedelta(minutes=index),
            )
            for index in range(count)
        ],
        batch_size=1000,
    )
    with_keys = orders if orders[0].pk else list(Order.objects.all())
    lines = [_line(OrderLine, order, item) for order in with_keys for item in (items[order.number % 40], items[0])]
    OrderLine.objects.bulk_create(lines, batch_size=1000)
    steps = [("", Status.PENDING), *FORWARD.items()]
    events = [
        OrderEvent(order=order, from_status=before, to_status=to, at=order.placed_at)
        for order in with_keys
        for before, to in (steps[:1] if order.status == Status.PENDING else steps)
    ]
    OrderEvent.objects.bulk_create(events, batch_size=1000)
    print(len(orders), "orders,", len(lines), "lines")


def _line(kind, order, item):
    names = {"name_en": item.name_en, "name_zh_hans": item.name_zh_hans}
    return kind(order=order, item_id=item.pk, item_slug=item.slug, **names, unit_price=Decimal("19.00"), quantity=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
